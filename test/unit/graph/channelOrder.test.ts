import { describe, expect, test } from 'vitest';
import { spatialLayout } from '../../../src/server/explain/layerChoice';
import { hasChannelsFirst } from '../../../src/server/graph/channelOrder';
import { findKind } from '../../../src/server/kinds/registry';
import { takesChannelsFirst } from '../../../src/server/session/modelInputs';
import { functional, graphOf, inputLayer, type LayerJson } from './configs';

type Step = readonly [className: string, name: string, config?: Record<string, unknown>];

/** A chain from an input `x`; each layer takes the one before it. */
function chainOf(shape: readonly number[], ...steps: Step[]) {
  const layers: LayerJson[] = steps.map(([class_name, name, config], i) => ({
    class_name,
    name,
    config: { name, trainable: true, ...config },
    inbound_nodes: [[[i === 0 ? 'x' : (steps[i - 1]?.[1] ?? ''), 0, 0, {}]]],
  }));
  const last = steps.at(-1)?.[1] ?? 'x';
  return graphOf(
    functional('m', [inputLayer('x', [null, ...shape]), ...layers], [['x', 0, 0]], [[last, 0, 0]]),
  );
}

const conv = (name: string, data_format: string): Step => [
  'Conv2D',
  name,
  { filters: 4, kernel_size: 3, strides: [1, 1], padding: 'same', data_format },
];
const first = (graph: ReturnType<typeof graphOf>) =>
  [...graph.nodes.keys()].filter((path) => hasChannelsFirst(graph, findKind, path));

describe('the channels of an input', () => {
  test.each<[string, readonly number[], boolean, Step[]]>([
    [
      'behind a normalization',
      [3, 9, 8],
      true,
      [['BatchNormalization', 'bn', { axis: 1 }], conv('c', 'channels_first')],
    ],
    [
      'behind several layers',
      [3, 9, 8],
      true,
      [
        ['Rescaling', 's', { scale: 2 }],
        ['Dropout', 'd', { rate: 0.1 }],
        ['Activation', 'a', { activation: 'relu' }],
        conv('c', 'channels_first'),
      ],
    ],
    [
      'with an augmentation that says otherwise',
      [3, 9, 8],
      true,
      [['RandomFlip', 'f', { data_format: 'channels_last' }], conv('c', 'channels_first')],
    ],
    [
      'with a padding',
      [3, 9, 8],
      true,
      [['ZeroPadding2D', 'p', { padding: 1, data_format: 'channels_first' }], conv('c', 'channels_first')],
    ],
    [
      'of a normalization alone',
      [3, 9, 8],
      true,
      [
        ['BatchNormalization', 'bn', { axis: [1] }],
        ['Flatten', 'f', { data_format: 'channels_last' }],
      ],
    ],
    [
      'of a normalization at the end alone',
      [9, 8, 3],
      false,
      [
        ['BatchNormalization', 'bn', { axis: 3 }],
        ['Flatten', 'f', { data_format: 'channels_last' }],
      ],
    ],
    [
      'where a convolution contradicts a normalization',
      [9, 8, 3],
      false,
      [['LayerNormalization', 'n', { axis: 1 }], conv('c', 'channels_last')],
    ],
    [
      'before a Permute to the front',
      [9, 8, 3],
      false,
      [['Permute', 'p', { dims: [3, 1, 2] }], conv('c', 'channels_first')],
    ],
    [
      'before a Permute to the back',
      [3, 9, 8],
      true,
      [['Permute', 'p', { dims: [2, 3, 1] }], conv('c', 'channels_last')],
    ],
    [
      'of a sequence',
      [3, 9],
      true,
      [
        ['BatchNormalization', 'bn', { axis: 1 }],
        ['Conv1D', 'c', { filters: 2, kernel_size: 3, strides: 1, data_format: 'channels_first' }],
      ],
    ],
    [
      'of a global pooling',
      [3, 9, 8],
      true,
      [
        ['Activation', 'a', { activation: 'relu' }],
        ['GlobalAveragePooling2D', 'g', { data_format: 'channels_first' }],
      ],
    ],
    ['without any data format', [9, 8, 3], false, [['Activation', 'a', { activation: 'relu' }]]],
  ])('%s', (_, shape, expected, steps) => {
    const graph = chainOf(shape, ...steps);
    expect(takesChannelsFirst(graph, 0)).toBe(expected);
    const node = graph.nodes.get('x');
    if (!node) throw new Error('no input');
    expect(spatialLayout(graph, node, shape.length + 1).channel).toBe(expected ? 1 : shape.length);
  });

  test('are followed into a nested model', () => {
    const inner = functional(
      'inner',
      [
        inputLayer('in', [null, 3, 9, 8]),
        { ...asLayer(conv('c', 'channels_first')), inbound_nodes: [[['in', 0, 0, {}]]] },
      ],
      [['in', 0, 0]],
      [['c', 0, 0]],
      [[['bn', 0, 0, {}]]],
    );
    const bn = {
      class_name: 'BatchNormalization',
      name: 'bn',
      config: { name: 'bn', axis: 1 },
      inbound_nodes: [[['x', 0, 0, {}]]],
    };
    const graph = graphOf(
      functional('m', [inputLayer('x', [null, 3, 9, 8]), bn, inner], [['x', 0, 0]], [['inner', 1, 0]]),
    );
    expect(takesChannelsFirst(graph, 0)).toBe(true);
  });
});

const asLayer = ([class_name, name, config = {}]: Step): LayerJson => ({
  class_name,
  name,
  config: { name, ...config },
});

test('each side of a Permute has its own order, and the output of a layer has that of the layer', () => {
  const graph = chainOf(
    [8, 8, 3],
    conv('a', 'channels_last'),
    ['ReLU', 'relu'],
    ['Permute', 'p', { dims: [3, 1, 2] }],
    ['BatchNormalization', 'bn', { axis: 1 }],
    conv('b', 'channels_first'),
    ['Activation', 'tanh', { activation: 'tanh' }],
    ['Flatten', 'flat', { data_format: 'channels_last' }],
  );
  expect(first(graph)).toEqual(['p', 'bn', 'b', 'tanh']);
});

test('a transposition as an operation is followed, too', () => {
  const x = {
    class_name: '__keras_tensor__',
    config: { shape: [null, 3, 9, 8], dtype: 'float32', keras_history: ['x', 0, 0] },
  };
  const layers: LayerJson[] = [
    inputLayer('x', [null, 3, 9, 8]),
    {
      class_name: 'Transpose',
      name: 't',
      config: { name: 't', axes: [0, 2, 3, 1] },
      inbound_nodes: [{ args: [x], kwargs: {} }],
    },
    {
      ...asLayer(conv('c', 'channels_last')),
      inbound_nodes: [{ args: [{ ...x, config: { ...x.config, keras_history: ['t', 0, 0] } }], kwargs: {} }],
    },
  ];
  const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['c', 0, 0]]), '3.15.1');
  expect(graph.nodes.get('t')?.className).toBe('ops.Transpose');
  expect(first(graph)).toEqual(['x']);
});
