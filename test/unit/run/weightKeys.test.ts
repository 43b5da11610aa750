import { expect, test } from 'vitest';
import type { WeightIndex } from '../../../src/server/formats/modelFile';
import type { Graph } from '../../../src/server/graph/graph';
import { findWeights, keysOf } from '../../../src/server/run/weights/weightKeys';
import { dense, failureOf, functional, graphOf, inputLayer, type LayerJson } from '../graph/configs';

const from = (layer: string, call = 0): readonly unknown[] => [[[layer, call, 0, {}]]];

const batchNormalization = (name: string, inbound: readonly unknown[]): LayerJson => ({
  class_name: 'BatchNormalization',
  name,
  config: { name, trainable: true, dtype: 'float32', axis: [1] },
  inbound_nodes: inbound,
});

/** `dense` and `bn` stand at top level and in the nested model `inner`, too. */
function nested(): Graph {
  const inner = functional(
    'inner',
    [inputLayer('in', [null, 4]), dense('dense', 4, from('in')), batchNormalization('bn', from('dense'))],
    [['in', 0, 0]],
    [['bn', 0, 0]],
    from('x'),
  );
  const layers = [
    inputLayer('x', [null, 4]),
    inner,
    dense('dense', 4, from('inner', 1)),
    batchNormalization('bn', from('dense')),
  ];
  return graphOf(functional('m', layers, [['x', 0, 0]], [['bn', 0, 0]]));
}

const KERNEL = [4, 4];
const VECTOR = [4];

function indexOf(
  layout: WeightIndex['layout'],
  shapes: Readonly<Record<string, readonly number[]>>,
  groups: Readonly<Record<string, readonly string[]>> = {},
): WeightIndex {
  const entries = Object.entries(shapes).map(
    ([key, shape]) => [key, { key, shape, dtype: 'float32' }] as const,
  );
  return { layout, entries: new Map(entries), groups: new Map(Object.entries(groups)) };
}

const bn = (prefix: string): Record<string, readonly number[]> =>
  Object.fromEntries(
    ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => [`${prefix}/${name}`, VECTOR]),
  );

test('TensorFlow.js: layers of one name at two levels are told apart by the whole path', () => {
  const index = indexOf('tfjs', {
    'inner/dense/kernel': KERNEL,
    'inner/dense/bias': VECTOR,
    ...bn('inner/bn'),
    'dense/kernel': KERNEL,
    'dense/bias': VECTOR,
    ...bn('bn'),
  });
  const keys = findWeights(nested(), index);
  expect(keys.get('dense')).toEqual(['dense/kernel', 'dense/bias']);
  expect(keys.get('inner/dense')).toEqual(['inner/dense/kernel', 'inner/dense/bias']);
  expect(keys.get('bn')).toEqual(['bn/gamma', 'bn/beta', 'bn/moving_mean', 'bn/moving_variance']);
  expect(keys.get('inner/bn')?.[3]).toBe('inner/bn/moving_variance');
});

test('TensorFlow.js: weights of a layer in another order are found by their own names', () => {
  const index = indexOf('tfjs', { 'd/bias': [3], 'd/kernel': [4, 3] });
  const layers = [inputLayer('x', [null, 4]), dense('d', 3, from('x'))];
  const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['d', 0, 0]]));
  expect(findWeights(graph, index).get('d')).toEqual(['d/kernel', 'd/bias']);
});

test('HDF5: vectors of one length in an order that Keras would not write are found by name', () => {
  // BatchNormalization's four weights have one shape: only their names tell them apart.
  const index = indexOf('hdf5-legacy', bn('bn'), {
    bn: ['bn/moving_mean', 'bn/moving_variance', 'bn/gamma', 'bn/beta'],
  });
  const layers = [inputLayer('x', [null, 4]), batchNormalization('bn', from('x'))];
  const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['bn', 0, 0]]));
  expect(findWeights(graph, index).get('bn')).toEqual([
    'bn/gamma',
    'bn/beta',
    'bn/moving_mean',
    'bn/moving_variance',
  ]);
});

