import type { Shape } from '../../../shared/model';
import type { Tensor, TF } from '../../layers/kind';
import { type Operation, ofOne, refuse, shapeText } from '../operation';

/** One place of an index as NumPy and TensorFlow write it: `x[2, 1:-1, ..., None]`. */
export type IndexPart =
  | {
      readonly kind: 'at';
      readonly index: number;
      /** Computed by the model; the index is 0 as long as it is not known. */
      readonly open?: true;
    }
  | {
      readonly kind: 'range';
      /** `null` is the end that the step starts or stops at. */
      readonly start: number | null;
      readonly stop: number | null;
      readonly step: number;
      /** All of it is there, whatever the size of the axis. */
      readonly exact?: true;
      /** Its ends are only known while the model runs. */
      readonly open?: true;
    }
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'newaxis' };

/** What is taken of one axis. */
interface Taken {
  /** First position; counted from the front, `null` while the axis's size is unknown. */
  readonly start: number | null;
  readonly step: number;
  /** How many. */
  readonly count: number | null;
  readonly squeezed: boolean;
}

/** `range(start, stop, step)` on an axis of `size`, by Python's rules. */
function taken(part: Extract<IndexPart, { kind: 'range' }>, size: number | null): Taken {
  const { step } = part;
  if (!Number.isSafeInteger(step) || step === 0) refuse('a slice has the step 0.');
  if (part.open) return { start: null, step, count: null, squeezed: false };
  if (size === null && part.exact && part.start !== null && part.stop !== null) {
    return { start: part.start, step, count: Math.ceil((part.stop - part.start) / step), squeezed: false };
  }
  if (size === null) {
    const isWhole = part.start === null && part.stop === null && Math.abs(step) === 1;
    const fromFront = step > 0 && (part.start ?? 0) >= 0 && part.stop !== null && part.stop < 0;
    return { start: isWhole || fromFront ? 0 : null, step, count: null, squeezed: false };
  }
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const bounded = (place: number): number => Math.max(low, Math.min(high, place < 0 ? place + size : place));
  const start = part.start === null ? (step > 0 ? low : high) : bounded(part.start);
  const stop = part.stop === null ? (step > 0 ? high : low) : bounded(part.stop);
  return { start, step, count: Math.max(0, Math.ceil((stop - start) / step)), squeezed: false };
}

/** What an index takes of each axis of `shape`, and the shape of the result. */
function read(index: readonly IndexPart[], shape: Shape): { axes: Taken[]; result: Shape } {
  const consuming = index.filter((part) => part.kind === 'at' || part.kind === 'range').length;
  const ellipses = index.filter((part) => part.kind === 'ellipsis').length;
  if (consuming > shape.length || ellipses > 1)
    refuse(`its index does not fit the shape ${shapeText(shape)}.`);
  const whole: IndexPart = { kind: 'range', start: null, stop: null, step: 1 };
  const rest = new Array<IndexPart>(shape.length - consuming).fill(whole);
  const full =
    ellipses === 1
      ? index.flatMap((part) => (part.kind === 'ellipsis' ? rest : [part]))
      : [...index, ...rest];
  const axes: Taken[] = [];
  const result: (number | null)[] = [];
  for (const part of full) {
    if (part.kind === 'newaxis') {
      result.push(1);
      continue;
    }
    const size = shape[axes.length] ?? null;
    if (part.kind === 'at') {
      axes.push({ start: position(part.index, size), step: 1, count: 1, squeezed: true });
    } else if (part.kind === 'range') {
      const own = taken(part, size);
      axes.push(own);
      result.push(own.count);
    }
  }
  return { axes, result };
}

function position(index: number, size: number | null): number | null {
  if (!Number.isSafeInteger(index)) refuse(`${index} is not a position.`);
  if (size === null) return index >= 0 ? index : null;
  const at = index < 0 ? index + size : index;
  return at >= 0 && at < size ? at : refuse(`an axis of ${size} has no position ${index}.`);
}

