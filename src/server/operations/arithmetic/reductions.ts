import type { Shape } from '../../../shared/model';
import type { Tensor, TF } from '../../layers/kind';
import { expandTo } from '../broadcast';
import {
  asFloat,
  asNumber,
  normalizeAxes,
  normalizeAxis,
  type Operation,
  product,
  singleOperand,
} from '../operation';

/** The axes to reduce, `null` for all, and whether they are kept with size 1. */
export interface Reducing {
  readonly axes: readonly number[] | null;
  readonly keepdims: boolean;
}

interface ReductionFunction {
  /** @param x already of the right dtype. */
  value(tf: TF, x: Tensor, axes: number[]): Tensor;
  /** @param y and `gradient` have every axis kept. */
  gradient?(tf: TF, x: Tensor, y: Tensor, gradient: Tensor, axes: number[]): Tensor;
  readonly operand: 'number' | 'float' | 'truth';
}

/** Ties share the gradient equally, as in TensorFlow. */
function tiedGradient(tf: TF, x: Tensor, y: Tensor, gradient: Tensor, axes: number[]): Tensor {
  const ties = tf.cast(tf.equal(x, y), 'float32');
  return tf.mul(ties, tf.div(gradient, tf.sum(ties, axes, true)));
}

/** The product of all other values, from cumulative products in both directions: correct with zeros, too. */
function productGradient(tf: TF, x: Tensor, _y: Tensor, gradient: Tensor, axes: number[]): Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const moved = tf.transpose(x, order);
  const rows = tf.reshape(moved, [-1, product(axes.map((axis) => x.shape[axis] ?? 1))]);
  const others = tf.mul(tf.cumprod(rows, 1, true), tf.cumprod(rows, 1, true, true));
  const back = order.map((_, axis) => order.indexOf(axis));
  return tf.mul(gradient, tf.transpose(tf.reshape(others, moved.shape), back));
}

const variance = (tf: TF, x: Tensor, axes: number[]): Tensor =>
  tf.mean(tf.square(tf.sub(x, tf.mean(x, axes, true))), axes);

/** 2 * (x - mean) / count. */
function varianceSlope(tf: TF, x: Tensor, axes: number[]): Tensor {
  const count = product(axes.map((axis) => x.shape[axis] ?? 1));
  return tf.mul(tf.sub(x, tf.mean(x, axes, true)), 2 / count);
}

/** Reductions by their names in `keras.ops`. */
const REDUCTIONS = {
  sum: {
    value: (tf, x, axes) => tf.sum(x, axes),
    gradient: (tf, x, _y, gradient) => expandTo(tf, gradient, x.shape),
    operand: 'number',
  },
  mean: {
    value: (tf, x, axes) => tf.mean(x, axes),
    gradient: (tf, x, _y, gradient, axes) =>
      tf.div(expandTo(tf, gradient, x.shape), product(axes.map((axis) => x.shape[axis] ?? 1))),
    operand: 'float',
  },
  max: { value: (tf, x, axes) => tf.max(x, axes), gradient: tiedGradient, operand: 'number' },
  min: { value: (tf, x, axes) => tf.min(x, axes), gradient: tiedGradient, operand: 'number' },
  prod: { value: (tf, x, axes) => tf.prod(x, axes), gradient: productGradient, operand: 'number' },
  var: {
    value: variance,
    gradient: (tf, x, _y, gradient, axes) => tf.mul(gradient, varianceSlope(tf, x, axes)),
    operand: 'float',
  },
  std: {
    value: (tf, x, axes) => tf.sqrt(variance(tf, x, axes)),
    gradient: (tf, x, y, gradient, axes) =>
      tf.mul(tf.div(gradient, tf.mul(y, 2)), varianceSlope(tf, x, axes)),
    operand: 'float',
  },
  logsumexp: {
    value(tf, x, axes) {
      const peak = tf.max(x, axes, true);
      const sums = tf.sum(tf.exp(tf.sub(x, peak)), axes);
      return tf.add(tf.log(sums), tf.reshape(peak, sums.shape));
    },
    gradient: (tf, x, y, gradient) => tf.mul(gradient, tf.exp(tf.sub(x, y))),
    operand: 'float',
  },
  any: { value: (tf, x, axes) => tf.any(x, axes), operand: 'truth' },
  all: { value: (tf, x, axes) => tf.all(x, axes), operand: 'truth' },
} as const satisfies Readonly<Record<string, ReductionFunction>>;