test('HDF5: an unknown layer with weights inside a nested model leaves its neighbours alone', () => {
  const inner = functional(
    'inner',
    [
      inputLayer('in', [null, 4]),
      dense('first', 4, from('in')),
      {
        class_name: 'Own>Odd',
        name: 'odd',
        config: { name: 'odd', trainable: true },
        inbound_nodes: from('first'),
      },
      dense('last', 4, from('in')),
    ],
    [['in', 0, 0]],
    [['last', 0, 0]],
    from('x'),
  );
  const graph = graphOf(
    functional('m', [inputLayer('x', [null, 4]), inner], [['x', 0, 0]], [['inner', 1, 0]]),
  );
  const shapes = {
    'first/kernel:0': KERNEL,
    'first/bias:0': VECTOR,
    'odd/secret:0': VECTOR,
    'last/kernel:0': KERNEL,
    'last/bias:0': VECTOR,
  };
  const keys = findWeights(graph, indexOf('hdf5-legacy', shapes, { inner: Object.keys(shapes) }));
  expect(keys.get('inner/first')).toEqual(['first/kernel:0', 'first/bias:0']);
  expect(keys.get('inner/last')).toEqual(['last/kernel:0', 'last/bias:0']);
});

test('a layer without its weights, or with those of another, fails by name when it is asked for', () => {
  const layers = [inputLayer('x', [null, 4]), dense('d', 3, from('x'))];
  const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['d', 0, 0]]));
  const entry = graph.layers.find((layer) => layer.path === 'd');
  if (!entry) throw new Error('no entry');

  const none = indexOf('tfjs', {});
  const missing = failureOf(() => keysOf(entry, findWeights(graph, none), none));
  expect(missing).toMatchObject({ kind: 'bad-weights', subject: 'd' });
  expect(missing.message).toBe('The file holds no weights for layer "d" (Dense).');

  const wrong = indexOf('tfjs', { 'd/kernel': [9, 3], 'd/bias': [3] });
  const other = failureOf(() => keysOf(entry, findWeights(graph, wrong), wrong));
  expect(other.message).toBe(
    'Layer "d": weight "kernel" should have shape (4, 3) but the file holds (9, 3).',
  );
});

test('HDF5: a frozen layer whose weights Keras lists among the trained ones is found by its name', () => {
  const frozen = dense('a', 4, from('in'));
  const inner = functional(
    'inner',
    [
      inputLayer('in', [null, 4]),
      { ...frozen, config: { ...frozen.config, trainable: false } },
      dense('b', 4, from('a')),
    ],
    [['in', 0, 0]],
    [['b', 0, 0]],
    from('x'),
  );
  const graph = graphOf(
    functional('m', [inputLayer('x', [null, 4]), inner], [['x', 0, 0]], [['inner', 1, 0]]),
  );
  const keys = ['inner/a/kernel', 'inner/a/bias', 'inner/b/kernel', 'inner/b/bias'];
  const shapes = Object.fromEntries(keys.map((key) => [key, key.endsWith('bias') ? VECTOR : KERNEL]));
  const found = findWeights(graph, indexOf('hdf5-legacy', shapes, { inner: keys }));
  expect(found.get('inner/a')).toEqual(keys.slice(0, 2));
  expect(found.get('inner/b')).toEqual(keys.slice(2));
});

test('8 bits in place of a weight are refused where the config does not say what scales them', () => {
  const graph = graphOf(
    functional('m', [inputLayer('x', [null, 4]), dense('d', 3, from('x'))], [['x', 0, 0]], [['d', 0, 0]]),
  );
  const [, entry] = graph.layers;
  if (entry === undefined) throw new Error('no layer');
  const shapes = indexOf('tfjs', { 'd/kernel': [4, 3], 'd/bias': [3] });
  const kernel = { key: 'd/kernel', shape: [4, 3], dtype: 'int8' };
  const index = { ...shapes, entries: new Map([...shapes.entries, ['d/kernel', kernel] as const]) };
  const refused = failureOf(() => keysOf(entry, findWeights(graph, index), index));
  expect(refused.message).toBe(
    'Layer "d": the file holds weight "kernel" as int8, but its config does not say how it is scaled.',
  );
});
