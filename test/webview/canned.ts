// What all page tests share, in one place: longer than 400 lines.

import type { Explanation, Prediction } from '../../src/shared/explanation';
import type { LayerValues } from '../../src/shared/layerValues';
import type { LayerRow, ModelSummary, TensorStats, WireTensor } from '../../src/shared/model';
import type { ChannelMap, ChannelTiles, LayerChannels } from '../../src/shared/results/channels';
import type { ExplainChoice, ExplainContext, LayerChoice } from '../../src/shared/view';

/** Results for a fake host: a cat-and-dog model like that of scenario 4, and values whose pixels can be computed. */

export function floats(shape: readonly number[], at: (index: number) => number): WireTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length: count }, (_, i) => at(i));
  return { shape, dtype: 'float32', data: Buffer.from(values.buffer).toString('base64') };
}

export function bytes(shape: readonly number[], at: (index: number) => number): WireTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Uint8Array.from({ length: count }, (_, i) => at(i));
  return { shape, dtype: 'uint8', data: Buffer.from(values).toString('base64') };
}

function row(path: string, className: string, more: Partial<LayerRow> = {}): LayerRow {
  const parts = path.split('/');
  return {
    path,
    name: parts.at(-1) ?? path,
    className,
    outputShapes: [[null, 64, 64, 32]],
    params: 0,
    trainableParams: more.params ?? 0,
    multiplyAdds: 0,
    activationBytes: 131_072,
    inbound: [],
    inboundOutputs: [],
    activation: null,
    parent: parts.length > 1 ? parts.slice(0, -1).join('/') : null,
    isModel: false,
    dtype: 'float32',
    status: 'known',
    calls: 1,
    ...more,
  };
}

export const summary: ModelSummary = {
  format: 'keras',
  name: 'cats_and_dogs',
  className: 'Functional',
  kerasVersion: '3.15.1',
  inputs: [{ name: 'image', shape: [null, 64, 64, 3], dtype: 'float32' }],
  outputs: [{ name: 'dog', shape: [null, 1], dtype: 'float32' }],
  params: { total: 14_846_273, trainable: 131_585, nonTrainable: 14_714_688 },
  multiplyAdds: null,
  activationBytes: null,
  layers: [
    row('image', 'InputLayer', { outputShapes: [[null, 64, 64, 3]] }),
    row('vgg16', 'Functional', {
      outputShapes: [[null, 2, 2, 512]],
      params: 14_714_688,
      multiplyAdds: 1_252_720_640,
      activationBytes: 4_128_768,
      inbound: ['image'],
      inboundOutputs: [0],
      isModel: true,
      outputOrigins: [{ path: 'vgg16/block5_pool', index: 0 }],
    }),
    row('vgg16/block1_conv1', 'Conv2D', {
      outputShapes: [[null, 64, 64, 64]],
      params: 1792,
      multiplyAdds: 7_077_888,
      activationBytes: 1_048_576,
      activation: 'relu',
    }),
    row('vgg16/block5_conv3', 'Conv2D', {
      outputShapes: [[null, 4, 4, 512]],
      params: 2_359_808,
      multiplyAdds: 37_748_736,
      activationBytes: 32_768,
      activation: 'relu',
      inbound: ['vgg16/block1_conv1'],
      inboundOutputs: [0],
    }),
    row('vgg16/block5_pool', 'MaxPooling2D', {
      outputShapes: [[null, 2, 2, 512]],
      inbound: ['vgg16/block5_conv3'],
      inboundOutputs: [0],
    }),
    row('sharpen', 'SharpenLayer', {
      outputShapes: [null],
      status: 'unknown',
      multiplyAdds: null,
      activationBytes: null,
      inbound: ['image'],
      inboundOutputs: [0],
    }),
    row('embed', 'Functional', {
      outputShapes: [
        [null, 32, 32, 8],
        [null, 16, 16, 16],
      ],
      outputOrigins: [
        { path: 'embed/conv_a', index: 0 },
        { path: 'embed/conv_b', index: 0 },
      ],
      isModel: true,
      calls: 3,
      notice: 'Output 0 leaves out the parallel branch embed/conv_b; both meet at embed/add.',
    }),
    row('embed/conv_a', 'Conv2D', { outputShapes: [[null, 32, 32, 8]], activation: 'swish', params: 224 }),
    row('flatten', 'Flatten', {
      outputShapes: [[null, 2048]],
      inbound: ['vgg16', 'embed'],
      inboundOutputs: [0, 0],
    }),
    row('hidden', 'Dense', {
      outputShapes: [[null, 256]],
      params: 524_544,
      multiplyAdds: 524_288,
      activationBytes: 1024,
      activation: 'relu',
      inbound: ['flatten'],
      inboundOutputs: [0],
    }),
    row('dog', 'Dense', {
      outputShapes: [[null, 1]],
      params: 257,
      multiplyAdds: 256,
      activationBytes: 4,
      activation: 'sigmoid',
      inbound: ['hidden'],
      inboundOutputs: [0],
    }),
  ],
  foreignCode: [
    {
      path: 'sharpen',
      what: "In Keras, the class My>SharpenLayer would run its author's Python code; Layerglass never runs it.",
    },
  ],
  notices: [],
};

