import * as l10n from '@vscode/l10n';
import { refuse } from '../operation';
import { at, copyOf, identity, type Matrix, put, swapRows, zeros } from './matrix';

/** `P A = L U`: both factors in one matrix, L's diagonal of ones left out. */
export interface Lu {
  readonly packed: Matrix;
  /** Row i of the factors is this row of A. */
  readonly order: readonly number[];
  /** Of the permutation, 1 or -1. */
  readonly sign: number;
}

/** Gaussian elimination with partial pivoting. */
export function lu(a: Matrix): Lu {
  const packed = copyOf(a);
  const order = Array.from({ length: a.rows }, (_, i) => i);
  let sign = 1;
  for (let k = 0; k < Math.min(a.rows, a.columns); k++) {
    let pivot = k;
    for (let i = k + 1; i < a.rows; i++) {
      if (Math.abs(at(packed, i, k)) > Math.abs(at(packed, pivot, k))) pivot = i;
    }
    if (pivot !== k) {
      swapRows(packed, k, pivot);
      [order[k], order[pivot]] = [order[pivot] ?? 0, order[k] ?? 0];
      sign = -sign;
    }
    if (at(packed, k, k) === 0) continue;
    for (let i = k + 1; i < a.rows; i++) {
      const factor = at(packed, i, k) / at(packed, k, k);
      put(packed, i, k, factor);
      for (let j = k + 1; j < a.columns; j++) put(packed, i, j, at(packed, i, j) - factor * at(packed, k, j));
    }
  }
  return { packed, order, sign };
}

const isSingular = ({ packed }: Lu): boolean =>
  Array.from({ length: packed.rows }, (_, i) => at(packed, i, i)).includes(0);

/** x with `A x = b`. @throws Refusal as TensorFlow refuses a matrix without an inverse. */
export function solve(a: Matrix, b: Matrix): Matrix {
  const found = lu(a);
  if (isSingular(found)) return refuse(l10n.t('its matrix has no inverse.'), 'bad-input');
  const { packed, order } = found;
  const x = zeros(b.rows, b.columns);
  for (let i = 0; i < b.rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      let sum = at(b, order[i] ?? 0, j);
      for (let k = 0; k < i; k++) sum -= at(packed, i, k) * at(x, k, j);
      put(x, i, j, sum);
    }
  }
  return backSubstituted(packed, x);
}

function backSubstituted(upper: Matrix, b: Matrix): Matrix {
  const x = copyOf(b);
  for (let i = b.rows - 1; i >= 0; i--) {
    for (let j = 0; j < b.columns; j++) {
      let sum = at(x, i, j);
      for (let k = i + 1; k < b.rows; k++) sum -= at(upper, i, k) * at(x, k, j);
      put(x, i, j, sum / at(upper, i, i));
    }
  }
  return x;
}

export const inverse = (a: Matrix): Matrix => solve(a, identity(a.rows));

/** x with `T x = b`, T one triangle of `a`. @throws Refusal if its diagonal contains 0. */
export function solveTriangular(a: Matrix, b: Matrix, part: 'lower' | 'upper'): Matrix {
  for (let i = 0; i < a.rows; i++) {
    if (at(a, i, i) === 0) refuse(l10n.t('its triangular matrix has no inverse.'), 'bad-input');
  }
  if (part === 'upper') return backSubstituted(a, b);
  const x = copyOf(b);
  for (let i = 0; i < b.rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      let sum = at(x, i, j);
      for (let k = 0; k < i; k++) sum -= at(a, i, k) * at(x, k, j);
      put(x, i, j, sum / at(a, i, i));
    }
  }
  return x;
}

/** The determinant's sign, 0 for a singular matrix, and the logarithm of its absolute value. */
export function signAndLog(a: Matrix): { sign: number; log: number } {
  const { packed, sign } = lu(a);
  let whole = sign;
  let log = 0;
  for (let i = 0; i < a.rows; i++) {
    whole *= Math.sign(at(packed, i, i));
    log += Math.log(Math.abs(at(packed, i, i)));
  }
  return { sign: whole, log };
}

export function determinant(a: Matrix): number {
  const { packed, sign } = lu(a);
  let value = sign;
  for (let i = 0; i < a.rows; i++) value *= at(packed, i, i);
  return value;
}

/** L with `A = L L^T`, of the lower triangle of A. @throws Refusal unless A is positive definite. */
export function cholesky(a: Matrix): Matrix {
  const l = zeros(a.rows, a.rows);
  for (let j = 0; j < a.rows; j++) {
    let square = at(a, j, j);
    for (let k = 0; k < j; k++) square -= at(l, j, k) ** 2;
    if (!(square > 0)) return refuse(l10n.t('its matrix is not positive definite.'), 'bad-input');
    const diagonal = Math.sqrt(square);
    put(l, j, j, diagonal);
    for (let i = j + 1; i < a.rows; i++) {
      let sum = at(a, i, j);
      for (let k = 0; k < j; k++) sum -= at(l, i, k) * at(l, j, k);
      put(l, i, j, sum / diagonal);
    }
  }
  return l;
}
