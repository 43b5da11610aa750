import { expect, test } from 'vitest';
import type { CallArguments } from '../../../src/server/graph/callArguments';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { buildOpGraph } from '../../../src/server/graph/tensorflow/buildOpGraph';
import type { Constant } from '../../../src/server/graph/tensorflow/opGraphSource';
import { findKind } from '../../../src/server/kinds/registry';
import { takeAlongAxis } from '../../../src/server/operations/manipulation/gathering';
import { glu } from '../../../src/server/operations/nn/activations';
import { convolution, depthwiseConvolution } from '../../../src/server/operations/nn/layerFunctions';
import type { Operation } from '../../../src/server/operations/operation';
import { findOp } from '../../../src/server/operations/tensorflow/ops';
import { startBackend } from '../../../src/server/run/backends/backend';
import { type Failure, toError } from '../../../src/shared/errors';
import type { Shape } from '../../../src/shared/model';
import { chain, traceOf } from '../run/memoryModel';
import { configOf, kindOf } from './backends';

/** Shapes that no kernel accepts are refused when the graph is built, with the name of the layer or operation. */

const sizes = (...sizes: (number | null)[]): Shape => sizes;

const GRAPH_OPERATIONS: [
  string,
  string,
  number[],
  Record<string, number[]>,
  Record<string, unknown>,
  string,
][] = [
  [
    'different batches of positions',
    'GatherV2',
    [2, 3, 4],
    { at: [3, 2], axis: [] },
    { batch_dims: 1 },
    'differ in their 1',
  ],
  [
    'too many batch axes',
    'GatherV2',
    [2, 3, 4],
    { at: [2, 3], axis: [] },
    { batch_dims: 2 },
    '2 batch axes do not',
  ],
  [
    'other channels',
    'Conv2D',
    [1, 5, 5, 4],
    { filter: [2, 2, 3, 6] },
    {},
    'a filter of the shape [2, 2, 3, 6]',
  ],
  [
    'filters that the groups do not divide',
    'Conv2D',
    [1, 5, 5, 4],
    { filter: [2, 2, 2, 5] },
    {},
    'a filter of the shape [2, 2, 2, 5]',
  ],
  ['no channels', 'Conv2D', [1, 5, 5, 4], { filter: [2, 2, 0, 5] }, {}, 'a filter of the shape [2, 2, 0, 5]'],
  ['other channels', 'Conv3D', [1, 5, 5, 5, 4], { filter: [2, 2, 2, 3, 6] }, {}, 'a filter of the shape'],
  [
    'other channels',
    'DepthwiseConv2dNative',
    [1, 5, 5, 4],
    { filter: [2, 2, 3, 1] },
    {},
    'a filter of the shape',
  ],
  [
    'a bias of another size',
    'BiasAdd',
    [1, 5, 5, 1],
    { bias: [3] },
    {},
    'a row of the shape [3] does not fit the channels',
  ],
  [
    'one bias for all channels',
    'BiasAdd',
    [1, 5, 5, 3],
    { bias: [1] },
    {},
    'a row of the shape [1] does not fit the channels',
  ],
  [
    'different rows',
    'Select',
    [3, 4],
    { yes: [3, 4], no: [2, 4] },
    {},
    'a condition [3, 4] cannot choose between',
  ],
  [
    'a condition of another size',
    'Select',
    [2],
    { yes: [3, 4], no: [3, 4] },
    {},
    'a condition [2] cannot choose between',
  ],
  [
    'an empty image',
    'ResizeNearestNeighbor',
    [1, 0, 4, 3],
    { size: [2] },
    {},
    'there is nothing to resize in [1, 0, 4, 3]',
  ],
  ['sequences', 'LRN', [3, 2, 7], {}, {}, '[3, 2, 7] is not a shape of images'],
  [
    'statistics of different sizes',
    'FusedBatchNorm',
    [1, 5, 5, 3],
    { scale: [3], offset: [3], mean: [2], variance: [3] },
    {},
    'a row of the shape [2] does not fit the channels',
  ],
];

test.each(GRAPH_OPERATIONS)(
  'a graph operation refuses %s: %s',
  (_, op, shape, operands, attributes, sentence) => {
    const dims = shape.map((size) => ({ size: String(size) }));
    const attr = Object.entries({ padding: 'VALID', ...attributes }).map(([key, value]) => [
      key,
      typeof value === 'number' ? { i: String(value) } : { s: Buffer.from(String(value)).toString('base64') },
    ]);
    const steps = { list: { i: shape.map(() => '1') } };
    const constants = Object.entries(operands).map(([name, sizes]): [string, Constant] => [
      name,
      op === 'GatherV2' || op === 'ResizeNearestNeighbor'
        ? { shape: sizes, dtype: 'int32', values: name === 'axis' ? [1] : [2, 2, 2, 2, 2, 2] }
        : { shape: sizes, dtype: 'float32', values: null },
    ]);
    const graph = buildOpGraph(
      {
        ...({ format: 'tfjs-graph', path: 'model.json', signature: undefined } as const),
        topology: {
          node: [
            {
              name: 'x',
              op: 'Placeholder',
              attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: dims } } },
            },
            ...Object.keys(operands).map((name) => ({ name, op: 'Const' })),
            {
              ...{ name: 'out', op, input: ['x', ...Object.keys(operands)] },
              attr: { ...Object.fromEntries(attr), strides: steps },
            },
          ],
        },
        constants: new Map(constants),
      },
      findOp,
    );
    expect(graph.nodes.get('out')?.notice).toContain(sentence);
  },
);