export const choice: ExplainChoice = {
  modelPath: '/work/cats.keras',
  inputs: [{ kind: 'file', path: '/work/cat.png' }],
  preprocessing: { name: '0..1' },
  method: 'grad-cam',
  layer: 'auto',
  target: { index: 'auto' },
  colourMap: 'viridis',
  opacity: 0.5,
};

export function explainContext(change: Partial<ExplainChoice> = {}): ExplainContext {
  return {
    choice: { ...choice, ...change },
    summary,
    layers: {
      defaultLayer: 'vgg16/block5_conv3',
      attentionLayers: [],
      layers: [
        { path: 'vgg16/block1_conv1', shape: [null, 64, 64, 64] },
        { path: 'vgg16/block5_conv3', shape: [null, 4, 4, 512] },
      ],
    },
    labels: ['cat', 'dog'],
    labelsFrom: 'labels.txt',
    labelNotices: [],
    preprocessingGuess: null,
    inputNames: ['cat.png'],
    typed: [null],
  };
}

const SIZE = 64;

/** The map of class 0 of the sigmoid is a blob at the upper left, that of class 1 one at the lower right. */
export function binaryExplanation(classIndex: 0 | 1): Explanation & { readonly displayMap: WireTensor } {
  const centre = classIndex === 0 ? 0.3 : 0.75;
  const blob = (i: number, size: number) => {
    const x = ((i % size) + 0.5) / size - centre;
    const y = (Math.floor(i / size) + 0.5) / size - centre;
    return Math.exp(-(x * x + y * y) * 14);
  };
  const predictions: readonly Prediction[] = [
    { index: 0, label: 'cat', logit: 16.3, probability: 1 },
    { index: 1, label: 'dog', logit: -16.3, probability: 8.337e-8 },
  ];
  const name = classIndex === 0 ? 'class 0 (cat), 1 - p = 1 - 8.3e-8' : 'class 1 (dog), p = 8.3e-8';
  return {
    method: 'grad-cam',
    options: {},
    display: 'positive',
    cost: { forward: 0, backward: 0 },
    completeness: null,
    input: 'image',
    inputIndex: 0,
    raw: { shape: [4, 4], min: 0.0123, max: 3.217 },
    others: [],
    layer: 'vgg16/block5_conv3',
    target: {
      index: classIndex,
      label: classIndex === 0 ? 'cat' : 'dog',
      negative: classIndex === 0,
      score: 'logit',
      value: classIndex === 0 ? 16.3 : -16.3,
      probability: classIndex === 0 ? 1 : 8.337e-8,
      unit: null,
      versus: [],
      isVersusLookAlikes: false,
      positions: null,
    },
    predictions,
    binary: true,
    units: 2,
    map: { shape: [4, 4], min: 0.0123, max: 3.217, top: 3.217 },
    onInput: true,
    placement: null,
    backend: 'wasm',
    timings: { load: 12, forward: 230, backward: 41, total: 283 },
    sentence: `Grad-CAM of ${name}, at vgg16/block5_conv3, 4 x 4`,
    notices: [],
    rawMap: floats([4, 4], (i) => 3.217 * blob(i, 4)),
    displayMap: floats([SIZE, SIZE], (i) => blob(i, SIZE)),
    inputKey: 'cat.png',
    inputKnown: false,
    inputImage: bytes([SIZE, SIZE, 3], (i) => {
      const pixel = Math.floor(i / 3);
      const x = pixel % SIZE;
      const y = Math.floor(pixel / SIZE);
      return [x * 4, y * 4, ((x >> 3) + (y >> 3)) % 2 === 0 ? 200 : 90][i % 3] ?? 0;
    }),
    inputValues: floats([SIZE, SIZE, 3], (i) => (i % SIZE) / SIZE),
    ...{ names: null, volume: null, mask: null },
  };
}

