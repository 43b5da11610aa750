import {
  at,
  identity,
  type Matrix,
  matrixOf,
  minus,
  multiply,
  plus,
  product,
  put,
  swapColumns,
  transposed,
} from './matrix';
import { EPSILON, productOf, reflect, TINY } from './reflections';
import { rotateColumns } from './singularValues';

const f = Math.fround;

/** `A = V diag(e) V^T`. */
export interface Eigen {
  /** Ascending. */
  readonly e: Float64Array;
  readonly v: Matrix;
}

/** Per eigenvalue; with NaN it never converges. */
const MAX_STEPS = 30;

/**
 * Eigenvalues and vectors of the symmetric matrix in the lower triangle of `a`: tridiagonal by reflections, then QR steps,
 * as in Eigen's SelfAdjointEigenSolver, so that the signs are TensorFlow's.
 */
export function symmetricEigen(a: Matrix): Eigen {
  const n = a.rows;
  if (n === 1) return { e: Float64Array.of(at(a, 0, 0)), v: matrixOf(1, 1, () => 1) };
  const symmetric = matrixOf(n, n, (i, j) => (j <= i ? at(a, i, j) : at(a, j, i)));
  const largest = symmetric.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest === 0 || !Number.isFinite(largest) ? 1 : largest;
  const { diagonal, below, v } = tridiagonal({
    ...symmetric,
    values: symmetric.values.map((x) => f(x / scale)),
  });
  let end = n - 1;
  let start = 0;
  for (let step = 0; end > 0 && step <= MAX_STEPS * n; step++) {
    for (let i = start; i < end; i++) {
      const beside = Math.abs(diagonal[i] ?? 0) + Math.abs(diagonal[i + 1] ?? 0);
      const off = below[i] ?? 0;
      if (Math.abs(off) < TINY || (off / EPSILON) ** 2 <= beside) below[i] = 0;
    }
    while (end > 0 && below[end - 1] === 0) end--;
    if (end <= 0) break;
    start = end - 1;
    while (start > 0 && below[start - 1] !== 0) start--;
    qrStep(diagonal, below, start, end, v);
  }
  for (let i = 0; i < n - 1; i++) {
    let smallest = i;
    for (let j = i + 1; j < n; j++) if ((diagonal[j] ?? 0) < (diagonal[smallest] ?? 0)) smallest = j;
    [diagonal[i], diagonal[smallest]] = [diagonal[smallest] ?? 0, diagonal[i] ?? 0];
    swapColumns(v, i, smallest);
  }
  return refined(symmetric, v);
}

/**
 * The same eigenvectors in double precision (T. Ogita, K. Aishima: Iterative refinement for symmetric eigenvalue
 * decomposition, 2018): one step doubles the digits.
 */
function refined(a: Matrix, v: Matrix): Eigen {
  const turned = transposed(v);
  const rest = minus(identity(a.rows), multiply(turned, v));
  const image = product(turned, a, v);
  const e = Float64Array.from({ length: a.rows }, (_, i) => at(image, i, i) / (1 - at(rest, i, i)));
  const largest = e.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const correction = matrixOf(a.rows, a.rows, (i, j) => {
    const gap = (e[j] ?? 0) - (e[i] ?? 0);
    // Eigenvectors of values that are equal in float32 are not corrected.
    if (i === j || Math.abs(gap) <= GAP * largest) return at(rest, i, j) / 2;
    return (at(image, i, j) + (e[j] ?? 0) * at(rest, i, j)) / gap;
  });
  return { e, v: plus(v, multiply(v, correction)) };
}

const GAP = 64 * EPSILON;

/** Kept in float32, as TensorFlow does: how many steps there are, and with them the signs, follows from the rounding. */
interface Tridiagonal {
  readonly diagonal: Float32Array;
  readonly below: Float32Array;
  readonly v: Matrix;
}

function tridiagonal(a: Matrix): Tridiagonal {
  const n = a.rows;
  const factors = new Float64Array(n - 1);
  for (let k = 0; k < n - 1; k++) {
    const factor = f(reflect(a, k + 1, k));
    factors[k] = factor;
    for (let i = k + 1; i < n; i++) put(a, i, k, f(at(a, i, k)));
    if (factor === 0) continue;
    // A -> H A H for what is left, H = I - factor u u^T: A - u w^T - w u^T.
    const u = (i: number): number => (i === k + 1 ? 1 : at(a, i, k));
    const w = new Float32Array(n);
    let overlap = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += at(a, i, j) * u(j);
      w[i] = factor * sum;
      overlap += (w[i] ?? 0) * u(i);
    }
    for (let i = k + 1; i < n; i++) w[i] = (w[i] ?? 0) - (factor / 2) * overlap * u(i);
    for (let i = k + 1; i < n; i++) {
      for (let j = k + 1; j < n; j++) {
        put(a, i, j, f(at(a, i, j) - u(i) * (w[j] ?? 0) - (w[i] ?? 0) * u(j)));
      }
    }
  }
  return {
    diagonal: Float32Array.from({ length: n }, (_, i) => at(a, i, i)),
    below: Float32Array.from({ length: n - 1 }, (_, i) => at(a, i + 1, i)),
    v: productOf({ packed: a, factors }, n, 1),
  };
}

/** One implicit QR step with Wilkinson's shift on the block from `start` to `end`, rounded as in float32. */
function qrStep(diagonal: Float32Array, below: Float32Array, start: number, end: number, v: Matrix): void {
  const d = (i: number): number => diagonal[i] ?? 0;
  const e = (i: number): number => below[i] ?? 0;
  let x = f(d(start) - shiftOf(d(end - 1), e(end - 1), d(end)));
  let z = e(start);
  for (let k = start; k < end && z !== 0; k++) {
    const { c, s } = givens(x, z);
    const mixed = f(f(s * d(k)) + f(c * e(k)));
    const next = f(f(s * e(k)) + f(c * d(k + 1)));
    diagonal[k] = f(c * f(f(c * d(k)) - f(s * e(k)))) - f(s * f(f(c * e(k)) - f(s * d(k + 1))));
    diagonal[k + 1] = f(s * mixed) + f(c * next);
    below[k] = f(c * mixed) - f(s * next);
    if (k > start) below[k - 1] = f(c * e(k - 1)) - f(s * z);
    x = e(k);
    if (k < end - 1) {
      z = f(-s * e(k + 1));
      below[k + 1] = c * e(k + 1);
    }
    rotateColumns(v, k, k + 1, { c, s });
  }
}

/** The eigenvalue of the last two rows that is nearer to the last entry. */
function shiftOf(before: number, off: number, last: number): number {
  const half = f(f(before - last) * 0.5);
  if (half === 0) return f(last - Math.abs(off));
  const square = f(off * off);
  const length = f(Math.hypot(half, off));
  return f(last - f(square / f(half + (half > 0 ? length : -length))));
}

/** The rotation that turns (p, q) onto the first axis. */
function givens(p: number, q: number): { c: number; s: number } {
  if (q === 0) return { c: p < 0 ? -1 : 1, s: 0 };
  if (p === 0) return { c: 0, s: q < 0 ? 1 : -1 };
  if (Math.abs(p) > Math.abs(q)) {
    const t = f(q / p);
    const length = f(Math.sqrt(f(1 + f(t * t))));
    const c = f(1 / (p < 0 ? -length : length));
    return { c, s: f(-t * c) };
  }
  const t = f(p / q);
  const length = f(Math.sqrt(f(1 + f(t * t))));
  const s = f(-1 / (q < 0 ? -length : length));
  return { c: f(-t * s), s };
}
