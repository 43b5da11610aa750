import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  meanGradients,
  plusPlusWeights,
  sumOfChannels,
} from '../../../src/server/explain/support/channelWeights';
import type { LayerValues } from '../../../src/server/explain/support/layerValues';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import type { Trace } from '../../../src/server/run/trace';
import { METHOD_IDS, METHODS } from '../../../src/shared/methods';
import { ask, type ChainLayer, chain, failureOf, traceOf, type Values } from '../run/memoryModel';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
const traces: Trace[] = [];
afterAll(() => {
  for (const trace of traces) trace.dispose();
});

const ones = (...shape: number[]): Values => ({
  shape,
  values: new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(1),
});
const of = (shape: readonly number[], values: readonly number[]): Values => ({ shape, values });
const plain = (className: string, name: string): ChainLayer => ({ className, config: { name } });
const dense = (name: string, kernel: Values, bias: readonly number[]): ChainLayer => ({
  className: 'Dense',
  config: { name, units: bias.length },
  weights: [kernel, of([bias.length], bias)],
});

async function traceOn(layers: readonly ChainLayer[], input: Values): Promise<Trace> {
  const trace = await traceOf(runtime, chain(input.shape, layers), input);
  traces.push(trace);
  return trace;
}

/** Four 2 x 2 channels, [positions, channels]. */
const planes = (...channels: (readonly number[])[]): Float32Array =>
  Float32Array.from([0, 1, 2, 3].flatMap((p) => channels.map((channel) => channel[p] ?? Number.NaN)));
const layerOf = (values: Float32Array): LayerValues => ({
  ref: { node: 'layer', output: 0 },
  shape: [2, 2],
  positions: 4,
  channels: values.length / 4,
  isChannelsFirst: false,
  hasExtent: true,
  values,
});
const close = (values: readonly number[], digits = 5) => values.map((value) => expect.closeTo(value, digits));

describe('channel weights', () => {
  test('of Grad-CAM (deel-ai/xplique, test_grad_cam.py)', () => {
    const g = planes([1, 1, 1, 1], [1, 1, 0, 0], [1, 0.5, 0, 0], [0.5, 0, 0, 0]);
    expect([...meanGradients(layerOf(g), g)]).toEqual([1, 0.5, 0.375, 0.125]);
  });

  test('of Grad-CAM++ in the form of the paper (inputs of deel-ai/xplique, test_grad_cam_pp.py)', () => {
    const g = planes([1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0], [0.5, 0, 0, 0]);
    expect([...plusPlusWeights(layerOf(g), g)]).toEqual(close([2 / 3, 0.5, 0, 2 / 9]));
    expect([...plusPlusWeights(layerOf(g), g, 'xplique')]).toEqual(close([1 / 3, 0.2, 0, 2 / 33]));
  });
});

describe('the toy of Captum', () => {
  const toy = () =>
    traceOn(
      [
        {
          className: 'Conv2D',
          config: { name: 'conv1', filters: 2, kernel_size: 3 },
          weights: [ones(3, 3, 1, 2), of([2], [-50, -75])],
        },
        plain('ReLU', 'relu1'),
        plain('Flatten', 'flat'),
        dense('out', of([8, 1], [1, 1, 1, -1, 1, -1, 1, -1]), [0]),
      ],
      of(
        [4, 4, 1],
        Array.from({ length: 16 }, (_, i) => i),
      ),
    );

  test('Grad-CAM of each channel at conv1 (test_grad_cam.py)', async () => {
    const trace = await toy();
    const at = layerOf(Float32Array.from(trace.at('conv1').outputs[0]?.dataSync() ?? []));
    const gradient = Float32Array.from([0, 0, 1, 0, 1, -1, 1, -1]);
    const weights = meanGradients(at, gradient);
    const only = (channel: number) => [
      ...sumOfChannels(at, (i, c) => (c === channel ? (weights[c] ?? 0) * (at.values[i] ?? 0) : 0)),
    ];
    expect(only(0)).toEqual([-3.75, 3, 23.25, 30]);
    expect(only(1)).toEqual([15, 10.5, -3, -7.5]);
    const { raw } = await ask(trace, { layer: 'conv1' });
    expect([...raw.values]).toEqual([11.25, 13.5, 20.25, 22.5]);
  });

  test.each([
    ['xgrad-cam', 'conv1', [-26.357143, -10.414286, 37.414286, 53.357143]],
    ['eigen-cam', 'relu1', [-19.4419, -15.654904, 11.839155, 23.257649]],
    ['layer-cam', 'relu1', [0, 4, 31, 40]],
  ] as const)('%s at %s keeps its sign in the raw map', async (method, layer, wanted) => {
    const { raw, map } = await ask(await toy(), { method, layer });
    expect(raw.shape).toEqual([2, 2]);
    expect([...raw.values]).toEqual(close(wanted, 3));
    expect([...map.values]).toEqual(
      close(
        wanted.map((value) => Math.max(value, 0)),
        3,
      ),
    );
  });

  test.each([
    ['paper', [0, 0.0761, 0.6854, 1]],
    ['xplique', [0, 0.0788, 0.6957, 1]],
    ['tf-keras-vis', [0, 0.1166, 0.8373, 1]],
  ])('Grad-CAM++ in the form of %s divided by its largest value', async (form, expected) => {
    const { raw } = await ask(await toy(), { method: 'grad-cam++', layer: 'relu1', options: { form } });
    const largest = Math.max(...raw.values);
    expect([...raw.values].map((value) => value / largest)).toEqual(close(expected, 4));
  });

  test.each(['mean', 'max', 'product'])('two layers are fused by their %s', async (fuse) => {
    const trace = await toy();
    const { raw } = await ask(trace, { layer: 'conv1', fusedLayers: ['relu1'], options: { fuse } });
    const [a, b] = [
      [11.25, 13.5, 20.25, 22.5],
      [0, 4, 28, 32.5],
    ];
    const unit = (x: number, low: number, high: number) => (x - low) / (high - low);
    const wanted = (a ?? []).map((x, i) => {
      const y = b?.[i] ?? 0;
      if (fuse === 'product') return unit(x, 11.25, 22.5) * unit(y, 0, 32.5);
      return fuse === 'max' ? Math.max(x / 22.5, y / 32.5) : (x / 22.5 + y / 32.5) / 2;
    });
    expect([...raw.values]).toEqual(close(wanted));
  });
});