/** Four of the 1000 classes of a softmax. @param target the row of the class that is explained */
export function softmaxExplanation(target = 0): Explanation {
  const base = binaryExplanation(0);
  const predictions = [
    { index: 281, label: 'tabby', logit: 11.2, probability: 0.8301 },
    { index: 285, label: 'Egyptian cat', logit: 9.5, probability: 0.1514 },
    { index: 282, label: 'tiger cat', logit: 7.1, probability: 0.0137 },
    { index: 7, label: null, logit: -3.25, probability: 4.4e-7 },
  ];
  const row = predictions[target] ?? predictions[0];
  if (row === undefined) throw new Error('no predictions');
  return {
    ...base,
    predictions,
    binary: false,
    units: 1000,
    target: { ...base.target, ...row, negative: false, value: row.logit },
    sentence: `Grad-CAM of class ${row.index} (${row.label}), p = ${row.probability}, at vgg16/block5_conv3, 4 x 4`,
  };
}

/** A sequence of 120 one-hot letters; the map is at the positions of the convolution. */
export function sequenceExplanation(): Explanation {
  const length = 120;
  const peak = (x: number) => Math.exp(-(((x - 42) / 5) ** 2));
  return {
    ...binaryExplanation(1),
    map: { shape: [119], min: 0, max: 0.84, top: 0.84 },
    placement: [{ centre: 0.5, stride: 1, window: 2 }],
    sentence: 'Grad-CAM of class 1 (motif), p = 0.97, at conv, 119',
    rawMap: floats([119], (x) => 0.84 * peak(x)),
    displayMap: floats([1, length], peak),
    inputImage: null,
    inputValues: floats([length, 4], (i) => ((Math.floor(i / 4) * 7) % 4 === i % 4 ? 1 : 0)),
  };
}

/** A plain vector of 12 numbers with evidence for and against. */
export function vectorExplanation(): Explanation {
  const raw = (i: number) => Math.sin(i * 1.1) * (i + 1);
  return {
    ...binaryExplanation(1),
    method: 'saliency',
    map: { shape: [12], min: -9.1, max: 10.5, top: 10.5 },
    placement: [{ centre: 0, stride: 1, window: 1 }],
    sentence: 'Saliency of class 1 (dog), p = 0.97, at features, 12',
    rawMap: floats([12], raw),
    displayMap: floats([1, 12], (i) => Math.max(0, raw(i)) / 10.5),
    inputImage: null,
    inputValues: floats([12], (i) => i / 2),
  };
}

