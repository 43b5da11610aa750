import type { Shape } from '../../../shared/model';
import { where } from '../arithmetic/binary';
import { steps } from '../arithmetic/composed';
import { reduction } from '../arithmetic/reductions';
import { broadcastShapes } from '../broadcast';
import { byPlaces, placesFor, positionIn } from '../byPlaces';
import { compound, formula, type Value } from '../compound';
import { integers, onHost } from '../onHost';
import { axesIn, axisIn, type Operation, operandAt, product, refuse, sizeOf } from '../operation';
import { cast, constant, type NumberKind } from '../values';
import { oneHot } from './gathering';
import {
  broadcastTo,
  expandDims,
  flip,
  moveaxis,
  pad,
  reshape,
  split,
  stack,
  transpose,
} from './rearranging';
import { getItem, type IndexPart } from './slicing';

/** `keras.ops.rot90`: `times` quarter turns from the first axis towards the second. */
export function quarterTurns(times: number, axes: readonly number[]): Operation {
  const turns = ((times % 4) + 4) % 4;
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    const at = axesIn(axes, x.shape.length);
    const [first, second] = axes.map((axis) => axisIn(axis, x.shape.length));
    if (at.length !== 2 || first === undefined || second === undefined) {
      return refuse('it turns in the plane of two axes.');
    }
    if (turns === 0) return of(reshape(x.shape), x);
    const rest = axesIn(null, x.shape.length).filter((axis) => !at.includes(axis));
    const order = [...rest, first, second];
    const [height = null, width = null] = [x.shape[first], x.shape[second]];
    const turn = (y: Value): Value => {
      const swapped = axesIn(null, order.length);
      swapped.splice(-2, 2, order.length - 1, order.length - 2);
      return of(transpose(swapped), of(flip([-1]), y));
    };
    let y = turn(of(transpose(order), x));
    // Keras reads the values in the final shape between two turns: after a half turn it mixes what is not a square.
    const front = rest.map((axis) => x.shape[axis] ?? null);
    if (turns === 2) y = of(reshape([...front, height, width]), y);
    for (let i = 1; i < turns; i++) y = turn(y);
    if (turns === 2) y = of(reshape([...front, height, width]), y);
    return of(transpose(axesIn(null, order.length).map((axis) => order.indexOf(axis))), y);
  });
}

/** The axes that `keras.ops.cross` takes the vectors of a and b from, and where those of the result go. */
export interface CrossAxes {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** `keras.ops.cross`: of vectors of three numbers, or of two, whose third is 0; the result of two such has one number. */
export function cross(axes: CrossAxes): Operation {
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const vectors = [axes.a, axes.b].map((axis, i) => of(moveaxis([axis], [-1]), operandAt(operands, i)));
    const sizes = vectors.map(({ shape }) => shape.at(-1));
    if (sizes.some((size) => size !== 2 && size !== 3))
      refuse('its vectors have neither two nor three numbers.');
    const [a, b] = vectors.map((x) => {
      const widths = x.shape.map((_, axis): [number, number] => [
        0,
        axis === x.shape.length - 1 && x.shape[axis] === 2 ? 1 : 0,
      ]);
      return [0, 1, 2].map((index) => of(part(index), of(pad(widths), x)));
    });
    const component = (i: number, j: number): Value => {
      const [ai, aj] = [operandAt(a ?? [], i), operandAt(a ?? [], j)];
      const [bi, bj] = [operandAt(b ?? [], i), operandAt(b ?? [], j)];
      return two('subtract', two('multiply', ai, bj), two('multiply', aj, bi));
    };
    if (sizes.every((size) => size === 2)) return component(0, 1);
    const all = of(stack(-1), component(1, 2), component(2, 0), component(0, 1));
    return of(moveaxis([-1], [axes.c]), all);
  });
}

const part = (index: number): Operation =>
  getItem([{ kind: 'ellipsis' }, { kind: 'at', index }] satisfies IndexPart[]);

