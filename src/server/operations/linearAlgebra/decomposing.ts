import * as l10n from '@vscode/l10n';
import { matmul } from '../arithmetic/matmul';
import { reduction } from '../arithmetic/reductions';
import { formula, type Value } from '../compound';
import { expandDims, moveaxis, squeeze } from '../manipulation/reshaping';
import { type Operation, operandAt, refuse } from '../operation';
import { solveTriangular } from './elimination';
import {
  at,
  columnsOf,
  lowerOf,
  type Matrix,
  matrixOf,
  minus,
  multiply,
  onDiagonal,
  plus,
  product,
  put,
  times,
  transposed,
} from './matrix';
import { matrixOperation, type Sides, squareSide } from './matrixOperation';
import { EPSILON, qr as qrOf } from './reflections';
import { type Svd, svd as svdOf } from './singularValues';
import { symmetricEigen } from './symmetricEigen';

// The gradients are those of TensorFlow's linalg_grad.py.

const UNKNOWN: Sides = { rows: null, columns: null };
const first = (matrices: readonly Matrix[]): Matrix => operandAt(matrices, 0);

/** For more columns TensorFlow uses another algorithm, which gives singular vectors other signs. */
const MAX_COLUMNS_WITH_SIGNS = 15;

const smaller = ({ rows, columns }: Sides): number | null =>
  rows === null || columns === null ? null : Math.min(rows, columns);

/** Both sides of a matrix, which must be known. */
function known({ rows, columns }: Sides): [number, number] {
  return rows === null || columns === null
    ? refuse(l10n.t('the size of its matrices is unknown.'))
    : [rows, columns];
}

/** 1 / x, and 0 for 0, as TensorFlow divides by differences of values that may be equal. */
const safeReciprocal = (x: number): number => x / (x * x + 1e-20);

/** 1 / (value of the column - value of the row), 0 on the diagonal. */
const differences = (values: ArrayLike<number>): Matrix =>
  matrixOf(values.length, values.length, (i, j) =>
    i === j ? 0 : safeReciprocal((values[j] ?? 0) - (values[i] ?? 0)),
  );

/** `keras.ops.eigh`: eigenvalues, ascending, and eigenvectors of symmetric matrices; only the lower triangle is used. */
export const eigh = (): Operation =>
  matrixOperation({
    effort: 12,
    trailingShapes([a = UNKNOWN]) {
      const side = squareSide(a);
      return [[side], [side, side]];
    },
    forward(operands) {
      const { e, v } = symmetricEigen(first(operands));
      return [{ rows: e.length, columns: 1, values: e }, v];
    },
    backward(_operands, outputs, gradients) {
      const [e, v] = [first(outputs).values, operandAt(outputs, 1)];
      const mixed = times(differences(e), multiply(transposed(v), operandAt(gradients, 1)));
      const whole = product(v, plus(onDiagonal(first(gradients).values), mixed), transposed(v));
      const lower = lowerOf(plus(whole, transposed(whole)));
      for (let i = 0; i < lower.rows; i++) put(lower, i, i, at(lower, i, i) / 2);
      return [lower];
    },
  });

/** `keras.ops.qr`. @param isFull Q with as many columns as rows. */
export const qr = (isFull: boolean): Operation =>
  matrixOperation({
    effort: 4,
    trailingShapes([a = UNKNOWN]) {
      const [rows, columns] = known(a);
      const size = isFull ? rows : Math.min(rows, columns);
      return [
        [rows, size],
        [size, columns],
      ];
    },
    forward(operands) {
      const { q, r } = qrOf(first(operands), isFull);
      return [q, r];
    },
    backward(operands, [q, r], [dq, dr]) {
      if (!q || !r || !dq || !dr) return [];
      if (r.rows > r.columns) {
        refuse(
          l10n.t('TensorFlow has no gradient for a complete QR decomposition with more rows than columns.'),
        );
      }
      if (q.rows >= r.columns) return [deepGradient(q, r, dq, dr)];
      const size = q.rows;
      const rest = columnsOf(first(operands), size, r.columns);
      const toRest = columnsOf(dr, size, r.columns);
      const square = deepGradient(
        q,
        columnsOf(r, 0, size),
        plus(dq, multiply(rest, transposed(toRest))),
        columnsOf(dr, 0, size),
      );
      const beyond = multiply(q, toRest);
      return [matrixOf(size, r.columns, (i, j) => (j < size ? at(square, i, j) : at(beyond, i, j - size)))];
    },
  });

