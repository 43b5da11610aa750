import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { findKind } from '../../../src/server/kinds/registry';
import {
  at,
  type Matrix,
  matrixOf,
  multiply,
  onDiagonal,
  product,
  transposed,
} from '../../../src/server/operations/linearAlgebra/matrix';
import { MAX_SIDE } from '../../../src/server/operations/linearAlgebra/matrixOperation';
import { svd } from '../../../src/server/operations/linearAlgebra/singularValues';
import { symmetricEigen } from '../../../src/server/operations/linearAlgebra/symmetricEigen';
import { Failure } from '../../../src/shared/errors';
import type { Shape } from '../../../src/shared/model';
import { configOf, contextOf, useBackend } from '../layers/backends';

const call = { args: [{ input: 0 }], kwargs: {} };

function shapes(
  name: string,
  input: Shape,
  values: Record<string, unknown> = {},
): readonly Shape[] | undefined {
  return findKind(name)?.outputShapes(configOf(values), [input], call);
}

function failure(work: () => unknown): Failure['error'] | undefined {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.error;
    throw thrown;
  }
  return undefined;
}

/** Reproducible, without structure. */
const mixed = (rows: number, columns: number): Matrix =>
  matrixOf(rows, columns, (i, j) => Math.sin(1 + i * 12.9898 + j * 78.233 + i * j));

const distance = (a: Matrix, b: Matrix): number =>
  a.values.reduce((most, value, i) => Math.max(most, Math.abs(value - (b.values[i] ?? Number.NaN))), 0);

describe('decompositions of matrices larger than any fixture', () => {
  test('a symmetric matrix equals the product of its eigenvalues and vectors', () => {
    const half = mixed(60, 60);
    const a = matrixOf(60, 60, (i, j) => at(half, i, j) + at(half, j, i));
    const { e, v } = symmetricEigen(a);
    expect(distance(product(v, onDiagonal(e), transposed(v)), a)).toBeLessThan(1e-7);
    expect([...e]).toEqual([...e].sort((x, y) => x - y));
  });

  test.each([
    [50, 30],
    [30, 50],
    [40, 40],
  ])('a matrix of %i x %i equals the product of its singular values and vectors', (rows, columns) => {
    const a = mixed(rows, columns);
    const { u, s, v } = svd(a, false);
    expect(distance(product(u, onDiagonal(s), transposed(v)), a)).toBeLessThan(1e-5);
    expect(distance(multiply(transposed(u), u), onDiagonal(s.map(() => 1)))).toBeLessThan(1e-9);
  });

  test('NaN terminates', () => {
    const a = matrixOf(5, 5, () => Number.NaN);
    expect(symmetricEigen(a).e.length).toBe(5);
    expect(svd(a, true).s.length).toBe(5);
  });
});

describe('refusals', () => {
  test('matrices larger than the limit', () => {
    const side = MAX_SIDE + 1;
    expect(failure(() => shapes('ops.Inv', [null, side, side]))).toMatchObject({ kind: 'too-large' });
  });

  test('complex eigenvalues, and vectors whose signs are unknown', () => {
    expect(failure(() => shapes('ops.Eig', [null, 3, 3]))?.message).toContain('complex numbers');
    expect(failure(() => shapes('ops.SVD', [null, 20, 16]))?.message).toContain('signs of singular vectors');
    expect(shapes('ops.SVD', [null, 20, 16], { compute_uv: false })).toEqual([[null, 16]]);
  });

  test('values without a result', async () => {
    await useBackend('cpu');
    const singular = tf.tensor2d([1, 2, 2, 4], [2, 2]);
    const run = (name: string, x: tf.Tensor) => () =>
      findKind(name)?.forward({ ...contextOf({}), call }, [x]);
    expect(failure(run('ops.Inv', singular))).toMatchObject({ kind: 'bad-input' });
    const indefinite = tf.tensor2d([1, 2, 2, 1], [2, 2]);
    expect(failure(run('ops.Cholesky', indefinite))).toMatchObject({ kind: 'bad-input' });
  });
});

test('the work grows with the cube of the side', () => {
  const work = (side: number) =>
    findKind('ops.Inv')?.work?.(configOf({}), [[1, side, side]], [[1, side, side]], call);
  expect(work(20)).toBe(8 * (work(10) ?? 0));
  expect(findKind('ops.Inv')?.multiplyAdds?.(configOf({}), [[1, 9, 9]], [[1, 9, 9]], call)).toBe(0);
});