function stats(min: number, max: number, negative: number, zero: number): TensorStats {
  const counts = Array.from({ length: 40 }, (_, bin) => {
    const value = min + ((bin + 0.5) / 40) * (max - min);
    return Math.round(4000 * Math.exp(-((value + 0.4) ** 2)));
  });
  return {
    shape: [1, 14, 14, 64],
    count: 12_544,
    min,
    max,
    mean: (min + max) / 5,
    std: 0.913,
    negative,
    zero,
    nan: 0,
    infinite: 0,
    histogram: { min, max, counts },
  };
}

export const layerChoice: LayerChoice = {
  modelPath: '/work/cats.keras',
  layer: 'vgg16/block5_conv3',
  inputs: [{ kind: 'file', path: '/work/cat.png' }],
  preprocessing: { name: '0..1' },
};

export const layerValues: LayerValues = {
  layer: 'vgg16/block5_conv3',
  className: 'Conv2D',
  activation: 'relu',
  pre: stats(-3.2, 2.71, 8_733, 0),
  post: stats(0, 2.71, 0, 8_733),
  distribution: null,
  check: { largestError: 0, agrees: true },
  shares: { negative: 0.696, deadChannels: 3, channels: 64, saturated: null },
  top: [
    { index: [3, 4, 17], pre: 2.71, post: 2.71, probability: null },
    { index: [3, 5, 17], pre: 2.66, post: 2.66, probability: null },
    { index: [9, 1, 40], pre: 2.5, post: 2.5, probability: null },
  ],
  notices: ['Inference mode: dropout is off, batch normalisation uses its moving statistics.'],
};

export const denseValues: LayerValues = {
  ...layerValues,
  layer: 'dog',
  className: 'Dense',
  activation: 'sigmoid',
  pre: { ...stats(-3.2, 20.5, 1, 0), shape: [1, 1], count: 1 },
  post: { ...stats(0, 1, 0, 0), shape: [1, 1], count: 1 },
  check: { largestError: 5.96e-8, agrees: true },
  shares: { negative: 0, deadChannels: null, channels: 1, saturated: 1 },
  top: [{ index: [0], pre: 16.3, post: 0.99999992, probability: null }],
};

/** 64 channels of 14 x 14: channel c goes from 0 to 0.13 * (c + 1). */
export const layerChannels: LayerChannels = {
  ...{ kind: 'maps', stage: 'post', stages: ['pre', 'post'], total: 64, described: 64 },
  ...{ rows: 14, columns: 14, slices: 1 },
  ranges: channelRanges(64),
  attribution: null,
};

/** Smallest values of 0, largest ones that grow with the channel, and means that fall. */
export function channelRanges(count: number): WireTensor {
  return floats([3, count], (i) => {
    const channel = i % count;
    return [0, 0.13 * (channel + 1), -channel][Math.floor(i / count)] ?? Number.NaN;
  });
}

/** The value of a pixel of a canned channel, as a byte: the first pixel has the smallest, the last one the largest value. */
const byteAt = (channel: number, i: number): number =>
  i === 0 ? 0 : i === 195 ? 254 : ((i % 14) * 18 + Math.floor(i / 14) * channel) % 255;

export function channelTiles(channels: readonly number[]): ChannelTiles {
  return {
    ...{ rows: 14, columns: 14, channels },
    values: bytes([channels.length, 14, 14], (i) => byteAt(channels[Math.floor(i / 196)] ?? 0, i % 196)),
  };
}

export function channelMap(channel: number): ChannelMap {
  return {
    ...{ channel, slice: 0, rows: 14, columns: 14, step: { rows: 1, columns: 1 } },
    values: floats([14, 14], (i) => (byteAt(channel, i) / 254) * 0.13 * (channel + 1)),
    source: {
      ...{ input: 'image', size: [64, 64] },
      field: {
        kind: 'window',
        axes: [
          { size: 10, stride: 4, padding: 3 },
          { size: 10, stride: 4, padding: 3 },
        ],
        gate: null,
      },
      image: bytes([64, 64, 3], (i) => (i * 7) % 256),
    },
  };
}
