import * as l10n from '@vscode/l10n';
import { steps } from '../arithmetic/formulaSteps';
import { matmul } from '../arithmetic/matmul';
import { type Apply, formula, type Value } from '../compound';
import { constant } from '../creation';
import { diagonal } from '../manipulation/diagonals';
import { expandDims, squeeze, transpose } from '../manipulation/reshaping';
import { type Operation, operandAt, refuse } from '../operation';
import {
  cholesky as choleskyOf,
  determinant,
  inverse as inverseOf,
  lu as luOf,
  signAndLog,
  solve as solutionOf,
  solveTriangular as triangularSolutionOf,
} from './elimination';
import {
  at,
  identity,
  lowerOf,
  type Matrix,
  matrixOf,
  plus,
  product,
  put,
  scaled,
  transposed,
  upperOf,
} from './matrix';
import { matrixOperation, squareSide } from './matrixOperation';

// The gradients are those of TensorFlow's linalg_grad.py.

const first = (matrices: readonly Matrix[]): Matrix => operandAt(matrices, 0);
const number = (value: number): Matrix => matrixOf(1, 1, () => value);

/** `keras.ops.inv`. */
export const inv = (): Operation =>
  matrixOperation({
    effort: 2,
    trailingShapes: ([a = { rows: null, columns: null }]) => [[squareSide(a), squareSide(a)]],
    forward: (operands) => [inverseOf(first(operands))],
    backward(_operands, outputs, gradients) {
      const back = transposed(first(outputs));
      return [scaled(product(back, first(gradients), back), -1)];
    },
  });

/** `keras.ops.det`. Its gradient is refused where there is no inverse, as TensorFlow's. */
export const det = (): Operation =>
  matrixOperation({
    effort: 1,
    trailingShapes([a = { rows: null, columns: null }]) {
      squareSide(a);
      return [[]];
    },
    forward: (operands) => [number(determinant(first(operands)))],
    backward(operands, outputs, gradients) {
      const factor = at(first(gradients), 0, 0) * at(first(outputs), 0, 0);
      return [scaled(transposed(inverseOf(first(operands))), factor)];
    },
  });

/** `keras.ops.slogdet`: the determinant's sign and the logarithm of its absolute value. */
export const slogdet = (): Operation =>
  matrixOperation({
    effort: 1,
    trailingShapes([a = { rows: null, columns: null }]) {
      squareSide(a);
      return [[], []];
    },
    forward(operands) {
      const { sign, log } = signAndLog(first(operands));
      return [number(sign), number(log)];
    },
    backward(operands, _outputs, gradients) {
      const factor = at(operandAt(gradients, 1), 0, 0);
      // The sign has no gradient; without the other none is asked for.
      if (factor === 0) return [scaled(first(operands), 0)];
      return [scaled(transposed(inverseOf(first(operands))), factor)];
    },
  });

/** `keras.ops.cholesky`: L of `A = L L^T`, or, with `upper`, its transpose. */
export const cholesky = (upper: boolean): Operation =>
  formula((apply, operands) => {
    const [l] = apply(lowerFactor(), operandAt(operands, 0));
    return upper ? swapLastAxes(apply, l) : l;
  });

const lowerFactor = (): Operation =>
  matrixOperation({
    effort: 1,
    trailingShapes: ([a = { rows: null, columns: null }]) => [[squareSide(a), squareSide(a)]],
    forward: (operands) => [choleskyOf(first(operands))],
    backward(_operands, outputs, gradients) {
      const l = first(outputs);
      const inverse = triangularSolutionOf(l, identity(l.rows), 'lower');
      const middle = lowerOf(product(transposed(l), first(gradients)));
      for (let i = 0; i < l.rows; i++) put(middle, i, i, at(middle, i, i) / 2);
      const half = product(transposed(inverse), middle, inverse);
      return [scaled(plus(half, transposed(half)), 0.5)];
    },
  });