test('a transposed convolution of a graph accepts only output sizes that lead to its input', () => {
  const out = (sizes: readonly number[], filter: readonly number[]) =>
    buildOpGraph(
      {
        ...({ format: 'tfjs-graph', path: 'model.json', signature: undefined } as const),
        topology: {
          node: [
            {
              ...{ name: 'x', op: 'Placeholder' },
              attr: {
                dtype: { type: 'DT_FLOAT' },
                shape: { shape: { dim: [1, 3, 3, 2].map((size) => ({ size })) } },
              },
            },
            { name: 'sizes', op: 'Const' },
            { name: 'filter', op: 'Const' },
            {
              ...{ name: 'out', op: 'Conv2DBackpropInput', input: ['sizes', 'filter', 'x'] },
              attr: { padding: { s: 'U0FNRQ==' }, strides: { list: { i: ['1', '2', '2', '1'] } } },
            },
          ],
        },
        constants: new Map<string, Constant>([
          ['sizes', { shape: [4], dtype: 'int32', values: [...sizes] }],
          ['filter', { shape: filter, dtype: 'float32', values: null }],
        ]),
      },
      findOp,
    ).nodes.get('out');
  expect(out([1, 6, 5, 4], [3, 3, 4, 2])?.outputShapes).toEqual([[1, 6, 5, 4]]);
  expect(out([1, 6, 224, 4], [3, 3, 4, 2])?.notice).toContain('cannot give the shape [1, 6, 224, 4].');
  expect(out([1, 6, 6, 3], [3, 3, 4, 2])?.notice).toContain('a filter of the shape [3, 3, 4, 2]');
  expect(out([1, 6, 6, 4], [3, 3, 4, 5])?.notice).toContain('a filter of the shape [3, 3, 4, 5]');
});

const OPERATIONS: [string, Operation, Shape[], string][] = [
  ['other positions', takeAlongAxis(1), [sizes(2, 3, 4), sizes(3, 1, 4)], 'do not fit together'],
  ['an odd size', glu(-1, configOf({})), [sizes(null, 5)], 'cannot be halved'],
  [
    'channels that the groups do not divide',
    convolution({ strides: 1 }, configOf({})),
    [sizes(null, 5, 5, 4), sizes(2, 2, 3, 6)],
    'a kernel [2, 2, 3, 6]',
  ],
  [
    'other channels',
    depthwiseConvolution({ strides: 1 }, configOf({})),
    [sizes(null, 5, 5, 4), sizes(2, 2, 2, 1)],
    'kernel [2, 2, 2, 1] should be of the shape [2, 2, 4, 1]',
  ],
];

test.each(OPERATIONS)('a Keras operation refuses %s', (_, operation, shapes, sentence) => {
  expect(() => operation.outputShapes(shapes)).toThrow(sentence);
});

const call = (kwargs: Record<string, unknown>): CallArguments => ({ args: [], kwargs });
const state = (...inputs: number[]) => call({ initial_state: inputs.map((input) => ({ input })) });
const inside = (className: string, config: Record<string, unknown>) => ({ class_name: className, config });
const lstm = { units: 4, activation: 'tanh', recurrent_activation: 'sigmoid', use_bias: true };

