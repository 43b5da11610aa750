import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { broadcastShapes, expandTo, sumTo } from '../broadcast';
import {
  elementCount,
  normalizeAxes,
  normalizeAxis,
  type Operation,
  operandAt,
  product,
  refuse,
  shapeText,
  singleOperand,
} from '../operation';

/**
 * `keras.ops.reshape`. @param target sizes, -1 or `null` (a size that is only known while the model runs) at most once
 * when it runs; while shapes are static any number of them may be unknown.
 */
export function reshape(target: Shape): Operation {
  return singleOperand({
    keepsValues: true,
    isPassThrough: true,
    shape: (operand) => reshapedShape(operand, target),
    value: ({ tf }, x) => {
      const sizes = reshapedShape(x.shape, target).map((size) => size ?? -1);
      return tf.reshape(x, sizes);
    },
    gradient: ({ tf }, gradient, x) => tf.reshape(gradient, x.shape),
  });
}

function reshapedShape(from: Shape, target: Shape): Shape {
  const size = elementCount(from);
  const given = target.filter((n): n is number => n !== null && n !== -1);
  const open = target.length - given.length;
  const known = product(given);
  const fits = open === 0 ? size === known : known > 0 && (size ?? 0) % known === 0;
  if (given.some((n) => n < 0) || target.filter((n) => n === -1).length > 1 || (size !== null && !fits)) {
    return refuse(
      l10n.t('a tensor of shape {0} cannot be reshaped to {1}.', shapeText(from), shapeText(target)),
    );
  }
  if (open !== 1 || size === null) return target.map((n) => (n === -1 ? null : n));
  return target.map((n) => (n === -1 || n === null ? size / known : n));
}

/** `keras.ops.transpose`: axis i of the result is axis `order[i]` of x; `null` reverses all. */
export function transpose(order: readonly number[] | null): Operation {
  const of = (rank: number): number[] => {
    if (order === null) return Array.from({ length: rank }, (_, i) => rank - 1 - i);
    const axes = order.map((axis) => normalizeAxis(axis, rank));
    if (axes.length === rank && new Set(axes).size === rank) return axes;
    return refuse(l10n.t('[{0}] is not an order of {1} axes.', order.join(', '), rank), 'wrong-shape');
  };
  return {
    ...singleOperand({
      isPassThrough: true,
      shape: (operand) => of(operand.length).map((axis) => operand[axis] ?? null),
      value: ({ tf }, x) => tf.transpose(x, of(x.rank)),
      gradient: ({ tf }, gradient, x) => tf.transpose(gradient, inversePermutation(of(x.rank))),
    }),
    permutation: of,
  };
}

/** The order that undoes `order`. */
export const inversePermutation = (order: readonly number[]): number[] =>
  order.map((_, axis) => order.indexOf(axis));

/** `keras.ops.moveaxis`. */
export function moveaxis(source: readonly number[], destination: readonly number[]): Operation {
  const order = (rank: number): number[] => {
    const from = source.map((axis) => normalizeAxis(axis, rank));
    const to = destination.map((axis) => normalizeAxis(axis, rank));
    if (from.length !== to.length) refuse(l10n.t('source and destination differ in length.'));
    const rest = normalizeAxes(null, rank).filter((axis) => !from.includes(axis));
    return normalizeAxes(null, rank).map((place) => {
      const moved = to.indexOf(place);
      return moved >= 0 ? operandAt(from, moved) : (rest.shift() ?? 0);
    });
  };
  return byRank((rank) => transpose(order(rank)));
}

/** `keras.ops.swapaxes`. */
export function swapaxes(a: number, b: number): Operation {
  return byRank((rank) => {
    const [first, second] = [normalizeAxis(a, rank), normalizeAxis(b, rank)];
    return transpose(
      normalizeAxes(null, rank).map((axis) => (axis === first ? second : axis === second ? first : axis)),
    );
  });
}

/** A transposition that depends on the rank of its operand. */
function byRank(of: (rank: number) => Operation): Operation {
  const found = (operands: readonly { readonly rank: number }[]): Operation =>
    of(operandAt(operands, 0).rank);
  return {
    isPassThrough: true,
    permutation: (rank) => of(rank).permutation?.(rank) ?? normalizeAxes(null, rank),
    outputShapes: (operands) => of(operandAt(operands, 0).length).outputShapes(operands),
    forward: (ctx, operands) => found(operands).forward(ctx, operands),
    backward: (ctx, step) => found(step.inputs).backward?.(ctx, step) ?? step.inputs.map(() => null),
  };
}

/** A reshape that only adds or removes axes of size 1. */
function withAxes(target: (shape: Shape) => Shape): Operation {
  return singleOperand({
    keepsValues: true,
    isPassThrough: true,
    shape: target,
    value: ({ tf }, x) =>
      tf.reshape(
        x,
        target(x.shape).map((size) => size ?? -1),
      ),
    gradient: ({ tf }, gradient, x) => tf.reshape(gradient, x.shape),
  });
}

/** `keras.ops.expand_dims`: a new axis of size 1 at each index, counted in the result. */
export function expandDims(axes: readonly number[]): Operation {
  return withAxes((shape) => {
    const places = normalizeAxes(axes, shape.length + axes.length);
    const sizes = [...shape];
    for (const place of places) sizes.splice(place, 0, 1);
    return sizes;
  });
}

/** `keras.ops.squeeze`: removes the given axes of size 1, or all of them. */
export function squeeze(axes: readonly number[] | null): Operation {
  return withAxes((shape) => {
    const gone = axes === null ? null : normalizeAxes(axes, shape.length);
    for (const axis of gone ?? []) {
      const size = shape[axis];
      if (size !== 1 && size !== null)
        refuse(l10n.t('axis {0} of {1} is not of size 1.', axis, shapeText(shape)), 'wrong-shape');
    }
    return shape.filter((size, axis) => (gone === null ? size !== 1 : !gone.includes(axis)));
  });
}

/** `keras.ops.broadcast_to`; -1 or `null` keeps the operand's size. */
export function broadcastTo(target: Shape): Operation {
  const meeting = (shape: Shape): Shape => {
    const lead = target.length - shape.length;
    return broadcastShapes([
      shape,
      target.map((size, i) => (size === -1 ? (shape[i - lead] ?? null) : size)),
    ]);
  };
  return singleOperand({
    isPassThrough: true,
    shape: meeting,
    value: ({ tf }, x) =>
      expandTo(
        tf,
        x,
        meeting(x.shape).map((size, axis) => size ?? x.shape[axis] ?? 1),
      ),
    gradient: ({ tf }, gradient, x) => sumTo(tf, gradient, x.shape),
  });
}
