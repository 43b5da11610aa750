// Targets, scores and methods on the same small models: longer than 400 lines on purpose.

import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { defaultLayer, explainableNodes, resolveLayer } from '../../../src/server/explain/layerChoice';
import { nearOne } from '../../../src/server/explain/sentence';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { startBackend } from '../../../src/server/run/backends/backend';
import { BackwardWalk } from '../../../src/server/run/backward';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import { Failure } from '../../../src/shared/errors';
import { displayMap } from '../../../src/shared/maps/displayMap';
import { functional, graphOf, inputLayer, type LayerJson } from '../graph/configs';
import { ask, type ChainLayer, chain, traceOf, type Values } from '../run/memoryModel';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
const traces: Trace[] = [];
afterEach(() => {
  for (const trace of traces.splice(0)) trace.dispose();
});

const ones = (...shape: number[]): Values => ({
  shape,
  values: new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(1),
});

const conv = (
  name: string,
  filters: number,
  channels: number,
  more: Record<string, unknown> = {},
): ChainLayer => ({
  className: 'Conv2D',
  config: { name, filters, kernel_size: 3, activation: 'relu', padding: 'same', ...more },
  weights: [ones(3, 3, channels, filters), ones(filters)],
});
const plain = (className: string, name: string, config: Record<string, unknown> = {}): ChainLayer => ({
  className,
  config: { name, ...config },
});
const dense = (name: string, from: number, units: number, kind = 'linear'): ChainLayer => ({
  className: 'Dense',
  config: { name, units, activation: kind },
  weights: [ones(from, units), ones(units)],
});

async function traceOn(layers: readonly ChainLayer[], input: Values): Promise<Trace> {
  const trace = await traceOf(runtime, chain(input.shape, layers), input);
  traces.push(trace);
  return trace;
}

async function errorOf(work: Promise<unknown>) {
  const thrown: unknown = await work.catch((error: unknown) => error);
  if (thrown instanceof Failure) return thrown.error;
  throw new Error(`it did not fail as it should: ${String(thrown)}`);
}

