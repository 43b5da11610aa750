import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { findKind } from '../../../src/server/kinds/registry';
import type { Tensor } from '../../../src/server/layers/kind';
import { BACKENDS, configOf, contextOf, useBackend, valuesOf } from './backends';

/** Output and input gradient of one layer for a gradient of ones. */
function run(className: string, values: Record<string, unknown>, x: Tensor, masks: Tensor[] = []) {
  const kind = findKind(className);
  if (kind === undefined) throw new Error(`no ${className}`);
  const context = contextOf(values, [], masks);
  const [out] = kind.forward(context, [x]);
  if (out === undefined) throw new Error('no output');
  expect(kind.outputShapes(configOf(values), [x.shape])).toEqual([out.shape]);
  const [dx] = kind.backward?.(context, { inputs: [x], outputs: [out], gradients: [tf.onesLike(out)] }) ?? [];
  if (!dx) throw new Error('no gradient');
  expect(dx.shape).toEqual(x.shape);
  return { out: valuesOf(out), dx: valuesOf(dx) };
}

const sequence = (...values: number[]): Tensor => tf.tensor3d(values, [1, values.length, 1]);

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('an average leaves padding out', () => {
    const { out, dx } = run(
      'AveragePooling1D',
      { pool_size: 3, strides: 2, padding: 'same' },
      sequence(1, 2, 3, 8),
    );
    expect(out).toEqual([2, 5.5]);
    const expected = [1 / 3, 1 / 3, 1 / 3 + 1 / 2, 1 / 2];
    for (const [i, share] of dx.entries()) expect(share).toBeCloseTo(expected[i] ?? Number.NaN, 6);
  });

  test('a window far larger than its input takes no memory for the padding', () => {
    const config = { pool_size: 1_000_000_000, strides: 2, padding: 'same' };
    const average = run('AveragePooling1D', config, sequence(1, 2, 3, 8));
    expect(average).toEqual({ out: [3.5, 3.5], dx: [0.5, 0.5, 0.5, 0.5] });
    expect(run('MaxPooling1D', config, sequence(1, 2, 3, 8))).toEqual({ out: [8, 8], dx: [0, 0, 0, 2] });
  });

  test('a window of less than twice its input averages the input within it', () => {
    const { out } = run(
      'AveragePooling1D',
      { pool_size: 7, strides: 1, padding: 'same' },
      sequence(1, 2, 3, 8),
    );
    // The window reaches 3 positions to either side.
    expect(out).toEqual([3.5, 3.5, 3.5, 3.5]);
    const wider = run(
      'AveragePooling1D',
      { pool_size: 5, strides: 1, padding: 'same' },
      sequence(1, 2, 3, 8),
    );
    expect(wider.out).toEqual([2, 3.5, 3.5, 13 / 3].map((x) => Math.fround(x)));
  });

  test('padding is never the maximum', () => {
    const { out } = run('MaxPooling1D', { pool_size: 2, padding: 'same' }, sequence(-1, -2, -3));
    expect(out).toEqual([-1, -3]);
  });

  test('the first of equal maxima in a window receives the gradient', () => {
    const { dx } = run('MaxPooling1D', { pool_size: 3, strides: 1 }, sequence(5, 5, 1, 5));
    expect(dx).toEqual([1, 1, 0, 0]);
  });

  test('equal global maxima share the gradient', () => {
    expect(run('GlobalMaxPooling1D', {}, sequence(5, 1, 5, 2)).dx).toEqual([0.5, 0, 0.5, 0]);
  });

  test('a global average leaves out masked steps', () => {
    const mask = tf.tensor2d([[true, false, true, false]], [1, 4], 'bool');
    const { out, dx } = run('GlobalAveragePooling1D', {}, sequence(1, 50, 3, 70), [mask]);
    expect(out).toEqual([2]);
    expect(dx).toEqual([0.5, 0, 0.5, 0]);
  });

  test('each of equal maxima in a 3D window receives the whole gradient, as in TensorFlow', () => {
    const x = tf.tensor5d([5, 1, 5, 2], [1, 2, 1, 2, 1]);
    expect(run('MaxPooling3D', { pool_size: [2, 1, 2] }, x)).toEqual({ out: [5], dx: [1, 0, 1, 0] });
  });

  test('adaptive pooling to one value, for which Keras has no kernel', () => {
    expect(run('AdaptiveMaxPooling1D', { output_size: 1 }, sequence(1, 4, 3))).toEqual({
      out: [4],
      dx: [0, 1, 0],
    });
  });

  test('adaptive pooling to excessive sizes is refused', () => {
    expect(() => run('AdaptiveAveragePooling1D', { output_size: 1e9 }, sequence(1, 2))).toThrow(
      'argument "output_size" should be at most 4096 along each axis',
    );
    expect(() => run('AdaptiveAveragePooling1D', { output_size: 4096 }, tf.zeros([1, 20000, 1]))).toThrow(
      'by the size of its input',
    );
  });

  test('channels first, and keepdims', () => {
    const x = tf.tensor4d([1, 2, 3, 4, 10, 20, 30, 40], [1, 2, 2, 2]);
    const first = { data_format: 'channels_first' };
    expect(run('GlobalMaxPooling2D', { ...first, keepdims: true }, x).out).toEqual([4, 40]);
    expect(run('MaxPooling2D', { ...first, pool_size: 2 }, x).dx).toEqual([0, 0, 0, 1, 0, 0, 0, 1]);
  });
});

test('strides default to the pool size', () => {
  const shapes = findKind('MaxPooling2D')?.outputShapes(configOf({ pool_size: [3, 2], strides: null }), [
    [null, 9, null, 4],
  ]);
  expect(shapes).toEqual([[null, 3, null, 4]]);
});