export type ReductionName = keyof typeof REDUCTIONS;

/** The shape after the reduction. */
function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): Shape {
  if (keepdims) return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** The shape of a tensor with each of `axes` as 1. */
const keptShape = (x: Tensor, axes: readonly number[]): number[] =>
  x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));

/** A reduction, by its name in `keras.ops`: `reduction('mean', { axes: [1, 2], keepdims: true })`. */
export function reduction(name: ReductionName, { axes, keepdims }: Reducing): Operation {
  const row: ReductionFunction = REDUCTIONS[name];
  const { gradient: slope } = row;
  const numbers = (tf: TF, x: Tensor): Tensor => {
    if (row.operand === 'float') return asFloat(tf, x);
    return row.operand === 'truth' ? tf.cast(x, 'bool') : asNumber(tf, x);
  };
  return singleOperand({
    shape: (operand) => reducedShape(operand, normalizeAxes(axes, operand.length), keepdims),
    // Models multiply sizes to flatten a part of a tensor.
    ...(name === 'prod' && {
      staticValues: ({ shape, values }) =>
        shape.length === 1 && values?.every((n) => n !== null) ? [product(values.map((n) => n ?? 1))] : null,
    }),
    value({ tf }, x) {
      const at = normalizeAxes(axes, x.rank);
      const numbers_ = numbers(tf, x);
      const y = at.length === 0 ? withoutAxes(tf, name, numbers_) : row.value(tf, numbers_, at);
      return keepdims ? tf.reshape(y, keptShape(x, at)) : y;
    },
    ...(slope && {
      gradient({ tf }, gradient, x, y) {
        const at = normalizeAxes(axes, x.rank);
        const kept = keptShape(x, at);
        return slope(tf, x, tf.reshape(y, kept), tf.reshape(gradient, kept), at);
      },
    }),
  });
}

/** A reduction over no axis; TF.js would reduce over all. */
function withoutAxes(tf: TF, name: ReductionName, x: Tensor): Tensor {
  return name === 'var' || name === 'std' ? tf.zerosLike(x) : tf.clone(x);
}

/** `keras.ops.argmax` and `argmin`: int32 positions, the first on ties; over the flattened tensor for `null`. */
export function argExtremum(name: 'argmax' | 'argmin', axis: number | null, keepdims: boolean): Operation {
  return singleOperand({
    shape(operand) {
      if (axis === null) return keepdims ? operand.map(() => 1) : [];
      return reducedShape(operand, [normalizeAxis(axis, operand.length)], keepdims);
    },
    value({ tf }, x) {
      const find = name === 'argmax' ? tf.argMax : tf.argMin;
      const numbers = asNumber(tf, x);
      const found =
        axis === null ? find(tf.reshape(numbers, [x.size]), 0) : find(numbers, normalizeAxis(axis, x.rank));
      const kept = axis === null ? x.shape.map(() => 1) : keptShape(x, [normalizeAxis(axis, x.rank)]);
      return tf.cast(keepdims ? tf.reshape(found, kept) : found, 'int32');
    },
  });
}

/** `keras.ops.cumsum` and `cumprod`; along the flattened tensor for `null`. `exclusive` and `reverse` as TensorFlow's. */
export function cumulative(
  name: 'cumsum' | 'cumprod',
  axis: number | null,
  { exclusive = false, reverse = false } = {},
): Operation {
  const along = <T>(x: Tensor, work: (rows: Tensor, at: number) => T, tf: TF): T =>
    axis === null ? work(tf.reshape(x, [x.size]), 0) : work(x, normalizeAxis(axis, x.rank));
  return singleOperand({
    shape(operand) {
      if (axis !== null) {
        normalizeAxis(axis, operand.length);
        return operand;
      }
      return [operand.reduce<number | null>((n, size) => (n === null || size === null ? null : n * size), 1)];
    },
    value: ({ tf }, x) => along(asNumber(tf, x), (rows, at) => tf[name](rows, at, exclusive, reverse), tf),
    gradient: ({ tf }, gradient, x, y) =>
      along(
        x,
        (rows, at) => {
          const dx =
            name === 'cumsum'
              ? tf.cumsum(gradient, at, exclusive, !reverse)
              : tf.divNoNan(tf.cumsum(tf.mul(y, gradient), at, exclusive, !reverse), rows);
          return tf.reshape(dx, x.shape);
        },
        tf,
      ),
  });
}
