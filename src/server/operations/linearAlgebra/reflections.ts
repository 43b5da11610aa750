import { mapInto } from '../../../shared/mapInto';
import { at, copyOf, identity, type Matrix, put, swapColumns, upperOf } from './matrix';

// The signs are those of Eigen, whose decompositions TensorFlow uses: a reflection flips the sign of the column's first
// entry, unless the column is 0 below it.

/** The smallest normal float32, below which Eigen treats squares as 0. */
export const TINY = 2 ** -126;

/** float32's distance from 1 to the next number. */
export const EPSILON = 2 ** -23;

/** Reflection `I - factor v v^T` by column, v with 1 at the row of the column. */
export interface Reflections {
  /** R on and above the diagonal, below it each v without its 1. */
  readonly packed: Matrix;
  readonly factors: Float64Array;
}

/** Makes the reflection of `column` from `row` on; writes v below, and its length in the place of the first entry. */
export function reflect(a: Matrix, row: number, column: number): number {
  const first = at(a, row, column);
  let tail = 0;
  for (let i = row + 1; i < a.rows; i++) tail += at(a, i, column) ** 2;
  if (tail <= TINY) {
    for (let i = row + 1; i < a.rows; i++) put(a, i, column, 0);
    return 0;
  }
  const length = Math.sqrt(first * first + tail);
  const beta = first >= 0 ? -length : length;
  for (let i = row + 1; i < a.rows; i++) put(a, i, column, at(a, i, column) / (first - beta));
  put(a, row, column, beta);
  return (beta - first) / beta;
}

/** Applies the reflection kept in `column` of `from`, from `row` on, to a column of `to`. */
function applyTo(
  from: Matrix,
  row: number,
  column: number,
  factor: number,
  to: Matrix,
  target: number,
): void {
  if (factor === 0) return;
  let sum = at(to, row, target);
  for (let i = row + 1; i < to.rows; i++) sum += at(from, i, column) * at(to, i, target);
  put(to, row, target, at(to, row, target) - factor * sum);
  for (let i = row + 1; i < to.rows; i++) {
    put(to, i, target, at(to, i, target) - factor * sum * at(from, i, column));
  }
}

export function householder(a: Matrix): Reflections {
  const packed = copyOf(a);
  const factors = new Float64Array(Math.min(a.rows, a.columns));
  for (let k = 0; k < factors.length; k++) {
    const factor = reflect(packed, k, k);
    factors[k] = factor;
    for (let j = k + 1; j < a.columns; j++) applyTo(packed, k, k, factor, packed, j);
  }
  return { packed, factors };
}

/** The product of the reflections, its first `columns` columns. @param shift how far below the diagonal they start. */
export function productOf({ packed, factors }: Reflections, columns: number, shift = 0): Matrix {
  const q = identity(packed.rows, columns);
  for (let k = factors.length - 1; k >= 0; k--) {
    for (let j = 0; j < columns; j++) applyTo(packed, k + shift, k, factors[k] ?? 0, q, j);
  }
  return q;
}

/** `A = Q R`. @param isFull all columns of Q, else as many as A has rows or columns. */
export function qr(a: Matrix, isFull: boolean): { q: Matrix; r: Matrix } {
  const reflections = householder(a);
  const size = isFull ? a.rows : Math.min(a.rows, a.columns);
  const { columns, values } = reflections.packed;
  const top: Matrix = { rows: size, columns, values: values.slice(0, size * columns) };
  return { q: productOf(reflections, size), r: upperOf(top) };
}

/** `A P = Q R`, the longest of the columns that are left first; `order` says which column of A stands where. */
export function pivotedHouseholder(a: Matrix): Reflections & { readonly order: readonly number[] } {
  const packed = copyOf(a);
  const factors = new Float64Array(Math.min(a.rows, a.columns));
  const order = Array.from({ length: a.columns }, (_, j) => j);
  const length = (column: number, from: number): number => {
    let sum = 0;
    for (let i = from; i < a.rows; i++) sum += at(packed, i, column) ** 2;
    return Math.sqrt(sum);
  };
  const direct = mapInto(new Float64Array(a.columns), order, (j) => length(j, 0));
  const updated = direct.slice();
  for (let k = 0; k < factors.length; k++) {
    let longest = k;
    for (let j = k + 1; j < a.columns; j++) if ((updated[j] ?? 0) > (updated[longest] ?? 0)) longest = j;
    swapColumns(packed, k, longest);
    for (const list of [order, direct, updated]) {
      [list[k], list[longest]] = [list[longest] ?? 0, list[k] ?? 0];
    }
    const factor = reflect(packed, k, k);
    factors[k] = factor;
    for (let j = k + 1; j < a.columns; j++) {
      applyTo(packed, k, k, factor, packed, j);
      shorten(packed, k, j, { direct, updated }, length);
    }
  }
  return { packed, factors, order };
}

/** The length of a column without its entry in row k: subtracted where that is accurate, else measured again. */
function shorten(
  packed: Matrix,
  k: number,
  column: number,
  { direct, updated }: { direct: Float64Array; updated: Float64Array },
  length: (column: number, from: number) => number,
): void {
  const before = updated[column] ?? 0;
  if (before === 0) return;
  const share = Math.abs(at(packed, k, column)) / before;
  const left = Math.max(0, (1 + share) * (1 - share));
  if (left * (before / (direct[column] ?? 1)) ** 2 <= Math.sqrt(EPSILON)) {
    direct[column] = length(column, k + 1);
    updated[column] = direct[column] ?? 0;
  } else {
    updated[column] = before * Math.sqrt(left);
  }
}