/** Both last axes exchanged. */
function swapLastAxes(apply: Apply, x: Value): Value {
  const rank = x.shape.length;
  const order = Array.from({ length: rank }, (_, axis) => axis);
  order.splice(-2, 2, rank - 1, rank - 2);
  return apply(transpose(order), x)[0];
}

/** `keras.ops.logdet`, of positive definite matrices. */
export const logdet = (): Operation =>
  formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const diagonals = of(diagonal(0, -2, -1), of(lowerFactor(), operandAt(operands, 0)));
    return two('multiply', reduce('sum', one('log', diagonals), { axes: [-1], keepdims: false }), 2);
  });

/** `keras.ops.cholesky_inverse`: the inverse of the matrix that has this factor. */
export const choleskyInverse = (upper: boolean): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const factor = operandAt(operands, 0);
    const side = squareSide({ rows: factor.shape.at(-2) ?? null, columns: factor.shape.at(-1) ?? null });
    if (side === null) return refuse(l10n.t('the size of its matrices is unknown.'));
    const ones = of(constant([side, side], (tf) => tf.eye(side)));
    const inverse = of(triangular(upper ? 'upper' : 'lower'), factor, ones);
    return of(matmul(upper ? { transposeB: true } : { transposeA: true }), inverse, inverse);
  });

/** `keras.ops.solve`: operands A and b, a matrix or a vector each. */
export const solve = (): Operation => columnwise(general());

/** `keras.ops.solve_triangular`. */
export const solveTriangular = (part: 'lower' | 'upper'): Operation => columnwise(triangular(part));

/** Vectors as matrices of one column. */
const columnwise = (operation: Operation): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)];
    if (b.shape.length !== a.shape.length - 1) return of(operation, a, b);
    return of(squeeze([-1]), of(operation, a, of(expandDims([-1]), b)));
  });

const general = (): Operation =>
  solver(
    solutionOf,
    (a, gradient) => solutionOf(transposed(a), gradient),
    (toA) => toA,
  );

const triangular = (part: 'lower' | 'upper'): Operation =>
  solver(
    (a, b) => triangularSolutionOf(a, b, part),
    (a, gradient) => triangularSolutionOf(transposed(a), gradient, part === 'lower' ? 'upper' : 'lower'),
    part === 'lower' ? lowerOf : upperOf,
  );

/** @param kept the part of A's gradient on which the solution depends. */
function solver(
  forward: (a: Matrix, b: Matrix) => Matrix,
  back: (a: Matrix, gradient: Matrix) => Matrix,
  kept: (toA: Matrix) => Matrix,
): Operation {
  return matrixOperation({
    effort: 1,
    trailingShapes([a = { rows: null, columns: null }, b = { rows: null, columns: null }]) {
      const side = squareSide(a);
      if (side !== null && b.rows !== null && side !== b.rows) {
        refuse(l10n.t('{0} rows do not fit a matrix of {1} x {2}.', b.rows, side, side));
      }
      return [[side ?? b.rows, b.columns]];
    },
    forward: (operands) => [forward(first(operands), operandAt(operands, 1))],
    backward(operands, outputs, gradients) {
      const toB = back(first(operands), first(gradients));
      return [kept(scaled(product(toB, transposed(first(outputs))), -1)), toB];
    },
  });
}

/** `keras.ops.lu_factor`: both factors in one matrix, and the permutation of the rows. TensorFlow has no gradient for it. */
export const luFactor = (): Operation =>
  matrixOperation({
    effort: 1,
    trailingShapes([a = { rows: null, columns: null }]) {
      const side = squareSide(a);
      return [[side, side], [side]];
    },
    integers: [1],
    forward(operands) {
      const { packed, order } = luOf(first(operands));
      return [packed, matrixOf(order.length, 1, (row) => order.indexOf(row))];
    },
    backward: () => refuse(l10n.t('TensorFlow has no gradient for an LU factorization.')),
  });
