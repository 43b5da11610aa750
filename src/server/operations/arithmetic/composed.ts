import type { Shape } from '../../../shared/model';
import { concatenate, reshape, transpose } from '../arranging/rearranging';
import { getItem, type IndexPart } from '../arranging/slicing';
import { type Apply, compound, formula, type Value } from '../compound';
import { spectralNorm } from '../linearAlgebra/decomposing';
import { axesIn, axisIn, type Operation, operandAt, refuse } from '../operation';
import { cast, constant } from '../values';
import { type BinaryName, binary } from './binary';
import { matmul } from './products';
import { type Reducing, type ReductionName, reduction } from './reductions';
import { type UnaryName, unary } from './unary';

/** Steps of a formula in short. */
export function steps(apply: Apply) {
  const number = (value: number): Value => apply(constant([], (tf) => tf.scalar(value)))[0];
  const value = (x: Value | number): Value => (typeof x === 'number' ? number(x) : x);
  return {
    of: (operation: Operation, ...operands: Value[]): Value => apply(operation, ...operands)[0],
    one: (name: UnaryName, x: Value): Value => apply(unary(name), x)[0],
    two: (name: BinaryName, a: Value | number, b: Value | number): Value =>
      apply(binary(name), value(a), value(b))[0],
    reduce: (name: ReductionName, x: Value, reducing: Reducing): Value =>
      apply(reduction(name, reducing), x)[0],
  };
}

const only = (operands: readonly Value[]): Value => operandAt(operands, 0);
const pairOf = (operands: readonly Value[]): [Value, Value] => [
  operandAt(operands, 0),
  operandAt(operands, 1),
];

/** `keras.ops.tensordot`: `axes` of each operand are summed; a number means the last of the first and the first of the second. */
export function tensordot(axes: number | readonly (readonly number[])[]): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    const lists =
      typeof axes === 'number'
        ? [
            Array.from({ length: axes }, (_, i) => a.shape.length - axes + i),
            Array.from({ length: axes }, (_, i) => i),
          ]
        : axes;
    const left = operandAt(lists, 0).map((axis) => axisIn(axis, a.shape.length));
    const right = operandAt(lists, 1).map((axis) => axisIn(axis, b.shape.length));
    const free = (shape: Shape, used: readonly number[]): number[] =>
      axesIn(null, shape.length).filter((axis) => !used.includes(axis));
    const rows = free(a.shape, left);
    const columns = free(b.shape, right);
    const sizes = (x: Value, at: readonly number[]): Shape => at.map((axis) => x.shape[axis] ?? null);
    const flat = (shape: Shape): number =>
      shape.reduce<number>((all, size) => (all === -1 || size === null ? -1 : all * size), 1);
    const inner = flat(sizes(a, left)) === -1 ? flat(sizes(b, right)) : flat(sizes(a, left));
    if (inner === -1) refuse('the axes that it sums over have unknown sizes.');
    const matrixA = of(reshape([-1, inner]), of(transpose([...rows, ...left]), a));
    const matrixB = of(reshape([inner, flat(sizes(b, columns))]), of(transpose([...right, ...columns]), b));
    return of(reshape([...sizes(a, rows), ...sizes(b, columns)]), of(matmul(), matrixA, matrixB));
  });
}

/** `keras.ops.dot`: numbers multiply, matrices too, and else the last axis meets the last but one. */
export function dot(): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    if (a.shape.length === 0 || b.shape.length === 0) return of(binary('multiply'), a, b);
    if (b.shape.length <= 2 && a.shape.length <= 2) return of(matmul(), a, b);
    const second = b.shape.length === 1 ? 0 : b.shape.length - 2;
    return of(tensordot([[a.shape.length - 1], [second]]), a, b);
  });
}

/** `keras.ops.inner`. */
export const inner = (): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    if (a.shape.length === 0 || b.shape.length === 0) return of(binary('multiply'), a, b);
    return of(tensordot([[-1], [-1]]), a, b);
  });

/** `keras.ops.outer`: every value of the one with every value of the other, both flat. */
export const outer = (): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    return of(binary('multiply'), of(reshape([-1, 1]), a), of(reshape([1, -1]), b));
  });

/** `keras.ops.vdot`: the sum of products of both, flat. */
export const vdot = (): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const [a, b] = pairOf(operands);
    return of(matmul(), of(reshape([-1]), a), of(reshape([-1]), b));
  });

