import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { CallArguments } from '../../../src/server/graph/callArguments';
import { findKind } from '../../../src/server/kinds/registry';
import type { Shape } from '../../../src/shared/model';
import { functional, graphOf, inputLayer, row } from '../graph/configs';
import { configOf, contextOf, useBackend, valuesOf } from '../layers/backends';

/** `ops.f(input 0, input 1, ...)`, further arguments by position. */
const callOf = (...args: unknown[]): CallArguments => ({ args, kwargs: {} });
const slot = (input: number) => ({ input });

function shapes(
  name: string,
  values: Record<string, unknown>,
  inputs: readonly Shape[],
  call = callOf(...inputs.map((_, i) => slot(i))),
): readonly Shape[] | undefined {
  return findKind(name)?.outputShapes(configOf(values), inputs, call);
}

test('negates a tensor', async () => {
  await useBackend('cpu');
  const x = tf.tensor1d([1, -2]);
  const negative = findKind('ops.Negative');
  const context = { ...contextOf({}), call: callOf(slot(0)) };
  const step = { inputs: [x], outputs: [x], gradients: [tf.tensor1d([3, 4])] };
  const values = [negative?.forward(context, [x])[0], negative?.backward(context, step)[0]];
  expect(values.map((value) => value && valuesOf(value))).toEqual([
    [-1, 2],
    [-3, -4],
  ]);
});

describe('operations that compute a mask', () => {
  test('shapes', () => {
    expect(shapes('ops.NotEqual', {}, [[null, 6, 3]], callOf(slot(0), 0))).toEqual([[null, 6, 3]]);
    expect(shapes('ops.Any', { axis: -1, keepdims: false }, [[null, 6, 3]])).toEqual([[null, 6]]);
    expect(shapes('ops.ExpandDims', { axis: -1 }, [[null, 6]])).toEqual([[null, 6, 1]]);
    const masks = [
      [null, 6, 1],
      [null, 6, 3],
    ];
    expect(shapes('ops.LogicalOr', {}, masks)).toEqual([[null, 6, 3]]);
  });

  test('steps with any value but the mask value', async () => {
    await useBackend('cpu');
    const steps = tf.tensor3d([0, 0, 0, 5], [1, 2, 2]);
    const [differs] =
      findKind('ops.NotEqual')?.forward({ ...contextOf({}), call: callOf(slot(0), 0) }, [steps]) ?? [];
    const context = { ...contextOf({ axis: -1, keepdims: false }), call: callOf(slot(0)) };
    const [counts] = findKind('ops.Any')?.forward(context, differs ? [differs] : []) ?? [];
    expect(counts?.dtype).toBe('bool');
    expect(counts && valuesOf(counts)).toEqual([0, 1]);
  });
});

describe('shapes of unknown sizes', () => {
  test.each<[string, Record<string, unknown>, Shape, readonly unknown[], readonly Shape[]]>([
    ['ops.Reshape', { newshape: [-1, 6] }, [null, 2, 3], [], [[null, 6]]],
    ['ops.Reshape', { newshape: [null, -1] }, [null, 2, 3], [], [[null, null]]],
    ['ops.Split', { indices_or_sections: 2, axis: 1 }, [null, null], [], Array(2).fill([null, null])],
    [
      'ops.Split',
      { indices_or_sections: [1, 4], axis: 1 },
      [null, 6],
      [],
      [
        [null, 1],
        [null, 3],
        [null, 2],
      ],
    ],
    ['ops.GetItem', {}, [null, null, 3], [[{ class_name: '__ellipsis__', config: {} }, 0]], [[null, null]]],
    ['ops.Repeat', { repeats: 2, axis: 1 }, [null, null], [], [[null, null]]],
    ['ops.Sum', { axis: null, keepdims: false }, [null, null], [], [[]]],
    ['ops.Take', { axis: 1 }, [null, null, 3], [[0, 1]], [[null, 2, 3]]],
    ['ops.Matmul', {}, [null, null, 3], [[[1], [1], [1]]], [[null, null, 1]]],
    ['ops.Squeeze', { axis: null }, [null, 1, 3], [], [[null, 3]]],
  ])('%s %j', (name, values, input, more, wanted) => {
    expect(shapes(name, values, [input], callOf(slot(0), ...more))).toEqual(wanted);
  });
});

