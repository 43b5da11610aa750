import type { DisplayRule } from '../methods';
import { sizeOf } from '../model';
import { resizeBilinear } from './resize';

/** A map, row-major. */
interface MapOfValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The shape of a map that is drawn over something: that of it, unless their ranks differ. */
export const drawnShape = (map: readonly number[], shape: readonly number[]): readonly number[] =>
  map.length === shape.length && shape.length > 0 ? shape : map;

/**
 * Resizes linearly along every axis with half-pixel centres (bilinear for [h, w]), before any normalisation. A map whose
 * rank differs from that of `shape` is returned unchanged.
 */
export function resizeMap(map: MapOfValues, shape: readonly number[]): MapOfValues {
  if (drawnShape(map.shape, shape) === map.shape) return map;
  const leading = shape.length - 2;
  const [height = 1, width = 1] = leading < 0 ? [1, ...map.shape] : map.shape.slice(leading);
  const [outHeight = 1, outWidth = 1] = leading < 0 ? [1, ...shape] : shape.slice(leading);
  let values = mapChunks(map.values, height * width, (plane) =>
    resizeBilinear(plane, [height, width, 1], outHeight, outWidth),
  );
  // The axes before height and width, from the last one on: each as the rows of an image one column wide.
  for (let axis = leading - 1; axis >= 0; axis--) {
    const [from = 1, to = 1] = [map.shape[axis], shape[axis]];
    const inner = sizeOf(shape.slice(axis + 1));
    values = mapChunks(values, from * inner, (part) => resizeBilinear(part, [from, 1, inner], to, 1));
  }
  return { shape, values };
}

/** Applies `resize` to each chunk of `size` values and concatenates the results. */
function mapChunks(
  values: Float32Array,
  size: number,
  resize: (part: Float32Array) => Float32Array,
): Float32Array {
  const parts = Array.from({ length: values.length / size }, (_, i) =>
    resize(values.subarray(i * size, (i + 1) * size)),
  );
  const [first] = parts;
  if (first === undefined) return values;
  if (parts.length === 1) return first;
  const all = new Float32Array(parts.length * first.length);
  for (const [i, part] of parts.entries()) all.set(part, i * first.length);
  return all;
}

/**
 * Combine -> reduce (reduction.ts) -> resize -> divide by the largest finite |value|; all zeros when there is none. An infinity
 * is drawn as the largest value of its sign, a negative value of a map that is not signed as 0; NaN stays NaN, and resizing spreads it to its neighbours.
 * @returns 0..1; of a signed map 0.5 is zero
 */
export function displayMap(
  map: MapOfValues,
  inputShape: readonly number[],
  rule: DisplayRule = 'positive',
): MapOfValues {
  const { top } = range(map.values);
  const most = top > 0 ? top : 1;
  const drawable = map.values.some((value) => !Number.isFinite(value))
    ? map.values.map((value) =>
        Number.isFinite(value) || Number.isNaN(value) ? value : Math.sign(value) * most,
      )
    : map.values;
  const resized = resizeMap({ shape: map.shape, values: drawable }, inputShape);
  const { top: max } = range(resized.values);
  const scale = max > 0 ? 1 / max : 0;
  const isSigned = rule === 'signed';
  const values = new Float32Array(resized.values.length);
  // By index, which takes a third of the time of calls.
  for (let i = 0; i < values.length; i++) {
    const value = resized.values[i] ?? 0;
    values[i] = isSigned ? 0.5 + (value * scale) / 2 : value < 0 ? 0 : value * scale;
  }
  return { shape: resized.shape, values };
}

export interface Range {
  /** Over all values but NaN, including infinities; NaN if there are only NaNs. */
  readonly min: number;
  readonly max: number;
  /** The largest finite absolute value; drawn in the last colour. */
  readonly top: number;
}

export function range(values: Float32Array): Range {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let top = 0;
  // By index, which takes a third of the time of an iterator.
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value < min) min = value;
    if (value > max) max = value;
    const size = Math.abs(value);
    if (size > top && size < Number.POSITIVE_INFINITY) top = size;
  }
  if (values.length === 0) return { min: 0, max: 0, top: 0 };
  if (min > max) return { min: Number.NaN, max: Number.NaN, top: 0 };
  // Adding 0 turns -0, which the native ReLU returns, into 0.
  return { min: min + 0, max: max + 0, top };
}
