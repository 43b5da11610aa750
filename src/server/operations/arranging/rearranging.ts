import type { Shape } from '../../../shared/model';
import type { StaticValues } from '../../graph/opConfig';
import type { Tensor, TF } from '../../layers/kind';
import { isFloat } from '../../layers/support/layerInputs';
import { broadcastShapes, spread, sumTo } from '../broadcast';
import {
  axesIn,
  axisIn,
  type Operation,
  ofOne,
  operandAt,
  product,
  refuse,
  type StaticOperand,
  shapeText,
  sizeOf,
  wants,
} from '../operation';

/**
 * `keras.ops.reshape`. @param target sizes, -1 or `null` (a size that is only known while the model runs) at most once
 * when it runs; while shapes are static any number of them may be unknown.
 */
export function reshape(target: Shape): Operation {
  return ofOne({
    handsOn: true,
    isPassThrough: true,
    shape: (operand) => reshaped(operand, target),
    value: ({ tf }, x) => {
      const sizes = reshaped(x.shape, target).map((size) => size ?? -1);
      return tf.reshape(x, sizes);
    },
    gradient: ({ tf }, gradient, x) => tf.reshape(gradient, x.shape),
  });
}

function reshaped(from: Shape, target: Shape): Shape {
  const size = sizeOf(from);
  const given = target.filter((n): n is number => n !== null && n !== -1);
  const open = target.length - given.length;
  const known = product(given);
  const fits = open === 0 ? size === known : known > 0 && (size ?? 0) % known === 0;
  if (given.some((n) => n < 0) || target.filter((n) => n === -1).length > 1 || (size !== null && !fits)) {
    return refuse(`a tensor of shape ${shapeText(from)} cannot be reshaped to ${shapeText(target)}.`);
  }
  if (open !== 1 || size === null) return target.map((n) => (n === -1 ? null : n));
  return target.map((n) => (n === -1 || n === null ? size / known : n));
}

/** `keras.ops.transpose`: axis i of the result is axis `order[i]` of x; `null` reverses all. */
export function transpose(order: readonly number[] | null): Operation {
  const of = (rank: number): number[] => {
    if (order === null) return Array.from({ length: rank }, (_, i) => rank - 1 - i);
    const axes = order.map((axis) => axisIn(axis, rank));
    if (axes.length === rank && new Set(axes).size === rank) return axes;
    return refuse(`[${order.join(', ')}] is not an order of ${rank} axes.`);
  };
  return {
    ...ofOne({
      isPassThrough: true,
      shape: (operand) => of(operand.length).map((axis) => operand[axis] ?? null),
      value: ({ tf }, x) => tf.transpose(x, of(x.rank)),
      gradient: ({ tf }, gradient, x) => tf.transpose(gradient, inverse(of(x.rank))),
    }),
    permutation: of,
  };
}

/** The order that undoes `order`. */
export const inverse = (order: readonly number[]): number[] => order.map((_, axis) => order.indexOf(axis));

/** `keras.ops.moveaxis`. */
export function moveaxis(source: readonly number[], destination: readonly number[]): Operation {
  const order = (rank: number): number[] => {
    const from = source.map((axis) => axisIn(axis, rank));
    const to = destination.map((axis) => axisIn(axis, rank));
    if (from.length !== to.length) refuse('as many axes have to be moved as there are places for them.');
    const rest = axesIn(null, rank).filter((axis) => !from.includes(axis));
    return axesIn(null, rank).map((place) => {
      const moved = to.indexOf(place);
      return moved >= 0 ? operandAt(from, moved) : (rest.shift() ?? 0);
    });
  };
  return byRank((rank) => transpose(order(rank)));
}

/** `keras.ops.swapaxes`. */
export function swapaxes(a: number, b: number): Operation {
  return byRank((rank) => {
    const [first, second] = [axisIn(a, rank), axisIn(b, rank)];
    return transpose(
      axesIn(null, rank).map((axis) => (axis === first ? second : axis === second ? first : axis)),
    );
  });
}

/** A transposition that depends on how many axes its operand has. */
function byRank(of: (rank: number) => Operation): Operation {
  const found = (operands: readonly { readonly rank: number }[]): Operation =>
    of(operandAt(operands, 0).rank);
  return {
    isPassThrough: true,
    permutation: (rank) => of(rank).permutation?.(rank) ?? axesIn(null, rank),
    outputShapes: (operands) => of(operandAt(operands, 0).length).outputShapes(operands),
    forward: (on, operands) => found(operands).forward(on, operands),
    backward: (on, step) => found(step.inputs).backward?.(on, step) ?? step.inputs.map(() => null),
  };
}

