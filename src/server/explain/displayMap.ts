import { resizeBilinear } from '../../shared/resize';
import type { RawMap } from './method';

/** [h, w] as it is, [length] as one row; maps of other ranks cannot be resized. */
const asPlane = (shape: readonly number[]): readonly [number, number] | null => {
  const [first, second] = shape;
  if (shape.length === 1 && first !== undefined) return [1, first];
  if (shape.length === 2 && first !== undefined && second !== undefined) return [first, second];
  return null;
};

/** Bilinear with half-pixel centres, before any normalising. A map of another rank is given back as it is. */
export function resizeMap(map: RawMap, shape: readonly number[]): RawMap {
  const from = asPlane(map.shape);
  const to = asPlane(shape);
  if (!from || !to || map.shape.length !== shape.length) return map;
  return { shape, values: resizeBilinear(map.values, [from[0], from[1], 1], to[0], to[1]) };
}

/** Combine -> ReLU -> resize -> divide by the maximum; all zeros, never NaN, when nothing is positive. */
export function displayMap(map: RawMap, inputShape: readonly number[]): RawMap {
  const resized = resizeMap(map, inputShape);
  const { max } = range(resized.values);
  const scale = max > 0 ? 1 / max : 0;
  return { shape: resized.shape, values: resized.values.map((value) => Math.max(0, value) * scale) };
}

export function range(values: Float32Array): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  // Adding 0 makes 0 of -0, which the native ReLU gives.
  return values.length === 0 ? { min: 0, max: 0 } : { min: min + 0, max: max + 0 };
}