/** `keras.ops.kron`. */
export const kron = (): Operation =>
  formula((apply, operands) => {
    const { of, two } = steps(apply);
    const rank = Math.max(...[0, 1].map((i) => operandAt(operands, i).shape.length));
    const [a, b] = [0, 1].map((i): Shape => {
      const { shape } = operandAt(operands, i);
      return [...new Array<number>(rank - shape.length).fill(1), ...shape];
    });
    const apart = (shape: Shape, isFirst: boolean): Shape =>
      shape.flatMap((size) => (isFirst ? [size, 1] : [1, size]));
    const [first, second] = [a ?? [], b ?? []];
    const products = two(
      'multiply',
      of(reshape(apart(first, true)), operandAt(operands, 0)),
      of(reshape(apart(second, false)), operandAt(operands, 1)),
    );
    return of(reshape(first.map((size, axis) => times(size, second[axis] ?? null))), products);
  });

const times = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a * b;

/** `keras.ops.array_split`: parts of nearly equal size, the larger ones first. */
export function arraySplit(count: number, axis: number): Operation {
  if (count < 1 || count > MAX_PARTS) refuse(`${count} parts cannot be made.`);
  const parts = (size: number | null): Operation => {
    if (size === null) return split(new Array<null>(count).fill(null), axis);
    const [small, larger] = [Math.floor(size / count), size % count];
    return split(
      Array.from({ length: count }, (_, i) => (i < larger ? small + 1 : small)),
      axis,
    );
  };
  return compound((apply, operands) => {
    const x = operandAt(operands, 0);
    return apply(parts(x.shape[axisIn(axis, x.shape.length)] ?? null), x);
  });
}

const MAX_PARTS = 10_000;

/** `keras.ops.hsplit`: along the second axis, or that of a vector. */
export const horizontalSplit = (along: (axis: number) => Operation): Operation =>
  compound((apply, operands) => {
    const x = operandAt(operands, 0);
    return apply(along(x.shape.length === 1 ? 0 : 1), x);
  });

/** `keras.ops.meshgrid`: every operand, flat, along an axis of its own. */
export const meshgrid = (indexing: 'xy' | 'ij'): Operation =>
  compound((apply, operands) => {
    const { of } = steps(apply);
    const axes = operands.map((_, i) => (indexing === 'xy' && i < 2 && operands.length > 1 ? 1 - i : i));
    const sizes = operands.map((_, axis) => sizeOf(operandAt(operands, axes.indexOf(axis)).shape));
    return operands.map((x, i) => {
      const own = operands.map((_, axis) => (axis === axes[i] ? -1 : 1));
      return of(broadcastTo(sizes), of(reshape(own), x));
    });
  });

/** `keras.ops.unravel_index`: the coordinates of positions in a tensor of `shape`. */
export function unravelIndex(shape: readonly number[]): Operation {
  if (shape.length === 0 || shape.some((size) => size < 1)) refuse('no positions are in an empty shape.');
  return onHost({
    outputShapes: (operands) => shape.map(() => operandAt(operands, 0)),
    forward(operands) {
      const { shape: own, values } = operandAt(operands, 0);
      // For anything but a list Keras counts from the wrong end and turns the coordinates round.
      const isList = own.length === 1;
      const order = isList ? [...shape].reverse() : shape;
      let rest = Array.from(values);
      const found = order.map((size) => {
        const coordinates = rest.map((n) => ((n % size) + size) % size);
        rest = rest.map((n) => Math.floor(n / size));
        return integers(own, coordinates);
      });
      return found.reverse();
    },
  });
}

/** `keras.ops.multi_hot`: 1 at each position that the second axis (of a list its only one) names. */
export const multiHot = (classes: number, axis: number, dtype: NumberKind): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    const hot = of(oneHot(classes, axis), x);
    const any = of(reduction('max', { axes: [x.shape.length > 1 ? 1 : 0], keepdims: false }), hot);
    return of(cast(dtype), any);
  });