const LAYERS: [string, string, Record<string, unknown>, Shape[], CallArguments | undefined, string][] = [
  [
    'a wrong number of scales',
    'Rescaling',
    { scale: [1, 2] },
    [sizes(null, 4, 3)],
    undefined,
    'argument "scale" should be an array that broadcasts to [None, 4, 3]',
  ],
  [
    'a wrong number of variances',
    'Normalization',
    { mean: [1, 2, 3], variance: [1, 2], axis: -1 },
    [sizes(null, 4, 3)],
    undefined,
    'argument "variance" should be an array that broadcasts to [None, 4, 3]',
  ],
  [
    'different batches',
    'Dot',
    { axes: 1 },
    [sizes(2, 4), sizes(3, 4)],
    undefined,
    'cannot multiply a batch of 2 with a batch of 3',
  ],
  [
    'a wrong number of mask values',
    'Masking',
    { mask_value: [0, 0] },
    [sizes(null, 4, 3)],
    undefined,
    'argument "mask_value" should be a number or one per feature of [None, 4, 3]',
  ],
  [
    'states of another size',
    'LSTMCell',
    lstm,
    [sizes(null, 3), sizes(null, 4), sizes(null, 5)],
    undefined,
    'state of shape [None, 5]',
  ],
  [
    'states of another size',
    'LSTM',
    lstm,
    [sizes(null, 6, 3), sizes(null, 4), sizes(null, 5)],
    state(1, 2),
    'state of shape [None, 5]',
  ],
  [
    'a mask of another length',
    'GRU',
    lstm,
    [sizes(null, 6, 3), sizes(null, 5)],
    call({ mask: { input: 1 } }),
    'mask of shape [None, 5]',
  ],
  [
    'states of another size',
    'Bidirectional',
    { layer: inside('GRU', lstm), merge_mode: 'concat' },
    [sizes(null, 6, 3), sizes(null, 4), sizes(null, 5)],
    state(1, 2),
    'state of shape [None, 5]',
  ],
  [
    'sequences from one direction only',
    'Bidirectional',
    {
      ...{ merge_mode: 'concat', layer: inside('GRU', { ...lstm, return_sequences: true }) },
      backward_layer: inside('GRU', { ...lstm, go_backwards: true }),
    },
    [sizes(null, 6, 3)],
    undefined,
    'cannot concat outputs of shapes [None, 6, 4] and [None, 4]',
  ],
  [
    'an axis of another size',
    'EinsumDense',
    { equation: 'abc,cd->abd', output_shape: [5, 7], bias_axes: null },
    [sizes(null, 3, 2)],
    undefined,
    '"output_shape" should be sizes that agree with its input [None, 3, 2]',
  ],
  [
    'different numbers of keys and values',
    'MultiHeadAttention',
    { num_heads: 2, key_dim: 3 },
    [sizes(null, 4, 6), sizes(null, 5, 6), sizes(null, 3, 6)],
    { args: [{ input: 0 }, { input: 1 }, { input: 2 }], kwargs: {} },
    'cannot attend with a query [None, 4, 6] to keys [None, 3, 6] and values [None, 5, 6]',
  ],
  [
    'a mask with too many keys',
    'MultiHeadAttention',
    { num_heads: 2, key_dim: 3 },
    [sizes(null, 4, 6), sizes(null, 5, 6), sizes(null, 4, 7)],
    { args: [{ input: 0 }, { input: 1 }], kwargs: { attention_mask: { input: 2 } } },
    'is given an attention mask [None, 4, 7] for scores [None, 2, 4, 5]',
  ],
];

test.each(LAYERS)('a layer refuses %s: %s', (_, className, config, inputs, called, sentence) => {
  expect(() => kindOf(className).outputShapes(configOf(config), inputs, called)).toThrow(sentence);
});

test('a second call on an input that does not fit the weights', () => {
  const layer = (className: string, name: string, config: Record<string, unknown>, ...inputs: unknown[]) => ({
    ...{ class_name: className, name, config: { name, ...config } },
    inbound_nodes: inputs.flatMap((from) => [[[from, 0, 0, {}]]]),
  });
  const topology = {
    class_name: 'Functional',
    config: {
      name: 'twice',
      layers: [
        layer('InputLayer', 'a', { batch_input_shape: [null, 3] }),
        layer('InputLayer', 'b', { batch_input_shape: [null, 5] }),
        layer('Dense', 'dense', { units: 2, activation: 'linear', use_bias: true }, 'a', 'b'),
      ],
      input_layers: [
        ['a', 0, 0],
        ['b', 0, 0],
      ],
      output_layers: [
        ['dense', 0, 0],
        ['dense', 1, 0],
      ],
    },
  };
  const graph = buildGraph({ topology, format: 'hdf5', kerasVersion: '2.11.0', path: 'm.h5' }, findKind);
  expect(graph.nodes.get('dense')?.outputShapes).toEqual([[null, 2]]);
  expect(graph.nodes.get('dense@2')).toMatchObject({
    outputShapes: [null],
    notice: 'Layer "dense@2" has a kernel of shape [3, 2], but its input needs [5, 2].',
  });
});

test('shapes that are known only when the model runs', async () => {
  const runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
  const weights = [
    { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] },
    { shape: [2], values: [0, 0] },
  ];
  const dense = chain([3], [{ className: 'Dense', config: { name: 'first', units: 2 }, weights }]);
  const failure = async (work: Promise<unknown>): Promise<string> => {
    const thrown = await work.then(
      () => new Error('it did not fail'),
      (error: Failure) => error,
    );
    const { kind, message } = toError(thrown);
    return `${kind}: ${message}`;
  };
  expect(await failure(traceOf(runtime, dense, { shape: [5], values: [1, 2, 3, 4, 5] }))).toBe(
    'bad-config: Layer "first" has a kernel of shape [3, 2], but its input needs [5, 2].',
  );
  const twice = chain([6, 5], [{ className: 'Softmax', config: { name: 'softmax', axis: [1, 1] } }]);
  expect(
    await failure(traceOf(runtime, twice, { shape: [6, 5], values: new Array<number>(30).fill(1) })),
  ).toBe('bad-config: Layer "softmax": argument "axis" should be different axes but is [1,1].');
});