describe('impossible operations are refused with the name of the layer', () => {
  test.each<[string, Record<string, unknown>, readonly Shape[], readonly unknown[], string]>([
    ['ops.Add', {}, [[null, 2]], ['code'], 'argument "x2" should be a tensor or numbers'],
    [
      'ops.Add',
      {},
      [
        [null, 2],
        [null, 3],
      ],
      [],
      'shapes [None, 2] and [None, 3] do not fit together',
    ],
    ['ops.Reshape', { newshape: [-1, 5] }, [[2, 6]], [], '[2, 6] cannot be reshaped to [-1, 5]'],
    ['ops.Reshape', { newshape: ['x'] }, [[2, 6]], [], 'should be whole numbers'],
    ['ops.Transpose', { axes: [0, 0] }, [[2, 6]], [], 'is not an order of 2 axes'],
    ['ops.Mean', { axis: 4 }, [[2, 6]], [], 'has no axis 4'],
    ['ops.Mean', { axis: [1, -1] }, [[2, 6]], [], 'named twice'],
    ['ops.Tile', { repeats: [-1] }, [[2, 6]], [], 'negative number of times'],
    ['ops.Repeat', { repeats: -2, axis: 0 }, [[2, 6]], [], 'repeated -2 times'],
    ['ops.Split', { indices_or_sections: 4, axis: 1 }, [[2, 6]], [], 'into 4 equal parts'],
    ['ops.Split', { indices_or_sections: 1e9, axis: 1 }, [[2, 1e9]], [], 'too many'],
    ['ops.Unstack', { axis: 1, num: null }, [[2, null]], [], 'unknown size'],
    ['ops.GetItem', {}, [[2, 6]], [[0, 7]], 'no position 7'],
    ['ops.GetItem', {}, [[2, 6]], [[0, 0, 0]], 'does not fit the shape [2, 6]'],
    ['ops.GetItem', {}, [[2, 6]], [[slot(0)]], 'should be positions and slices'],
    ['ops.Cast', { dtype: 'string' }, [[2]], [], 'a dtype of numbers'],
    ['ops.OneHot', { num_classes: -1 }, [[2]], [], '-1 classes'],
    ['ops.TopK', { k: 9 }, [[2, 3]], [], 'no 9 largest'],
    ['ops.Pad', { pad_width: [[1, -1]] }, [[2, 3]], [], 'negative'],
    [
      'ops.Matmul',
      {},
      [
        [2, 3],
        [2, 3],
      ],
      [],
      'cannot be multiplied',
    ],
    [
      'ops.Einsum',
      { subscripts: 'ij,jk->ik' },
      [
        [2, 4],
        [3, 5],
      ],
      [],
      'shapes [2, 4] and [3, 5] differ along "j"',
    ],
    [
      'ops.Einsum',
      { subscripts: 'ij,jk->ik' },
      [
        [2, 4, 1],
        [4, 5],
      ],
      [],
      '"ij" does not fit a tensor of shape [2, 4, 1]',
    ],
    ['ops.Einsum', { subscripts: 'ij,jk->ik' }, [[2, 4]], [], '1 operands do not fit "ij,jk"'],
    ['ops.Einsum', { subscripts: 'ii->i' }, [[4, 4]], [], '"ii" does not fit a tensor of shape [4, 4]'],
    ['ops.Einsum', { subscripts: 'ij->il' }, [[2, 4]], [], 'repeats an axis or has one that no operand has'],
    ['ops.Einsum', { subscripts: 'i j; drop' }, [[2, 4]], [], 'is not an equation of letters'],
    [
      'ops.DepthToSpace',
      { block_size: 2 },
      [[1, 3, 3, 6]],
      [],
      '6 channels do not divide into blocks of 2 x 2',
    ],
    ['ops.DepthToSpace', { block_size: 0 }, [[1, 3, 3, 8]], [], '"block_size" should be a positive integer'],
    ['ops.DepthToSpace', { block_size: 2 }, [[3, 3, 8]], [], '[3, 3, 8] is not a shape of images'],
    [
      'ops.SpaceToDepth',
      { block_size: 2 },
      [[1, 2, 4, 4, 1]],
      [],
      '[1, 2, 4, 4, 1] is not a shape of images',
    ],
    [
      'ops.SpaceToDepth',
      { block_size: 2 },
      [[1, 5, 4, 1]],
      [],
      '5 x 4 pixels do not divide into blocks of 2 x 2',
    ],
  ])('%s %j', (name, values, inputs, more, wanted) => {
    const call = callOf(...inputs.map((_, i) => slot(i)), ...more);
    expect(() => shapes(name, values, inputs, call)).toThrow(wanted);
    expect(() => shapes(name, values, inputs, call)).toThrow('Layer "layer"');
  });
});