test('at a layer without space, Grad-CAM is the sum of gradient x activation (Captum, test_grad_cam.py)', async () => {
  const identity = of([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const trace = await traceOn(
    [
      dense('linear0', identity, [0, 0, 0]),
      dense('linear1', ones(3, 4), [-10, 1, 1, 1]),
      plain('ReLU', 'relu'),
      dense('linear2', ones(4, 2), [-1, 1]),
    ],
    of([3], [0, 100, 0]),
  );
  const { raw, header } = await ask(trace, { layer: 'linear0', target: { index: 0 } });
  expect(raw).toEqual({ shape: [1], values: Float32Array.from([400]) });
  expect(header.sentence).toMatch(/, at linear0, 1 position$/);
  expect(header.notices).toEqual([
    'Layer "linear0" has no extent in space or time: the map is one number, the sum over its units.',
  ]);
});

test('the look-alikes are subtracted before the ReLU (torch-cam, test_methods_gradient.py)', async () => {
  const trace = await traceOn(
    [
      {
        className: 'Conv2D',
        config: { name: 'conv', filters: 1, kernel_size: 1 },
        weights: [ones(1, 1, 1, 1), of([1], [0])],
      },
      plain('GlobalAveragePooling2D', 'pool'),
      dense('out', of([1, 3], [1, 3, -1]), [0, 0, 0]),
    ],
    ones(2, 2, 1),
  );
  const { raw } = await ask(trace, { layer: 'conv', target: { index: 0, versus: 'look-alikes' } });
  expect([...raw.values]).toEqual([0, 0, 0, 0]);
});

test('channels first give the map of channels last', async () => {
  const x = Array.from({ length: 12 }, (_, i) => (i % 5) - 1);
  const kernel = of([1, 1, 2, 3], [1, -1, 2, 0.5, 1, -2]);
  const head = (order: string): ChainLayer[] => [
    {
      className: 'Conv2D',
      config: { name: 'conv', filters: 3, kernel_size: 1, activation: 'relu', data_format: order },
      weights: [kernel, of([3], [0, 0.5, 1])],
    },
    { className: 'GlobalAveragePooling2D', config: { name: 'pool', data_format: order } },
    dense('out', of([3, 2], [1, 2, -1, 0.5, 0.25, 1]), [0, 0]),
  ];
  const first = [0, 1].flatMap((c) => [0, 1, 2, 3, 4, 5].map((p) => x[p * 2 + c] ?? 0));
  const last = await traceOn(head('channels_last'), of([2, 3, 2], x));
  const other = await traceOn(head('channels_first'), of([2, 2, 3], first));
  for (const method of METHOD_IDS.filter((id) => METHODS[id].group === 'Class activation')) {
    const [a, b] = [await ask(last, { method, layer: 'conv' }), await ask(other, { method, layer: 'conv' })];
    expect(b.raw.shape, method).toEqual([2, 3]);
    expect([...b.raw.values], method).toEqual(close([...a.raw.values]));
  }
});

describe('CAM', () => {
  const conv = (name: string, activation = 'relu'): ChainLayer => ({
    className: 'Conv2D',
    config: { name, filters: 2, kernel_size: 1, activation },
    weights: [of([1, 1, 2, 2], [1, -1, 0.5, 2]), of([2], [0.25, 0])],
  });
  const x = of([2, 2, 2], [1, -1, 2, 0.5, -1, 3, 0, 1]);
  const out = dense('out', of([2, 3], [1, 2, -1, 0.5, 0.25, 1]), [0, 1, 2]);
  const pool = plain('GlobalAveragePooling2D', 'pool');
  const drop: ChainLayer = { className: 'Dropout', config: { name: 'drop', rate: 0.5 } };

  test.each([
    ['directly', [pool, out]],
    [
      'with dropout, ReLU and Softmax',
      [drop, pool, plain('Flatten', 'flat'), plain('ReLU', 're'), out, plain('Softmax', 'p')],
    ],
  ] as const)('is H * W times Grad-CAM, HiResCAM and XGrad-CAM, %s', async (_, head) => {
    const trace = await traceOn([conv('a'), conv('b'), ...head], x);
    for (const target of [{ index: 0 }, { index: 1, versus: 2 }]) {
      const { raw, header } = await ask(trace, { method: 'cam', target });
      expect(header.layer).toBe('b');
      const features = trace.at('b').outputs[0]?.dataSync() ?? [];
      const kernel = target.index === 0 ? [1, 0.5] : [3, -0.75];
      const wanted = [0, 1, 2, 3].map((p) =>
        kernel.reduce((sum, w, c) => sum + w * (features[p * 2 + c] ?? 0), 0),
      );
      expect([...raw.values]).toEqual(close(wanted));
      for (const method of ['grad-cam', 'hires-cam', 'xgrad-cam'] as const) {
        const other = await ask(trace, { method, layer: 'b', target });
        expect(
          [...other.raw.values].map((value) => value * 4),
          method,
        ).toEqual(close(wanted));
      }
    }
  });

  test('names the layer that it is for', async () => {
    const trace = await traceOn([conv('a'), conv('b'), pool, out], x);
    const error = await failureOf(ask(trace, { method: 'cam', layer: 'a' }));
    expect(error.message).toBe('CAM weights the layer that feeds "pool", not "a".');
    expect(error.remedy).toContain('"b"');
  });

  test('is refused where two Dense layers follow the pooling', async () => {
    const two = [dense('hidden', of([2, 2], [1, 2, 3, 4]), [0, 0]), out];
    const trace = await traceOn([conv('a'), pool, ...two], x);
    expect((await failureOf(ask(trace, { method: 'cam' }))).kind).toBe('not-applicable');
  });
});

describe('Score-CAM', () => {
  test('tries the channels that vary most', async () => {
    const layers: ChainLayer[] = [
      {
        className: 'Conv2D',
        config: { name: 'conv', filters: 3, kernel_size: 1 },
        weights: [of([1, 1, 1, 3], [1, 3, 2]), of([3], [0, 0, 0])],
      },
      plain('Flatten', 'flat'),
      dense('out', of([12, 1], new Array<number>(12).fill(1)), [5]),
    ];
    const trace = await traceOn(layers, of([2, 2, 1], [1, 2, 3, 4]));
    const { raw, header } = await ask(trace, {
      method: 'score-cam',
      layer: 'conv',
      options: { channels: 1 },
    });
    // Channel 1 scales to [0, 1/3, 2/3, 1]; the sum of x under it is 20 / 3, and every channel adds its factor.
    expect([...raw.values]).toEqual(
      close(
        [3, 6, 9, 12].map((value) => (value * 6 * 20) / 3),
        3,
      ),
    );
    expect(header.cost.forward).toBe(1 + 2);
  });

  test('is refused where no input has the axes of the layer', async () => {
    const trace = await traceOn(
      [dense('hidden', of([2, 2], [1, 2, 3, 4]), [0, 0]), dense('out', of([2, 1], [1, 1]), [0])],
      of([2], [1, 2]),
    );
    const error = await failureOf(ask(trace, { method: 'score-cam', layer: 'hidden' }));
    expect(error).toMatchObject({ kind: 'not-applicable', subject: 'hidden' });
  });
});

test('Ablation-CAM of a negative score counts what lowers it further as evidence', async () => {
  const trace = await traceOn(
    [
      {
        className: 'Conv1D',
        config: { name: 'conv', filters: 2, kernel_size: 1 },
        weights: [of([1, 1, 2], [1, 1]), of([2], [0, 0])],
      },
      plain('GlobalAveragePooling1D', 'pool'),
      dense('out', of([2, 1], [1, -3]), [0]),
    ],
    of([2, 1], [2, 4]),
  );
  // The score is 3 - 9 = -6; without channel 0 it is -9, without channel 1 it is 3.
  const { raw } = await ask(trace, { method: 'ablation-cam', layer: 'conv', target: { index: 0 } });
  expect([...raw.values]).toEqual(close([2 * (0.5 - 1.5), 4 * (0.5 - 1.5)]));
});

test('an input beside those that the model takes has no values to explain', async () => {
  const model = chain([2, 2, 1], [plain('Flatten', 'flat'), dense('out', ones(4, 1), [0])]);
  // As in a file that names a layer in the middle as its input.
  const trace = await traceOf(
    runtime,
    { ...model, graph: { ...model.graph, inputs: ['flat'] } },
    of([4], [1, 2, 3, 4]),
  );
  traces.push(trace);
  expect(await failureOf(ask(trace, { layer: 'x' }))).toMatchObject({
    kind: 'unknown-layer',
    message: 'Layer "x" has no values here: no input of the model reaches it.',
  });
});