/** For a matrix with at least as many rows as columns. */
function deepGradient(q: Matrix, r: Matrix, dq: Matrix, dr: Matrix): Matrix {
  const byR = (x: Matrix): Matrix => transposed(solveTriangular(r, transposed(x), 'upper'));
  const skew = (x: Matrix): Matrix => minus(x, transposed(x));
  const qdq = multiply(transposed(q), dq);
  const lower = lowerOf(plus(skew(qdq), skew(multiply(r, transposed(dr)))));
  return plus(multiply(q, plus(dr, byR(lower))), byR(minus(dq, multiply(q, qdq))));
}

/** `keras.ops.svd`: U, the singular values in descending order, and the transpose of V. */
export const svd = (isFull: boolean): Operation =>
  matrixOperation({
    effort: 40,
    trailingShapes([a = UNKNOWN]) {
      const [rows, columns] = known(a);
      if (columns > MAX_COLUMNS_WITH_SIGNS) {
        refuse(
          l10n.t(
            'the signs of singular vectors are those of TensorFlow for at most {0} columns, and it has {1}.',
            MAX_COLUMNS_WITH_SIGNS,
            columns,
          ),
        );
      }
      const size = Math.min(rows, columns);
      return [[rows, isFull ? rows : size], [size], [isFull ? columns : size, columns]];
    },
    forward(operands) {
      const { u, s, v } = svdOf(first(operands), isFull);
      return [u, { rows: s.length, columns: 1, values: s }, transposed(v)];
    },
    backward(_operands, [u, s, vt], [du, ds, dvt]) {
      if (!u || !s || !vt || !du || !ds || !dvt) return [];
      if (isFull && Math.abs(u.rows - vt.rows) > 1) {
        refuse(
          l10n.t(
            'TensorFlow has no gradient for a complete SVD whose rows and columns differ by more than 1.',
          ),
        );
      }
      return [svdGradient({ u, s: s.values, v: transposed(vt) }, du, ds.values, transposed(dvt))];
    },
  });

/** dScore/dA from those of U, the singular values and V. */
function svdGradient({ u, s, v }: Svd, du: Matrix, ds: Float64Array, dv: Matrix): Matrix {
  // Rows and columns exchanged where there are more rows.
  if (u.rows > v.rows) return transposed(wideGradient({ u: v, s, v: u }, dv, ds, du));
  return wideGradient({ u, s, v }, du, ds, dv);
}

/** Of a matrix with at least as many columns as rows; v has at least as many columns as u. */
function wideGradient({ u, s, v }: Svd, du: Matrix, ds: Float64Array, dv: Matrix): Matrix {
  const size = s.length;
  const f = differences(s.map((value) => value * value));
  const v1 = columnsOf(v, 0, size);
  const dv1 = columnsOf(dv, 0, size);
  const both = (x: Matrix): Matrix => plus(x, transposed(x));
  const fromU = both(times(f, multiply(transposed(u), du)));
  const fromV = both(times(f, multiply(transposed(v1), dv1)));
  const diagonal = onDiagonal(s);
  const middle = plus(onDiagonal(ds), plus(multiply(fromU, diagonal), multiply(diagonal, fromV)));
  const inside = product(u, middle, transposed(v1));
  if (u.rows === v.rows) return inside;
  const turned = transposed(dv1);
  let beside = minus(turned, product(turned, v1, transposed(v1)));
  if (v.columns > size) {
    const v2 = columnsOf(v, size, v.columns);
    const dv2 = columnsOf(dv, size, v.columns);
    beside = minus(beside, product(transposed(v1), dv2, transposed(v2)));
  }
  return plus(inside, product(u, onDiagonal(s.map(safeReciprocal)), beside));
}

