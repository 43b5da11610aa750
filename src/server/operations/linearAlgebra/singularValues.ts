import {
  at,
  copyOf,
  identity,
  type Matrix,
  matrixOf,
  put,
  scaled,
  swapColumns,
  transposed,
  upperOf,
} from './matrix';
import { EPSILON, pivotedHouseholder, productOf, TINY } from './reflections';

/** `A = U S V^T`. */
export interface Svd {
  readonly u: Matrix;
  /** Descending. */
  readonly s: Float64Array;
  readonly v: Matrix;
}

/** A Givens rotation in the plane of two axes. */
interface Rotation {
  readonly c: number;
  readonly s: number;
}

/**
 * The singular values and vectors by two-sided Jacobi rotations, their signs and their order among equal values those of
 * Eigen's JacobiSVD, which TensorFlow uses for fewer than 16 columns; for more the signs may differ from TensorFlow's.
 * @param isFull all columns of U and V, else as many as A has rows or columns.
 */
export function svd(a: Matrix, isFull: boolean): Svd {
  const largest = a.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest === 0 || !Number.isFinite(largest) ? 1 : largest;
  const { work, u, v } = squared(scaled(a, 1 / scale), isFull);
  const size = work.rows;
  let most = 0;
  for (let i = 0; i < size; i++) most = Math.max(most, Math.abs(at(work, i, i)));
  for (let isDone = false, sweep = 0; !isDone && sweep < MAX_SWEEPS; sweep++) {
    isDone = true;
    for (let p = 1; p < size; p++) {
      for (let q = 0; q < p; q++) {
        const threshold = Math.max(TINY, 2 * EPSILON * most);
        if (!(Math.abs(at(work, p, q)) > threshold || Math.abs(at(work, q, p)) > threshold)) continue;
        isDone = false;
        const { left, right } = rotationsOf(work, p, q);
        rotateRows(work, p, q, left);
        rotateColumns(u, p, q, { c: left.c, s: -left.s });
        rotateColumns(work, p, q, right);
        rotateColumns(v, p, q, right);
        most = Math.max(most, Math.abs(at(work, p, p)), Math.abs(at(work, q, q)));
      }
    }
  }
  return sorted(work, u, v, scale);
}

/** It converges in a few sweeps; with NaN it never does. */
const MAX_SWEEPS = 60;

/** Reduces A to a square matrix between orthogonal factors. */
function squared(a: Matrix, isFull: boolean): { work: Matrix; u: Matrix; v: Matrix } {
  if (a.rows === a.columns) return { work: copyOf(a), u: identity(a.rows), v: identity(a.rows) };
  if (a.rows < a.columns) {
    const { work, u, v } = squared(transposed(a), isFull);
    return { work: transposed(work), u: v, v: u };
  }
  const reflections = pivotedHouseholder(a);
  const { packed, order } = reflections;
  const size = a.columns;
  const top: Matrix = { rows: size, columns: size, values: packed.values.slice(0, size * size) };
  return {
    work: upperOf(top),
    u: productOf(reflections, isFull ? a.rows : size),
    v: matrixOf(size, size, (i, j) => (order[j] === i ? 1 : 0)),
  };
}

/** The rotations that make the four entries of rows and columns p and q diagonal. */
function rotationsOf(a: Matrix, p: number, q: number): { left: Rotation; right: Rotation } {
  const [pp, pq, qp, qq] = [at(a, p, p), at(a, p, q), at(a, q, p), at(a, q, q)];
  const difference = qp - pq;
  let first: Rotation = { c: 1, s: 0 };
  if (Math.abs(difference) >= TINY) {
    const ratio = (pp + qq) / difference;
    const length = Math.sqrt(1 + ratio * ratio);
    first = { c: ratio / length, s: 1 / length };
  }
  // Symmetric after the first.
  const { c, s } = first;
  const right = jacobi(c * pp + s * qp, c * pq + s * qq, -s * pq + c * qq);
  return { left: { c: c * right.c + s * right.s, s: -c * right.s + s * right.c }, right };
}

/** The rotation that makes [[x, y], [y, z]] diagonal. */
function jacobi(x: number, y: number, z: number): Rotation {
  const twice = 2 * Math.abs(y);
  if (twice < TINY) return { c: 1, s: 0 };
  const tau = (x - z) / twice;
  const w = Math.sqrt(tau * tau + 1);
  const t = tau > 0 ? 1 / (tau + w) : 1 / (tau - w);
  const c = 1 / Math.sqrt(t * t + 1);
  return { c, s: -Math.sign(t) * Math.sign(y) * Math.abs(t) * c };
}

function rotateRows(a: Matrix, p: number, q: number, { c, s }: Rotation): void {
  for (let j = 0; j < a.columns; j++) {
    const [x, y] = [at(a, p, j), at(a, q, j)];
    put(a, p, j, c * x + s * y);
    put(a, q, j, c * y - s * x);
  }
}

export function rotateColumns(a: Matrix, p: number, q: number, { c, s }: Rotation): void {
  for (let i = 0; i < a.rows; i++) {
    const [x, y] = [at(a, i, p), at(a, i, q)];
    put(a, i, p, c * x - s * y);
    put(a, i, q, s * x + c * y);
  }
}

/** Makes the diagonal positive by negating columns of U, then sorts it in descending order. */
function sorted(work: Matrix, u: Matrix, v: Matrix, scale: number): Svd {
  const s = Float64Array.from({ length: work.rows }, (_, i) => Math.abs(at(work, i, i)) * scale);
  for (let j = 0; j < work.rows; j++) {
    if (at(work, j, j) < 0) for (let i = 0; i < u.rows; i++) put(u, i, j, -at(u, i, j));
  }
  for (let i = 0; i < s.length; i++) {
    let largest = i;
    for (let j = i + 1; j < s.length; j++) if ((s[j] ?? 0) > (s[largest] ?? 0)) largest = j;
    if (s[largest] === 0) break;
    [s[i], s[largest]] = [s[largest] ?? 0, s[i] ?? 0];
    swapColumns(u, i, largest);
    swapColumns(v, i, largest);
  }
  return { u, s, v };
}