export type NormOrder = number | 'fro' | 'nuc' | 'inf' | '-inf' | null;

/** `keras.ops.norm`: of vectors along one axis, of matrices over two, of everything for `null`. */
export function norm(order: NormOrder, { axes, keepdims }: Reducing): Operation {
  return formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const x = only(operands);
    const over = { axes, keepdims };
    if (axes !== null && axes.length > 2) refuse('a norm is taken over one axis or two.');
    const isMatrix = axes?.length === 2 || (axes === null && order !== null && x.shape.length === 2);
    const size = (): Value => one('abs', x);
    if (order === null || order === 'fro' || (order === 2 && !isMatrix)) {
      return one('sqrt', reduce('sum', one('square', x), over));
    }
    if (isMatrix) return matrixNorm(apply, order, x, axes ?? [0, 1], keepdims);
    if (order === 'nuc') return refuse('a vector has no nuclear norm.');
    if (order === 0) return reduce('sum', of(cast('float32'), two('not_equal', x, 0)), over);
    if (order === 'inf') return reduce('max', size(), over);
    if (order === '-inf') return reduce('min', size(), over);
    if (order === 1) return reduce('sum', size(), over);
    return two('power', reduce('sum', two('power', size(), order), over), 1 / order);
  });
}

/** Norms by singular values. */
const SPECTRAL = new Map<NormOrder, 'max' | 'min' | 'sum'>([
  [2, 'max'],
  [-2, 'min'],
  ['nuc', 'sum'],
]);

/** The largest or smallest sum of absolute values of a row or a column, or a norm by singular values. */
function matrixNorm(
  apply: Apply,
  order: Exclude<NormOrder, null | 'fro'>,
  x: Value,
  axes: readonly number[],
  keepdims: boolean,
): Value {
  const { of, one, reduce } = steps(apply);
  const spectral = SPECTRAL.get(order);
  if (spectral !== undefined) {
    const pair: [number, number] = [operandAt(axes, 0), operandAt(axes, 1)];
    return of(spectralNorm(spectral, pair, keepdims), x);
  }
  const size = one('abs', x);
  const [rows = 0, columns = 1] = axes.map((axis) => axisIn(axis, size.shape.length));
  const isAlongRows = order === 1 || order === -1;
  if (!isAlongRows && order !== 'inf' && order !== '-inf')
    refuse(`no matrix norm of order ${order} is computed.`);
  const [first, second] = isAlongRows ? [rows, columns] : [columns, rows];
  const extreme = order === 1 || order === 'inf' ? 'max' : 'min';
  const sums = reduce('sum', size, { axes: [first], keepdims: true });
  const found = reduce(extreme, sums, { axes: [second], keepdims: true });
  if (keepdims) return found;
  const rest = found.shape.filter((_, axis) => axis !== rows && axis !== columns);
  return of(reshape(rest.map((n) => n ?? -1)), found);
}

/** x / sqrt(max(sum(x^2), epsilon)) over `axes`: TensorFlow's `l2_normalize`. */
export function l2Normalize(axes: readonly number[] | null, epsilon: number): Operation {
  return formula((apply, operands) => {
    const { one, two, reduce } = steps(apply);
    const x = only(operands);
    const sums = reduce('sum', one('square', x), { axes, keepdims: true });
    return two('multiply', x, one('rsqrt', two('maximum', sums, epsilon)));
  });
}

/** `keras.ops.normalize`: x by its norm along `axis`, at least `epsilon`. */
export function normalize(axis: number, order: number, epsilon: number): Operation {
  if (order === 2) return l2Normalize([axis], epsilon ** 2);
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const x = only(operands);
    const length = of(norm(order, { axes: [axis], keepdims: true }), x);
    return two('divide', x, two('maximum', length, epsilon));
  });
}

/** `keras.ops.moments`: mean and variance. */
export const moments = ({ axes, keepdims }: Reducing): Operation =>
  compound((apply, operands) => {
    const { reduce } = steps(apply);
    const x = only(operands);
    return [reduce('mean', x, { axes, keepdims }), reduce('var', x, { axes, keepdims })];
  });

/** A function of two values in terms of others, by its name in `keras.ops`. */
export const logaddexp = (): Operation =>
  formula((apply, operands) => {
    const { one, two } = steps(apply);
    const [a, b] = pairOf(operands);
    const difference = one('abs', two('subtract', a, b));
    return two('add', two('maximum', a, b), one('log1p', one('exp', one('negative', difference))));
  });

