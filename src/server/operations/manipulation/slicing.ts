import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { Tensor, TF } from '../../layers/kind';
import { type Operation, refuse, shapeText, singleOperand } from '../operation';

/** One part of an index as NumPy and TensorFlow write it: `x[2, 1:-1, ..., None]`. */
export type IndexPart =
  | {
      readonly kind: 'at';
      readonly index: number;
      /** Computed by the model; the index is 0 until it is known. */
      readonly open?: true;
    }
  | {
      readonly kind: 'range';
      /** `null` for the end of the axis. */
      readonly start: number | null;
      readonly stop: number | null;
      readonly step: number;
      /** The range is within the axis, even if its size is unknown. */
      readonly exact?: true;
      /** Its bounds are only known while the model runs. */
      readonly open?: true;
    }
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'newaxis' };

/** The part of one axis that an index selects. */
interface AxisSlice {
  /** First index; counted from the front, `null` while the size of the axis is unknown. */
  readonly start: number | null;
  readonly step: number;
  /** How many. */
  readonly count: number | null;
  readonly squeezed: boolean;
}

/** `range(start, stop, step)` on an axis of `size`, by Python's rules. */
function sliceRange(part: Extract<IndexPart, { kind: 'range' }>, size: number | null): AxisSlice {
  const { step } = part;
  if (!Number.isSafeInteger(step) || step === 0) refuse(l10n.t('a slice has the step 0.'));
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

/** What an index selects of each axis of `shape`, and the shape of the result. */
function parseIndex(index: readonly IndexPart[], shape: Shape): { axes: AxisSlice[]; result: Shape } {
  const consuming = index.filter((part) => part.kind === 'at' || part.kind === 'range').length;
  const ellipses = index.filter((part) => part.kind === 'ellipsis').length;
  if (consuming > shape.length || ellipses > 1)
    refuse(l10n.t('its index does not fit the shape {0}.', shapeText(shape)), 'wrong-shape');
  const whole: IndexPart = { kind: 'range', start: null, stop: null, step: 1 };
  const rest = new Array<IndexPart>(shape.length - consuming).fill(whole);
  const full =
    ellipses === 1
      ? index.flatMap((part) => (part.kind === 'ellipsis' ? rest : [part]))
      : [...index, ...rest];
  const axes: AxisSlice[] = [];
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
      const own = sliceRange(part, size);
      axes.push(own);
      result.push(own.count);
    }
  }
  return { axes, result };
}

function position(index: number, size: number | null): number | null {
  if (!Number.isSafeInteger(index)) refuse(l10n.t('{0} is not a position.', index));
  if (size === null) return index >= 0 ? index : null;
  const at = index < 0 ? index + size : index;
  return at >= 0 && at < size
    ? at
    : refuse(l10n.t('an axis of {0} has no position {1}.', size, index), 'wrong-shape');
}

/** `x[...]` with integers, slices of any step, `...` and new axes. Its gradient is 0 for values that are not selected. */
export function getItem(index: readonly IndexPart[]): Operation {
  return singleOperand({
    isPassThrough: true,
    shape: (operand) => parseIndex(index, operand).result,
    staticValues({ shape, values }) {
      const [axis] = parseIndex(index, shape).axes;
      if (shape.length !== 1 || values === null || axis === undefined) return null;
      const { start, step, count } = axis;
      if (start === null || count === null || index.some((part) => 'open' in part)) return null;
      return Array.from({ length: count }, (_, i) => values[start + i * step] ?? null);
    },
    value({ tf }, x) {
      const { axes, result } = parseIndex(index, x.shape);
      const parts = axes.reduce((y, axis, i) => takeAlong(tf, y, i, axis), x);
      return tf.reshape(parts, result.map(knownSize));
    },
    gradient({ tf }, gradient, x) {
      const { axes } = parseIndex(index, x.shape);
      const start = tf.reshape(
        gradient,
        axes.map(({ count }) => knownSize(count)),
      );
      return axes.reduce((g, axis, i) => takeAlongTransposed(tf, g, i, axis, x.shape[i] ?? 0), start);
    },
  });
}

/** While a model runs every size is known. */
const knownSize = (size: number | null): number => size ?? 0;

/** The selected indices in ascending order; the stride is 1 for a single one, however large the step. */
function ascending({ start, step, count }: AxisSlice): { first: number; stride: number; count: number } {
  const n = knownSize(count);
  const from = knownSize(start);
  if (n === 1) return { first: from, stride: 1, count: 1 };
  return { first: step > 0 ? from : from + (n - 1) * step, stride: Math.abs(step), count: n };
}

function takeAlong(tf: TF, x: Tensor, axis: number, wanted: AxisSlice): Tensor {
  const { first, stride, count } = ascending(wanted);
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

/** The transpose of `takeAlong`: values back at their indices on an axis of `size`, 0 elsewhere. */
function takeAlongTransposed(
  tf: TF,
  gradient: Tensor,
  axis: number,
  wanted: AxisSlice,
  size: number,
): Tensor {
  const { first, stride, count } = ascending(wanted);
  const forwards = wanted.step > 0 || count === 0 ? gradient : tf.reverse(gradient, axis);
  if (count === size && stride === 1) return forwards;
  if (count === 0) return tf.zeros(gradient.shape.map((length, i) => (i === axis ? size : length)));
  const span = (count - 1) * stride + 1;
  return padAlong(
    tf,
    stride === 1 ? forwards : spacedOut(tf, forwards, axis, stride, span),
    axis,
    first,
    size - first - span,
  );
}

/** Values at a distance of `n` on an axis of `span`. */
function spacedOut(tf: TF, x: Tensor, axis: number, n: number, span: number): Tensor {
  const count = x.shape[axis] ?? 0;
  const rows = tf.reshape(x, [...x.shape.slice(0, axis), count, 1, ...x.shape.slice(axis + 1)]);
  const spaced = tf.reshape(
    padAlong(tf, rows, axis + 1, 0, n - 1),
    x.shape.map((length, i) => (i === axis ? count * n : length)),
  );
  return sliceAlong(tf, spaced, axis, 0, span);
}