describe('the default layer', () => {
  const chosen = (shape: readonly number[], layers: readonly ChainLayer[]) =>
    defaultLayer(chain(shape, layers).graph, 0);
  const head = [plain('GlobalAveragePooling2D', 'gap'), dense('out', 2, 2, 'softmax')];

  test('is the last convolution, not the pooling, padding or dropout after it', () => {
    const layers = [
      conv('a', 2, 1),
      conv('b', 2, 2),
      plain('MaxPooling2D', 'pool', { pool_size: 2 }),
      plain('ZeroPadding2D', 'pad', { padding: 1 }),
      plain('SpatialDropout2D', 'drop', { rate: 0.5 }),
      ...head,
    ];
    expect(chosen([8, 8, 1], layers)).toBe('b');
  });

  test('is the rectifier of the last block where there is one', () => {
    const layers = [
      conv('a', 2, 1, { activation: 'linear' }),
      { ...plain('BatchNormalization', 'bn'), weights: [ones(2), ones(2), ones(2), ones(2)] },
      plain('ReLU', 'relu'),
      ...head,
    ];
    expect(chosen([8, 8, 1], layers)).toBe('relu');
  });

  test('keeps some extent: not a layer of 1 x 1', () => {
    expect(chosen([3, 3, 1], [conv('a', 2, 1), conv('b', 2, 2, { padding: 'valid' }), ...head])).toBe('a');
  });

  test('is none in a model of vectors', () => {
    expect(chosen([4], [dense('a', 4, 3, 'relu'), dense('out', 3, 2, 'softmax')])).toBeNull();
  });

  test('follows the chosen output through several', () => {
    const layer = (
      class_name: string,
      name: string,
      from: string,
      config: Record<string, unknown> = {},
    ): LayerJson => ({
      class_name,
      name,
      config: { name, ...config },
      inbound_nodes: [[[from, 0, 0, {}]]],
    });
    const kernel = { filters: 2, kernel_size: 3, padding: 'same' };
    const layers = [
      inputLayer('x', [null, 8, 8, 1]),
      layer('Conv2D', 'left', 'x', kernel),
      layer('Conv2D', 'right', 'x', kernel),
      layer('GlobalAveragePooling2D', 'a', 'left'),
      layer('GlobalAveragePooling2D', 'b', 'right'),
    ];
    const graph = graphOf(
      functional(
        'm',
        layers,
        [['x', 0, 0]],
        [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
      ),
    );
    expect([0, 1].map((output) => defaultLayer(graph, output))).toEqual(['left', 'right']);
    expect(explainableNodes(graph, 1).map((node) => node.path)).toEqual(['x', 'right']);
    expect(defaultLayer(graph, 2)).toBeNull();
  });

  test('may be in a nested model, and the path of a model names its first output', () => {
    const inner = functional(
      'base',
      [
        inputLayer('in', [null, 8, 8, 1]),
        { ...asJson(conv('c', 2, 1)), name: 'c', inbound_nodes: [[['in', 0, 0, {}]]] },
      ],
      [['in', 0, 0]],
      [['c', 0, 0]],
      [[['x', 0, 0, {}]]],
    );
    const flatten = {
      class_name: 'Flatten',
      name: 'f',
      config: { name: 'f' },
      inbound_nodes: [[['base', 1, 0, {}]]],
    };
    const graph = graphOf(
      functional('m', [inputLayer('x', [null, 8, 8, 1]), inner, flatten], [['x', 0, 0]], [['f', 0, 0]]),
    );
    expect(defaultLayer(graph, 0)).toBe('base/c');
    expect(resolveLayer(graph, 'base')).toEqual({ node: 'base/c', output: 0 });
    expect(() => resolveLayer(graph, 'c')).toThrow('The model has no layer "c".');
  });
});

const asJson = ({ className, config }: ChainLayer) => ({ class_name: className, config });

describe('where the score is read', () => {
  test('a net that ends in a convolution is explained at that convolution, too', async () => {
    const trace = await traceOn([conv('only', 1, 1, { activation: 'linear' })], ones(4, 4, 1));
    const { header, map } = await ask(trace, { target: { index: 0, region: [1, 1, 2, 2] } });
    expect(header.layer).toBe('only');
    expect(header.target.positions).toEqual({ count: 1, total: 16, grid: [4, 4], what: '1, 1 to 2, 2' });
    expect(Math.max(...map.values)).toBeGreaterThan(0);
  });

  test('a map at the activation of the score itself is refused', async () => {
    const trace = await traceOn([conv('a', 1, 1), conv('b', 1, 1, { activation: 'sigmoid' })], ones(4, 4, 1));
    const error = await errorOf(ask(trace, { layer: 'b', target: { index: 1 } }));
    expect(error).toMatchObject({ kind: 'not-applicable', subject: 'b' });
    expect(error.message).toBe('The score is read before the activation of "b", not after it.');
    const probable = await ask(trace, { layer: 'b', target: { index: 1, score: 'probability' } });
    expect(Math.max(...probable.map.values)).toBeGreaterThan(0);
  });

  test('dropout at the end is skipped', async () => {
    const trace = await traceOn(
      [dense('out', 3, 2, 'softmax'), plain('Dropout', 'drop', { rate: 0.5 })],
      ones(3),
    );
    const { header } = await ask(trace, { method: 'saliency' });
    expect(header.predictions[0]).toMatchObject({ logit: 4, probability: expect.closeTo(0.5, 6) });
  });

  test('the logits of a separate softmax layer are its inputs', async () => {
    const trace = await traceOn([dense('out', 3, 2), plain('Softmax', 'soft')], ones(3));
    expect((await ask(trace, { method: 'saliency' })).header.predictions[0]?.logit).toBe(4);
  });

  test('an output without probabilities has none', async () => {
    const trace = await traceOn([dense('out', 3, 2)], ones(3));
    const { header } = await ask(trace, { method: 'saliency', target: { index: 1, negative: true } });
    expect(header.target).toMatchObject({ value: -4, probability: null, negative: true });
    expect(header.sentence).toBe(
      'Gradient saliency of evidence against class 1, score -4, at x, 3 positions',
    );
  });

  test('a single output that is not a probability is not a class', async () => {
    const trace = await traceOn([dense('out', 3, 1)], ones(3));
    const { header } = await ask(trace, { method: 'saliency' });
    expect(header).toMatchObject({ binary: false, units: 1 });
    expect(header.sentence).toMatch(/^Gradient saliency of the output, score .*, at x, 3 positions$/);
  });

  test('two sigmoid units are not the two classes of one', async () => {
    const trace = await traceOn([dense('out', 3, 2, 'sigmoid')], ones(3));
    const { header } = await ask(trace, { method: 'saliency', target: { index: 0, negative: true } });
    expect(header.target).toMatchObject({ index: 0, value: -4 });
    expect(header.predictions).toHaveLength(2);
    expect(header).toMatchObject({ binary: false, units: 2 });
  });

  test('one sigmoid at each of several positions is two classes at each', async () => {
    const unit = dense('out', 3, 1, 'sigmoid');
    const pair = await traceOn([unit], { shape: [2, 3], values: [1, 1, 1, -2, -2, -2] });
    const { header } = await ask(pair, { method: 'saliency', target: { index: 0 } });
    const positions = { count: 1, total: 2, grid: [2], what: 'predicted' };
    expect(header).toMatchObject({ binary: true, units: 2, target: { index: 0, value: 5, positions } });
    const single = await traceOn([unit], ones(3));
    expect((await ask(single, { method: 'saliency' })).header).toMatchObject({ binary: true, units: 2 });
  });
});

test('a gradient that a layer passes to all its inputs is freed once per input', async () => {
  const layers: LayerJson[] = [
    inputLayer('x', [null, 4]),
    {
      class_name: 'Activation',
      name: 'a',
      config: { name: 'a', activation: 'tanh' },
      inbound_nodes: [[['x', 0, 0, {}]]],
    },
    {
      class_name: 'Add',
      name: 'sum',
      config: { name: 'sum' },
      inbound_nodes: [
        [
          ['a', 0, 0, {}],
          ['a', 0, 0, {}],
          ['x', 0, 0, {}],
        ],
      ],
    },
  ];
  const { tf } = runtime;
  const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['sum', 0, 0]]));
  const store = {
    index: async () => ({ layout: 'tfjs' as const, entries: new Map(), groups: new Map() }),
    read: async () => new Float32Array(),
  };
  const before = tf.memory().numTensors;
  const trace = await traceOf(runtime, { graph, store }, { shape: [4], values: [0, 0, 0, 0] });
  const walk = new BackwardWalk(trace, { node: 'sum', output: 0, stage: 'post', gradient: tf.ones([1, 4]) });
  // tanh'(0) = 1: twice through the activation, once around it.
  expect([...((await walk.at('x', 0, NO_CONTROL))?.dataSync() ?? [])]).toEqual([3, 3, 3, 3]);
  expect([...((await walk.at('a', 0, NO_CONTROL))?.dataSync() ?? [])]).toEqual([2, 2, 2, 2]);
  expect([...((await walk.at('sum', 0, NO_CONTROL))?.dataSync() ?? [])]).toEqual([1, 1, 1, 1]);
  walk.dispose();
  trace.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('token ids have no gradient: saliency is that of their embedding, as Grad-CAM there has a map', async () => {
  const layers: ChainLayer[] = [
    { className: 'Embedding', config: { name: 'embed', input_dim: 5, output_dim: 2 }, weights: [ones(5, 2)] },
    plain('GlobalAveragePooling1D', 'gap'),
    dense('out', 2, 2),
  ];
  const trace = await traceOn(layers, { shape: [3], values: [1, 4, 2] });
  // dScore/dEmbedding is a third of the head's weights of 1.
  const saliency = await ask(trace, { method: 'saliency' });
  expect(saliency.raw.shape).toEqual([3, 2]);
  expect([...saliency.map.values]).toEqual(new Array(3).fill(expect.closeTo(1 / 3, 6)));
  const { header, map } = await ask(trace);
  expect(header.layer).toBe('embed');
  expect(map.shape).toEqual([3]);
});