/** Only the singular values, which do not depend on the algorithm. */
export const singularValues = (): Operation =>
  matrixOperation({
    effort: 40,
    trailingShapes: ([a = UNKNOWN]) => [[smaller(a)]],
    forward(operands) {
      const { s } = svdOf(first(operands), false);
      return [{ rows: s.length, columns: 1, values: s }];
    },
    backward(operands, _outputs, gradients) {
      const { u, v } = svdOf(first(operands), false);
      return [product(u, onDiagonal(first(gradients).values), transposed(v))];
    },
  });

/** `keras.ops.matrix_rank`. @param tolerance `null` for float32's precision times the largest singular value and side. */
export const matrixRank = (tolerance: number | null): Operation =>
  matrixOperation({
    effort: 40,
    trailingShapes: () => [[]],
    integers: [0],
    forward(operands) {
      const a = first(operands);
      const { s } = svdOf(a, false);
      const least = tolerance ?? EPSILON * Math.max(a.rows, a.columns) * (s[0] ?? 0);
      return [matrixOf(1, 1, () => s.filter((value) => value > least).length)];
    },
  });

/** Singular values up to this fraction of the largest count as 0. */
export type Cutoff = (rows: number, columns: number) => number;

/** `keras.ops.pinv`: the Moore-Penrose pseudoinverse. */
export const pinv = (cutoff: Cutoff): Operation =>
  matrixOperation({
    effort: 40,
    trailingShapes: ([a = UNKNOWN]) => [[a.columns, a.rows]],
    forward(operands) {
      const a = first(operands);
      const { u, s, v } = svdOf(a, false);
      const least = cutoff(a.rows, a.columns) * (s[0] ?? 0);
      return [product(v, onDiagonal(s.map((value) => (value > least ? 1 / value : 0))), transposed(u))];
    },
    backward(operands, _outputs, gradients) {
      const a = first(operands);
      const [found, dp] = [svdOf(a, false), first(gradients)];
      const { u, s, v } = found;
      const least = cutoff(a.rows, a.columns) * (s[0] ?? 0);
      const inverse = onDiagonal(s.map((value) => (value > least ? 1 / value : 0)));
      const du = product(transposed(dp), v, inverse);
      const dv = product(dp, u, inverse);
      const toInverse = product(transposed(v), dp, u);
      const ds = s.map((_, i) => -at(toInverse, i, i) * at(inverse, i, i) ** 2);
      return [svdGradient(found, du, ds, dv)];
    },
  });

/** The default of `keras.ops.pinv`. */
export const PINV_CUTOFF: Cutoff = (rows, columns) => 10 * Math.max(rows, columns) * EPSILON;

/** `keras.ops.lstsq`: x that minimizes the norm of `A x - b`; b is a matrix or a vector. */
export const lstsq = (relative: number | null): Operation =>
  formula((apply, operands) => {
    const of = (operation: Operation, ...values: Value[]): Value => apply(operation, ...values)[0];
    const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)];
    if (a.shape.length !== 2) refuse(l10n.t('least squares are of one matrix.'));
    const cutoff: Cutoff = (rows, columns) =>
      relative === null ? EPSILON * Math.max(rows, columns) : relative < 0 ? EPSILON : relative;
    const inverse = of(pinv(cutoff), a);
    if (b.shape.length === 2) return of(matmul(), inverse, b);
    return of(squeeze([-1]), of(matmul(), inverse, of(expandDims([-1]), b)));
  });

/** `keras.ops.norm` of matrices by their singular values: the largest, the smallest, or their sum. */
export const spectralNorm = (
  name: 'max' | 'min' | 'sum',
  axes: readonly [number, number],
  keepdims: boolean,
): Operation =>
  formula((apply, operands) => {
    const of = (operation: Operation, ...values: Value[]): Value => apply(operation, ...values)[0];
    const moved: Value = of(moveaxis([...axes], [-2, -1]), operandAt(operands, 0));
    const found = of(reduction(name, { axes: [-1], keepdims: false }), of(singularValues(), moved));
    if (!keepdims) return found;
    // One at a time, as in Keras, which matters for negative axes.
    return axes.reduce<Value>((x, axis) => of(expandDims([axis]), x), found);
  });