/** `x[...]` with integers, slices of any step, `...` and new axes. Its gradient is 0 where nothing was taken. */
export function getItem(index: readonly IndexPart[]): Operation {
  return ofOne({
    isPassThrough: true,
    shape: (operand) => read(index, operand).result,
    staticValues({ shape, values }) {
      const [axis] = read(index, shape).axes;
      if (shape.length !== 1 || values === null || axis === undefined) return null;
      const { start, step, count } = axis;
      if (start === null || count === null || index.some((part) => 'open' in part)) return null;
      return Array.from({ length: count }, (_, i) => values[start + i * step] ?? null);
    },
    value({ tf }, x) {
      const { axes, result } = read(index, x.shape);
      const taken_ = axes.reduce((y, axis, i) => takeAlong(tf, y, i, axis), x);
      return tf.reshape(taken_, result.map(known));
    },
    gradient({ tf }, gradient, x) {
      const { axes } = read(index, x.shape);
      const start = tf.reshape(
        gradient,
        axes.map(({ count }) => known(count)),
      );
      return axes.reduce((g, axis, i) => spreadAlong(tf, g, i, axis, x.shape[i] ?? 0), start);
    },
  });
}

/** While a model runs every size is known. */
const known = (size: number | null): number => size ?? 0;

/** Where the taken positions lie when they are counted upwards; between two of them the step is less than the axis. */
function upwards({ start, step, count }: Taken): { first: number; stride: number; count: number } {
  const n = known(count);
  const from = known(start);
  if (n === 1) return { first: from, stride: 1, count: 1 };
  return { first: step > 0 ? from : from + (n - 1) * step, stride: Math.abs(step), count: n };
}

function takeAlong(tf: TF, x: Tensor, axis: number, wanted: Taken): Tensor {
  const { first, stride, count } = upwards(wanted);
  const size = x.shape[axis] ?? 0;
  if (count === size && stride === 1) return wanted.step > 0 ? x : tf.reverse(x, axis);
  if (count === 0)
    return tf.zeros(
      x.shape.map((length, i) => (i === axis ? 0 : length)),
      x.dtype,
    );
  const span = (count - 1) * stride + 1;
  const part = sliceAlong(tf, x, axis, first, span);
  const strided = stride === 1 ? part : everyNth(tf, part, axis, stride, count);
  return wanted.step > 0 ? strided : tf.reverse(strided, axis);
}

function sliceAlong(tf: TF, x: Tensor, axis: number, first: number, count: number): Tensor {
  return tf.slice(
    x,
    x.shape.map((_, i) => (i === axis ? first : 0)),
    x.shape.map((length, i) => (i === axis ? count : length)),
  );
}

/** Position 0, n, 2n ...: the first of every row of n. */
function everyNth(tf: TF, x: Tensor, axis: number, n: number, count: number): Tensor {
  const missing = count * n - (x.shape[axis] ?? 0);
  const padded = padAlong(tf, x, axis, 0, missing);
  const rows = tf.reshape(padded, [...x.shape.slice(0, axis), count, n, ...x.shape.slice(axis + 1)]);
  const firsts = sliceAlong(tf, rows, axis + 1, 0, 1);
  return tf.reshape(
    firsts,
    x.shape.map((length, i) => (i === axis ? count : length)),
  );
}

const padAlong = (tf: TF, x: Tensor, axis: number, before: number, after: number): Tensor =>
  before === 0 && after === 0
    ? x
    : tf.pad(
        x,
        x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0])),
      );

/** The transpose of `takeAlong`: values back at their places on an axis of `size`, 0 elsewhere. */
function spreadAlong(tf: TF, gradient: Tensor, axis: number, wanted: Taken, size: number): Tensor {
  const { first, stride, count } = upwards(wanted);
  const forwards = wanted.step > 0 || count === 0 ? gradient : tf.reverse(gradient, axis);
  if (count === size && stride === 1) return forwards;
  if (count === 0) return tf.zeros(gradient.shape.map((length, i) => (i === axis ? size : length)));
  const span = (count - 1) * stride + 1;
  return padAlong(
    tf,
    stride === 1 ? forwards : apart(tf, forwards, axis, stride, span),
    axis,
    first,
    size - first - span,
  );
}

/** Values `n` places apart on an axis of `span`. */
function apart(tf: TF, x: Tensor, axis: number, n: number, span: number): Tensor {
  const count = x.shape[axis] ?? 0;
  const rows = tf.reshape(x, [...x.shape.slice(0, axis), count, 1, ...x.shape.slice(axis + 1)]);
  const spaced = tf.reshape(
    padAlong(tf, rows, axis + 1, 0, n - 1),
    x.shape.map((length, i) => (i === axis ? count * n : length)),
  );
  return sliceAlong(tf, spaced, axis, 0, span);
}