test('channels first: the map covers height and width, not channels', async () => {
  const first = { data_format: 'channels_first' };
  const layers = [
    conv('c', 3, 2, first),
    plain('MaxPooling2D', 'pool', { pool_size: 2, ...first }),
    plain('ReLU', 'act'),
    plain('GlobalAveragePooling2D', 'gap', first),
    dense('out', 3, 2),
  ];
  const trace = await traceOn(layers, ones(2, 8, 6));
  for (const [layer, shape] of [
    ['c', [8, 6]],
    ['act', [4, 3]],
  ] as const) {
    expect((await ask(trace, { layer })).map.shape).toEqual(shape);
  }
  expect((await ask(trace, { method: 'saliency' })).map.shape).toEqual([8, 6]);
});

test('guided Grad-CAM refuses a layer whose map does not cover the input', async () => {
  const layers: ChainLayer[] = [
    plain('Reshape', 'line', { target_shape: [12, 1] }),
    {
      className: 'Conv1D',
      config: { name: 'c', filters: 2, kernel_size: 3, activation: 'relu' },
      weights: [ones(3, 1, 2), ones(2)],
    },
    plain('GlobalAveragePooling1D', 'pool'),
    dense('out', 2, 1),
  ];
  const trace = await traceOn(layers, ones(3, 4, 1));
  const error = await errorOf(ask(trace, { method: 'guided-grad-cam', layer: 'c' }));
  expect(error.kind).toBe('not-applicable');
  expect(error.message).toContain('has 1 axis of space or time and the input has 2');
});