/** A reshape whose target follows from the operand's shape; sizes stay what they are, only axes of size 1 come and go. */
function reaxed(target: (shape: Shape) => Shape): Operation {
  return ofOne({
    handsOn: true,
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

/** `keras.ops.expand_dims`: a new axis of size 1 at each place, counted in the result. */
export function expandDims(axes: readonly number[]): Operation {
  return reaxed((shape) => {
    const places = axesIn(axes, shape.length + axes.length);
    const sizes = [...shape];
    for (const place of places) sizes.splice(place, 0, 1);
    return sizes;
  });
}

/** `keras.ops.squeeze`: without the named axes of size 1, or without all of them. */
export function squeeze(axes: readonly number[] | null): Operation {
  return reaxed((shape) => {
    const gone = axes === null ? null : axesIn(axes, shape.length);
    for (const axis of gone ?? []) {
      const size = shape[axis];
      if (size !== 1 && size !== null) refuse(`axis ${axis} of ${shapeText(shape)} is not of size 1.`);
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
  return ofOne({
    isPassThrough: true,
    shape: meeting,
    value: ({ tf }, x) =>
      spread(
        tf,
        x,
        meeting(x.shape).map((size, axis) => size ?? x.shape[axis] ?? 1),
      ),
    gradient: ({ tf }, gradient, x) => sumTo(tf, gradient, x.shape),
  });
}

/** `keras.ops.tile`: the whole, `times` times along each axis; missing axes are added in front. */
export function tile(times: readonly (number | null)[]): Operation {
  const aligned = (shape: Shape): { sizes: Shape; by: (number | null)[] } => {
    const rank = Math.max(shape.length, times.length);
    if (times.some((n) => n !== null && n < 0)) refuse('nothing can be repeated a negative number of times.');
    return {
      sizes: [...new Array<number>(rank - shape.length).fill(1), ...shape],
      by: [...new Array<number>(rank - times.length).fill(1), ...times],
    };
  };
  return ofOne({
    isPassThrough: true,
    shape(operand) {
      const { sizes, by } = aligned(operand);
      return sizes.map((size, axis) => {
        const n = by[axis] ?? null;
        return size === null || n === null ? null : size * n;
      });
    },
    value({ tf }, x) {
      const { sizes, by } = aligned(x.shape);
      return tf.tile(tf.reshape(x, numbersOf(sizes)), numbersOf(by));
    },
    gradient({ tf }, gradient, x) {
      const { sizes, by } = aligned(x.shape);
      // One axis after the other, since not every kernel takes an axis more for each of them.
      const summed = by.reduce<Tensor>((g, n, axis) => sumOfCopies(tf, g, axis, n ?? 1), gradient);
      return tf.reshape(summed, sizes.length === x.rank ? x.shape : [...x.shape]);
    },
  });
}

const numbersOf = (sizes: readonly (number | null)[]): number[] => sizes.map((size) => size ?? 1);

/** Along `axis` lie `n` copies one behind the other: their sum. */
function sumOfCopies(tf: TF, x: Tensor, axis: number, n: number): Tensor {
  if (n === 1) return x;
  const { outer, size, inner } = around(x.shape, axis);
  const sum = tf.sum(tf.reshape(x, [outer, n, size / n, inner]), 1);
  return tf.reshape(
    sum,
    x.shape.map((length, i) => (i === axis ? size / n : length)),
  );
}

/** A tensor seen as [outer, size of `axis`, inner]. */
export function around(
  shape: readonly number[],
  axis: number,
): { outer: number; size: number; inner: number } {
  return {
    outer: product(shape.slice(0, axis)),
    size: shape[axis] ?? 1,
    inner: product(shape.slice(axis + 1)),
  };
}

/** `keras.ops.repeat` with one number of times: every value along `axis` that often, one behind the other. */
export function repeat(times: number, axis: number): Operation {
  if (!Number.isSafeInteger(times) || times < 0) refuse(`nothing can be repeated ${times} times.`);
  return ofOne({
    isPassThrough: true,
    shape(operand) {
      const at = axisIn(axis, operand.length);
      return operand.map((size, i) => (i === at && size !== null ? size * times : size));
    },
    value({ tf }, x) {
      const at = axisIn(axis, x.rank);
      const { outer, size, inner } = around(x.shape, at);
      const copies = tf.tile(tf.reshape(x, [outer * size, 1, inner]), [1, times, 1]);
      return tf.reshape(
        copies,
        x.shape.map((length, i) => (i === at ? length * times : length)),
      );
    },
    gradient({ tf }, gradient, x) {
      const { outer, size, inner } = around(x.shape, axisIn(axis, x.rank));
      return tf.reshape(tf.sum(tf.reshape(gradient, [outer * size, times, inner]), 1), x.shape);
    },
  });
}

export type PadMode = 'constant' | 'reflect' | 'symmetric';

/** `keras.ops.pad`. @param widths [before, after] of every axis; `reflect` leaves the edge out, `symmetric` repeats it. */
export function pad(
  widths: readonly (readonly [number, number])[],
  mode: PadMode = 'constant',
  constant = 0,
): Operation {
  const of = (rank: number): [number, number][] => {
    const [all = [0, 0] as const] = widths;
    const given = widths.length === 1 ? new Array<readonly [number, number]>(rank).fill(all) : widths;
    if (given.length !== rank) refuse(`${given.length} paddings do not fit ${rank} axes.`);
    if (given.some((pair) => pair.some((n) => n < 0))) refuse('a padding is negative.');
    return given.map(([before, after]) => [before, after]);
  };
  return ofOne({
    shape: (operand) => {
      const added = of(operand.length);
      return operand.map((size, axis) => {
        const [before, after] = added[axis] ?? [0, 0];
        return size === null ? null : size + before + after;
      });
    },
    value({ tf }, x) {
      const added = of(x.rank);
      if (mode === 'constant') return tf.pad(x, added, constant);
      return mirrorAxes(added, mode).reduce<Tensor>(
        (y, { axis, places }) => placed(tf, y, axis, places(y.shape[axis] ?? 0)),
        x,
      );
    },
    gradient({ tf }, gradient, x) {
      const added = of(x.rank);
      if (mode === 'constant') {
        return tf.slice(
          gradient,
          added.map(([before]) => before),
          x.shape,
        );
      }
      return mirrorAxes(added, mode)
        .reverse()
        .reduce<Tensor>((g, { axis, places }) => {
          const size = x.shape[axis] ?? 0;
          return placedTransposed(tf, g, axis, places(size), size);
        }, gradient);
    },
  });
}

/** For each padded axis: which position of x every position of the result shows. */
function mirrorAxes(
  added: readonly (readonly [number, number])[],
  mode: 'reflect' | 'symmetric',
): { axis: number; places: (size: number) => number[] }[] {
  const edge = mode === 'reflect' ? 0 : 1;
  return added.flatMap(([before, after], axis) => {
    if (before === 0 && after === 0) return [];
    const places = (size: number): number[] => {
      if (Math.max(before, after) > size - 1 + edge) {
        refuse(`an axis of ${size} cannot be mirrored by ${before} and ${after}.`);
      }
      return Array.from({ length: before + size + after }, (_, i) => {
        const at = i - before;
        if (at < 0) return -at - edge;
        return at < size ? at : 2 * size - 2 - at + edge;
      });
    };
    return [{ axis, places }];
  });
}

const placed = (tf: TF, x: Tensor, axis: number, places: number[]): Tensor =>
  tf.gather(x, tf.tensor1d(places, 'int32'), axis);

/** The transpose of `placed`, as a product with what places stand for: exact, and every backend has it. */
function placedTransposed(tf: TF, gradient: Tensor, axis: number, places: number[], size: number): Tensor {
  const moved = [axis, ...gradient.shape.map((_, i) => i).filter((i) => i !== axis)];
  const rows = tf.transpose(gradient, moved);
  const which = tf.oneHot(tf.tensor1d(places, 'int32'), size);
  const sums = tf.matMul(tf.cast(which, 'float32'), tf.reshape(rows, [places.length, -1]), true);
  return tf.transpose(tf.reshape(sums, [size, ...rows.shape.slice(1)]), inverse(moved));
}

/** `keras.ops.flip`: backwards along each of the axes, all for `null`. */
export function flip(axes: readonly number[] | null): Operation {
  const value = (tf: TF, x: Tensor): Tensor => {
    const at = axesIn(axes, x.rank);
    return at.length === 0 ? tf.clone(x) : tf.reverse(x, at);
  };
  return ofOne({
    isPassThrough: true,
    shape(operand) {
      axesIn(axes, operand.length);
      return operand;
    },
    value: ({ tf }, x) => value(tf, x),
    gradient: ({ tf }, gradient) => value(tf, gradient),
  });
}

/** `keras.ops.roll`: what leaves at the end comes in at the start; over the flat tensor for `null`. */
export function roll(shifts: readonly number[], axes: readonly number[] | null): Operation {
  const value = (tf: TF, x: Tensor, direction: 1 | -1): Tensor => {
    if (axes === null)
      return tf.reshape(rolled(tf, tf.reshape(x, [x.size]), 0, direction * (shifts[0] ?? 0)), x.shape);
    return axes.reduce(
      (y, axis, i) => rolled(tf, y, axisIn(axis, x.rank), direction * (shifts[i] ?? shifts[0] ?? 0)),
      x,
    );
  };
  return ofOne({
    isPassThrough: true,
    shape: (operand) => {
      for (const axis of axes ?? []) axisIn(axis, operand.length);
      return operand;
    },
    value: ({ tf }, x) => tf.clone(value(tf, x, 1)),
    gradient: ({ tf }, gradient) => tf.clone(value(tf, gradient, -1)),
  });
}

function rolled(tf: TF, x: Tensor, axis: number, shift: number): Tensor {
  const size = x.shape[axis] ?? 0;
  const by = size === 0 ? 0 : ((shift % size) + size) % size;
  if (by === 0) return x;
  const [front, back] = tf.split(x, [size - by, by], axis);
  return tf.concat([back ?? x, front ?? x], axis);
}

/** Lists one behind the other, unknown ones with their places, where all of them are lists or single numbers. */
function joinedValues(operands: readonly StaticOperand[]): (StaticValues | null)[] {
  const lists = operands.map(({ shape, values }) => {
    if (values !== null || shape.length > 1) return values;
    const [length = 1] = shape;
    return length === null || length > MAX_STATIC ? null : new Array<null>(length).fill(null);
  });
  if (lists.some((list) => list === null)) return [null];
  const joined = lists.flatMap((list) => list ?? []);
  return [joined.length <= MAX_STATIC && joined.some((n) => n !== null) ? joined : null];
}

/** No shape is longer, and a model of ten thousand concatenations must not double it each time. */
const MAX_STATIC = 64;

/** `keras.ops.concatenate`: any number of operands, one behind the other along `axis`. */
export function concatenate(axis: number): Operation {
  return {
    staticValues: (operands) =>
      operands.every(({ shape }) => shape.length === 1) ? joinedValues(operands) : [null],
    outputShapes(operands) {
      const first = operandAt(operands, 0);
      const at = axisIn(axis, first.length);
      const sizes = first.map((_, i) => {
        const along = operands.map((shape) => shape[i] ?? null);
        if (i === at) return along.reduce((a, b) => (a === null || b === null ? null : a + b), 0);
        const known = along.find((size) => size !== null);
        if (along.some((size) => size !== null && size !== known)) misfit(operands);
        return known ?? null;
      });
      if (operands.some((shape) => shape.length !== first.length)) misfit(operands);
      return [sizes];
    },
    forward({ tf }, operands) {
      const isAnyFloat = operands.some(isFloat);
      const same = isAnyFloat ? operands.map((x) => tf.cast(x, 'float32')) : [...operands];
      return [
        same.length === 1
          ? tf.clone(operandAt(same, 0))
          : tf.concat(same, axisIn(axis, operandAt(same, 0).rank)),
      ];
    },
    backward({ tf }, step) {
      const { inputs } = step;
      const [gradient] = step.gradients;
      if (!gradient) return inputs.map(() => null);
      const at = axisIn(axis, gradient.rank);
      const parts = tf.split(
        gradient,
        inputs.map((input) => input.shape[at] ?? 0),
        at,
      );
      return inputs.map((_, i) => (wants(step, i) ? (parts[i] ?? null) : null));
    },
  };
}

function misfit(operands: readonly Shape[]): never {
  return refuse(`tensors of shapes ${operands.map(shapeText).join(' and ')} cannot be joined.`);
}

/** `keras.ops.stack`: any number of operands of one shape along a new axis, counted in the result. */
export function stack(axis: number): Operation {
  const joined = concatenate(axis);
  const raised = (tf: TF, x: Tensor): Tensor => tf.expandDims(x, axisIn(axis, x.rank + 1));
  return {
    staticValues: (operands) =>
      operands.every(({ shape }) => shape.length === 0) ? joinedValues(operands) : [null],
    outputShapes(operands) {
      const grown = expandDims([axis]);
      return joined.outputShapes(operands.flatMap((shape) => grown.outputShapes([shape])));
    },
    forward: (on, operands) =>
      joined.forward(
        on,
        operands.map((x) => raised(on.tf, x)),
      ),
    backward(on, step) {
      const inputs = step.inputs.map((x) => raised(on.tf, x));
      const parts = joined.backward?.(on, { ...step, inputs }) ?? [];
      return step.inputs.map((input, i) => {
        const part = parts[i];
        return part ? on.tf.reshape(part, input.shape) : null;
      });
    },
  };
}

/** `keras.ops.split`. @param parts how many equal parts, or the size of each (one may be `null`: what is left). */
export function split(parts: number | readonly (number | null)[], axis: number): Operation {
  const sizes = (size: number | null): (number | null)[] => {
    if (typeof parts === 'number') {
      if (parts < 1 || (size !== null && size % parts !== 0)) {
        refuse(`an axis of ${size ?? 'unknown size'} cannot be split into ${parts} equal parts.`);
      }
      if (parts > MAX_PARTS) refuse(`${parts} parts are too many.`);
      return new Array<number | null>(parts).fill(size === null ? null : size / parts);
    }
    const known = parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
    const open = parts.filter((part) => part === null).length;
    if (size !== null && (open === 0 ? known !== size : known > size)) {
      refuse(`an axis of ${size} cannot be split into parts of ${parts.map((n) => n ?? '?').join(', ')}.`);
    }
    return parts.map((part) => part ?? (size === null || open > 1 ? null : size - known));
  };
  return {
    isPassThrough: true,
    outputShapes(operands) {
      const shape = operandAt(operands, 0);
      const at = axisIn(axis, shape.length);
      return sizes(shape[at] ?? null).map((part) => shape.map((size, i) => (i === at ? part : size)));
    },
    forward({ tf }, operands) {
      const x = operandAt(operands, 0);
      const at = axisIn(axis, x.rank);
      return tf.split(x, numbersOf(sizes(x.shape[at] ?? 0)), at);
    },
    backward({ tf }, { outputs, gradients }) {
      const parts = outputs.map((output, i) => gradients[i] ?? tf.zeros(output.shape));
      const first = operandAt(outputs, 0);
      if (gradients.every((gradient) => !gradient)) return [null];
      return [parts.length === 1 ? operandAt(parts, 0) : tf.concat(parts, axisIn(axis, first.rank))];
    },
  };
}

/** A config may ask for a billion of them. */
const MAX_PARTS = 10_000;

/** The sizes of the parts of an axis of `size` that is cut at `places`, as NumPy's `split` with indices. */
export function partsBetween(places: readonly number[], size: number | null): (number | null)[] {
  const bounded = places.map((place) =>
    size === null ? place : Math.min(place < 0 ? place + size : place, size),
  );
  const starts = [0, ...bounded];
  return starts.map((start, i) => {
    const end = bounded[i] ?? size;
    return end === null ? null : Math.max(0, end - start);
  });
}

/** `keras.ops.unstack`: every slice along `axis`, without that axis. */
export function unstack(axis: number, count: number | null): Operation {
  const whole = (shape: Shape): Operation => {
    const size = shape[axisIn(axis, shape.length)] ?? count;
    return size === null ? refuse('an axis of unknown size cannot be taken apart.') : split(size, axis);
  };
  return {
    isPassThrough: true,
    staticValues(operands) {
      const { shape, values } = operandAt(operands, 0);
      return shape.length === 1 && values !== null ? values.map((n) => [n]) : [];
    },
    outputShapes(operands) {
      const shape = operandAt(operands, 0);
      const at = axisIn(axis, shape.length);
      return whole(shape)
        .outputShapes(operands)
        .map((part) => part.filter((_, i) => i !== at));
    },
    forward({ tf }, operands) {
      const x = operandAt(operands, 0);
      return tf.unstack(x, axisIn(axis, x.rank));
    },
    backward({ tf }, { inputs, outputs, gradients }) {
      if (gradients.every((gradient) => !gradient)) return [null];
      const parts = outputs.map((output, i) => gradients[i] ?? tf.zeros(output.shape));
      return [tf.stack(parts, axisIn(axis, operandAt(inputs, 0).rank))];
    },
  };
}