/** `keras.ops.select`: operands as many conditions as choices, then, unless it is 0, what stands where none holds. */
export const select = (hasDefault: boolean): Operation =>
  formula((apply, operands) => {
    const count = (operands.length - (hasDefault ? 1 : 0)) / 2;
    if (!Number.isInteger(count) || count < 1) refuse('it has not as many conditions as choices.');
    const shape = broadcastShapes(operands.map((operand) => operand.shape));
    const otherwise = hasDefault
      ? operandAt(operands, 2 * count)
      : apply(constant([], (tf) => tf.scalar(0)))[0];
    const start = apply(broadcastTo(shape), otherwise)[0];
    return Array.from({ length: count }, (_, i) => count - 1 - i).reduce(
      (rest, i) => apply(where(), operandAt(operands, i), operandAt(operands, count + i), rest)[0],
      start,
    );
  });

/** `keras.ops.extract_sequences`: windows of `length` every `stride` along the last axis. */
export function extractSequences(length: number, stride: number): Operation {
  if (length < 1 || stride < 1) refuse(`sequences of ${length} every ${stride} are not cut.`);
  const shape = (operand: Shape): Shape => {
    const size = operand[axisIn(-1, operand.length)] ?? null;
    const count = size === null ? null : Math.max(0, 1 + Math.floor((size - length) / stride));
    return [...operand.slice(0, -1), count, length];
  };
  return byPlaces(
    shape,
    (operand) => {
      const sizes = shape(operand).map((size) => size ?? 0);
      const places = placesFor(sizes, (at) => {
        const [window = 0, place = 0] = at.slice(-2);
        return positionIn(operand, [...at.slice(0, -2), window * stride + place]);
      });
      return { shape: sizes, places };
    },
    { isPassThrough: true },
  );
}

/** `keras.ops.cdist`: the distance of each row of the one to each row of the other. */
export const distances = (): Operation =>
  formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const a = of(expandDims([-2]), operandAt(operands, 0));
    const b = of(expandDims([-3]), operandAt(operands, 1));
    return one('sqrt', reduce('sum', one('square', two('subtract', a, b)), { axes: [-1], keepdims: false }));
  });

/** `keras.ops.in_top_k`: whether fewer than `k` predictions are larger than that of the target. */
export const inTopK = (k: number): Operation =>
  onHost({
    outputShapes: (operands) => [operandAt(operands, 0)],
    forward(operands) {
      const [targets, predictions] = [operandAt(operands, 0), operandAt(operands, 1)];
      const classes = predictions.shape.at(-1) ?? 0;
      const hits = Uint8Array.from(targets.values, (target, row) => {
        const own = Array.from(predictions.values).slice(row * classes, (row + 1) * classes);
        const wanted = own[target];
        if (wanted === undefined || own.some((n) => !Number.isFinite(n))) return 0;
        return own.filter((n) => n > wanted).length < k ? 1 : 0;
      });
      return [{ shape: targets.shape, values: hits, dtype: 'bool' }];
    },
  });

/** `keras.ops.full`: one number everywhere. */
export const full = (shape: readonly number[]): Operation => broadcastTo(shape);

/** `keras.ops.size`. */
export const countOf = (): Operation => ({
  outputShapes: () => [[]],
  staticValues: (operands) => [[sizeOf(operandAt(operands, 0).shape)]],
  forward: ({ tf }, operands) => [tf.scalar(product(operandAt(operands, 0).shape), 'int32')],
});

/** `keras.ops.saturate_cast`: cut to what the dtype can hold. */
export function saturate(low: number, high: number, to: NumberKind): Operation {
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const x = of(cast('float32'), operandAt(operands, 0));
    return of(cast(to), two('maximum', two('minimum', x, high), low));
  });
}