test('a sequence has a map along its length', async () => {
  const layers: ChainLayer[] = [
    {
      className: 'Conv1D',
      config: { name: 'c', filters: 2, kernel_size: 3, activation: 'relu' },
      weights: [ones(3, 4, 2), ones(2)],
    },
    plain('GlobalMaxPooling1D', 'pool'),
    dense('out', 2, 1, 'sigmoid'),
  ];
  const trace = await traceOn(layers, ones(9, 4));
  const { header, map } = await ask(trace);
  expect(map.shape).toEqual([7]);
  expect(header.sentence).toMatch(/at c, 7 positions$/);
  expect(displayMap(map, [9]).shape).toEqual([9]);
});

test.each([
  [0.5, '0.5'],
  [0.99588, /^0\.99/],
  [1 - 8.3e-8, '1 - 8.3e-8'],
  [1, '1'],
  [0, '0'],
  [3e-9, /e-9$/],
])('a probability of %d reads as what it is', (p, wanted) => {
  if (typeof wanted === 'string') expect(nearOne(p)).toBe(wanted);
  else expect(nearOne(p)).toMatch(wanted);
});

test.each([
  [728, '1 - 6.8e-317'],
  [-728, '6.8e-317'],
  [-5000, '3.4e-2172'],
  [40, '1 - 4.2e-18'],
  [30, '1 - 9.4e-14'],
  [25, '1 - 1.4e-11'],
  [0, '0.5'],
])('a sigmoid of %d reads as what it is', (logit, wanted) => {
  expect(nearOne(1 / (1 + Math.exp(-logit)), logit)).toBe(wanted);
});

test('the sentence of a single sigmoid shows the difference to 1, however small', async () => {
  const layers: ChainLayer[] = [
    {
      className: 'Dense',
      config: { name: 'out', units: 1, activation: 'sigmoid' },
      weights: [
        { shape: [1, 1], values: [-728] },
        { shape: [1], values: [0] },
      ],
    },
  ];
  const { header } = await ask(await traceOn(layers, ones(1)), { method: 'saliency' });
  expect(header.sentence).toContain('of class 0, 1 - p = 1 - 6.8e-317,');
});

describe('positions behind a mask', () => {
  const ids = { shape: [5], values: [1, 2, 3, 0, 0] };
  const embedding = (mask_zero: boolean): ChainLayer => ({
    className: 'Embedding',
    config: { name: 'embed', input_dim: 4, output_dim: 1, mask_zero },
    // The padding has a large value, so that its heat would be the largest.
    weights: [{ shape: [4, 1], values: [9, 1, 2, 3] }],
  });
  const head = [plain('GlobalAveragePooling1D', 'gap'), dense('out', 1, 1)];

  test('show no evidence, since the score does not see them, and a notice counts them', async () => {
    const trace = await traceOn([embedding(true), ...head], ids);
    const { header, map } = await ask(trace, { layer: 'embed' });
    expect([...map.values].map((value) => value > 0)).toEqual([true, true, true, false, false]);
    expect(header.notices).toEqual([
      'A mask hides 2 of 5 positions of layer "embed" from the score; they show no evidence.',
    ]);
  });

  test('keep their evidence if the next layer ignores the mask', async () => {
    const conv1d: ChainLayer = {
      className: 'Conv1D',
      config: { name: 'conv', filters: 1, kernel_size: 1 },
      weights: [ones(1, 1, 1), ones(1)],
    };
    const trace = await traceOn([embedding(true), conv1d, ...head], ids);
    const { header, map } = await ask(trace, { layer: 'embed' });
    expect(map.values[4]).toBeGreaterThan(map.values[0] ?? 0);
    expect(header.notices).toEqual([]);
  });

  test('are none without a mask', async () => {
    const trace = await traceOn([embedding(false), ...head], ids);
    const { header, map } = await ask(trace, { layer: 'embed' });
    expect(map.values[4]).toBeGreaterThan(0);
    expect(header.notices).toEqual([]);
  });
});