describe('functions of TensorFlow in a model of Keras 2', () => {
  const op = (name: string, fn: string, inbound: unknown, className = 'TFOpLambda') => ({
    class_name: className,
    name,
    config: { name, trainable: true, dtype: 'float32', function: fn },
    inbound_nodes: [inbound],
  });
  const graph = (...layers: ReturnType<typeof op>[]) =>
    graphOf(
      functional(
        'm',
        [inputLayer('x', [null, 4, 6]), ...layers],
        [['x', 0, 0]],
        [[layers.at(-1)?.name ?? 'x', 0, 0]],
      ),
    );
  const shapeOf = (...layers: ReturnType<typeof op>[]) => graph(...layers).summary.outputs[0]?.shape;

  test('sizes that the model computes from its own shapes are static', () => {
    const sizes = op('sizes', 'compat.v1.shape', ['x', 0, 0, { out_type: 'int32' }]);
    const last = op('last', '__operators__.getitem', ['sizes', 0, 0, { slice_spec: -1 }], 'SlicingOpLambda');
    const twice = op('twice', 'math.multiply', ['last', 0, 0, { y: 2, name: null }]);
    const list = op('list', 'stack', [
      ['_CONSTANT_VALUE', -1, -1, {}],
      ['twice', 0, 0, {}],
    ]);
    expect(
      shapeOf(sizes, last, twice, list, op('y', 'reshape', ['x', 0, 0, { shape: ['list', 0, 0] }])),
    ).toEqual([null, 12]);
  });

  test('a constant on the left', () => {
    expect(shapeOf(op('y', 'math.subtract', ['_CONSTANT_VALUE', -1, 1.5, { y: ['x', 0, 0] }]))).toEqual([
      null,
      4,
      6,
    ]);
  });

  test.each<[string, ReturnType<typeof op>, string]>([
    ['an unknown function', op('y', 'linalg.svd', ['x', 0, 0, {}]), 'compute the operation "tf.linalg.svd"'],
    [
      'an einsum without its operands',
      op('y', 'einsum', ['_CONSTANT_VALUE', -1, 'ij,jk->ik', {}]),
      '0 operands',
    ],
    [
      'a split into too many parts',
      op('y', 'split', ['x', 0, 0, { num_or_size_splits: 4, axis: 2 }]),
      '4 equal parts',
    ],
    [
      'code in place of a number',
      op('y', 'math.add', ['x', 0, 0, { y: 'import os' }]),
      '"y" should be a tensor',
    ],
    [
      'another order of channels',
      op('y', 'nn.max_pool2d', ['x', 0, 0, { ksize: 2, data_format: 'NCHW' }]),
      'channels',
    ],
  ])('%s: an unknown node with its reason', (_, layer, why) => {
    const found = row(graph(layer), 'y');
    expect(found.unknownBecause).toBe('y');
    expect(found.notice).toContain(why);
  });
});

test('multiply-adds of matrix products', () => {
  const cost = (name: string, values: Record<string, unknown>, inputs: readonly Shape[]) =>
    findKind(name)?.multiplyAdds?.(configOf(values), inputs, [], callOf(...inputs.map((_, i) => slot(i))));
  const a: Shape = [1, 3, 4];
  const b: Shape = [1, 4, 5];
  expect(cost('ops.Matmul', {}, [a, b])).toBe(60);
  expect(cost('ops.Einsum', { subscripts: 'bij,bjk->bik' }, [a, b])).toBe(60);
  expect(cost('ops.Tensordot', { axes: [[2], [1]] }, [a, b])).toBe(60);
  expect(cost('ops.Matmul', {}, [[1, null, 4], b])).toBeNull();
  expect(cost('ops.Add', {}, [a, a])).toBe(0);
});
