import { mapInto } from '../../../shared/mapInto';
import { takePixels } from '../../../shared/maps/resize';

/**
 * Resizing of row-major [height, width, channels] bytes as Pillow does it (`Image.resize`), to the last bit: Resample.c and Geometry.c
 * of Pillow 12. Pillow scales the filter down with the image, so that every pixel counts.
 */

type Size = readonly [height: number, width: number, channels: number];

/** Fractional bits of Pillow's coefficients for bytes. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

interface Taps {
  /** For each output sample its first input sample. */
  readonly first: Int32Array;
  /** For each output sample the weights of the input samples from the first on. */
  readonly weights: readonly Int32Array[];
}

/** `precompute_coeffs` and `normalize_coeffs_8bpc` for the bilinear filter. */
function bilinearTaps(inSize: number, outSize: number): Taps {
  const scale = inSize / outSize;
  const support = Math.max(scale, 1);
  const first = new Int32Array(outSize);
  const weights = Array.from({ length: outSize }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - support + 0.5), 0);
    const to = Math.min(Math.trunc(centre + support + 0.5), inSize);
    first[i] = from;
    const raw = Float64Array.from({ length: to - from }, (_, x) =>
      Math.max(1 - Math.abs((x + from - centre + 0.5) / support), 0),
    );
    const sum = raw.reduce((a, b) => a + b, 0);
    return mapInto(new Int32Array(raw.length), raw, (weight) =>
      Math.trunc(0.5 + (sum === 0 ? weight : weight / sum) * 2 ** PRECISION),
    );
  });
  return { first, weights };
}

/** One pass along an axis whose neighbours are `stride` apart, in `outer` blocks. */
function pass(
  values: Uint8Array,
  outer: number,
  inSize: number,
  outSize: number,
  stride: number,
): Uint8Array {
  const { first, weights } = bilinearTaps(inSize, outSize);
  const out = new Uint8ClampedArray(outer * outSize * stride);
  for (let block = 0, o = 0; block < outer; block++) {
    for (let i = 0; i < outSize; i++) {
      const taps = weights[i] ?? new Int32Array();
      const start = (block * inSize + (first[i] ?? 0)) * stride;
      for (let s = 0; s < stride; s++, o++) {
        let sum = HALF;
        for (let k = 0; k < taps.length; k++) sum += (values[start + k * stride + s] ?? 0) * (taps[k] ?? 0);
        out[o] = sum >> PRECISION;
      }
    }
  }
  return new Uint8Array(out.buffer);
}

/**
 * `Image.resize((outWidth, outHeight), BILINEAR)`. Of four channels the last one is alpha, and the others are weighted by it.
 *
 * @returns [outHeight, outWidth, channels] in a new array.
 */
export function pillowBilinear(
  values: Uint8Array,
  [height, width, channels]: Size,
  outHeight: number,
  outWidth: number,
): Uint8Array {
  const hasAlpha = channels === 4;
  let resized = hasAlpha ? premultiplied(values) : values;
  if (width !== outWidth) resized = pass(resized, height, width, outWidth, channels);
  if (height !== outHeight) resized = pass(resized, 1, height, outHeight, outWidth * channels);
  return hasAlpha ? unpremultiplied(resized) : resized;
}

/** RGBA to Pillow's mode RGBa. */
function premultiplied(rgba: Uint8Array): Uint8Array {
  return rgba.map((value, i) => {
    if (i % 4 === 3) return value;
    const product = value * (rgba[i - (i % 4) + 3] ?? 0) + 128;
    return ((product >> 8) + product) >> 8;
  });
}

function unpremultiplied(rgba: Uint8Array): Uint8Array {
  return rgba.map((value, i) => {
    const alpha = rgba[i - (i % 4) + 3] ?? 0;
    if (i % 4 === 3 || alpha === 0 || alpha === 255) return value;
    return Math.min(Math.trunc((255 * value) / alpha), 255);
  });
}

/** `Image.resize((outWidth, outHeight), NEAREST)`. @returns [outHeight, outWidth, channels] in a new array. */
export function pillowNearest(
  values: Uint8Array,
  [height, width, channels]: Size,
  outHeight: number,
  outWidth: number,
): Uint8Array {
  const rows = nearestTaps(height, outHeight);
  const columns = nearestTaps(width, outWidth);
  const out = new Uint8Array(outHeight * outWidth * channels);
  return takePixels(values, out, { rows, columns, width, channels });
}

/** Pillow adds up the coordinates, with the rounding that this implies. */
function nearestTaps(inSize: number, outSize: number): Int32Array {
  const scale = inSize / outSize;
  const taps = new Int32Array(outSize);
  let position = scale * 0.5;
  for (let i = 0; i < outSize; i++) {
    taps[i] = Math.min(Math.trunc(position), inSize - 1);
    position += scale;
  }
  return taps;
}