/** `keras.ops.hypot`. */
export const hypot = (): Operation =>
  formula((apply, operands) => {
    const { one, two } = steps(apply);
    const [a, b] = pairOf(operands);
    return one('sqrt', two('add', one('square', a), one('square', b)));
  });

/** `keras.ops.ptp`: largest minus smallest. */
export const ptp = (over: Reducing): Operation =>
  formula((apply, operands) => {
    const { two, reduce } = steps(apply);
    const x = only(operands);
    return two('subtract', reduce('max', x, over), reduce('min', x, over));
  });

/** `keras.ops.average`: operands x and, optionally, weights of its shape or along its one axis. */
export const average = (axis: number | null): Operation =>
  formula((apply, operands) => {
    const { of, two, reduce } = steps(apply);
    const x = only(operands);
    const over = { axes: axis === null ? null : [axis], keepdims: false };
    const given = operands[1];
    if (given === undefined) return reduce('mean', x, over);
    const isAlongAxis = axis !== null && given.shape.length === 1 && x.shape.length > 1;
    const at = isAlongAxis ? axisIn(axis, x.shape.length) : 0;
    const weights = isAlongAxis ? of(reshape(x.shape.map((_, i) => (i === at ? -1 : 1))), given) : given;
    const sum = reduce('sum', two('multiply', x, weights), over);
    const total = reduce('sum', weights, isAlongAxis ? { axes: null, keepdims: false } : over);
    return two('divide', sum, total);
  });

/** Operands added up. */
export const sumOfAll = (): Operation =>
  formula((apply, operands) =>
    operands.slice(1).reduce((a, b) => apply(binary('add'), a, b)[0], only(operands)),
  );

/** A number of times x. */
export const times = (factor: number): Operation =>
  formula((apply, operands) => steps(apply).two('multiply', only(operands), factor));

/** `keras.ops.round` to a number of decimals. */
export const roundTo = (decimals: number): Operation =>
  formula((apply, operands) => {
    const { one, two } = steps(apply);
    const factor = 10 ** decimals;
    return two('divide', one('round', two('multiply', only(operands), factor)), factor);
  });

/** `keras.ops.diff`: the differences of neighbours along `axis`, `times` times over. */
export function differences(count: number, axis: number): Operation {
  if (!Number.isSafeInteger(count) || count < 0 || count > 100)
    refuse(`differences of order ${count} are not taken.`);
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const rank = only(operands).shape.length;
    const at = axisIn(axis, rank);
    const part = (start: number | null, stop: number | null): Operation =>
      getItem(
        axesIn(null, rank).map(
          (i): IndexPart =>
            i === at
              ? { kind: 'range', start, stop, step: 1 }
              : { kind: 'range', start: null, stop: null, step: 1 },
        ),
      );
    let x = only(operands);
    for (let i = 0; i < count; i++) x = two('subtract', of(part(1, null), x), of(part(null, -1), x));
    return x;
  });
}

/** `keras.ops.count_nonzero`. */
export const countNonzero = (axes: readonly number[] | null): Operation =>
  formula((apply, operands) => {
    const { two, reduce } = steps(apply);
    return reduce('sum', two('not_equal', only(operands), 0), { axes, keepdims: false });
  });

/** A largest or smallest value in which one more takes part (`initial`). */
export const extremeWith = (name: 'max' | 'min', over: Reducing, initial: number): Operation =>
  formula((apply, operands) => {
    const { two, reduce } = steps(apply);
    return two(name === 'max' ? 'maximum' : 'minimum', reduce(name, only(operands), over), initial);
  });

/** `keras.ops.hstack`, `vstack` and `dstack`: joined along an axis, vectors raised to as many axes as that needs. */
export function joinedAlong(name: 'hstack' | 'vstack' | 'dstack'): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const raised = operands.map((x) => {
      const sizes = [...x.shape];
      if (name === 'vstack' && sizes.length < 2) return of(reshape([1, sizes[0] ?? 1]), x);
      if (name === 'dstack' && sizes.length < 2) return of(reshape([1, sizes[0] ?? 1, 1]), x);
      return name === 'dstack' && sizes.length === 2 ? of(reshape([...sizes, 1]), x) : x;
    });
    const axis = name === 'vstack' ? 0 : name === 'dstack' ? 2 : raised[0]?.shape.length === 1 ? 0 : 1;
    return of(concatenate(axis), ...raised);
  });
}
