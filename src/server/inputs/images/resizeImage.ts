import { resizeBilinear } from '../../../shared/maps/resize';
import type { Resize } from '../../../shared/sources/resizing';
import { pillowBilinear, pillowNearest } from './pillow';

type Size = readonly [height: number, width: number, channels: number];

/**
 * An image at the size that a model takes, as the training may have resized it (see `RESIZE_LABELS`).
 *
 * @param values [height, width, channels], row-major, 0..255.
 * @returns [outHeight, outWidth, channels], 0..255, not rounded unless Pillow rounds it; a copy where the size is right.
 */
export function resizeImage(
  values: Uint8Array,
  size: Size,
  outHeight: number,
  outWidth: number,
  resize: Resize,
): Float32Array {
  const [height, width] = size;
  if (height === outHeight && width === outWidth) return Float32Array.from(values);
  switch (resize) {
    case 'bilinear':
      return resizeBilinear(values, size, outHeight, outWidth);
    case 'pil-nearest':
      return Float32Array.from(pillowNearest(values, size, outHeight, outWidth));
    case 'pil-bilinear':
      return Float32Array.from(pillowBilinear(values, size, outHeight, outWidth));
    case 'crop': {
      const [cropped, croppedSize] = cropped2d(values, size, outHeight, outWidth);
      return resizeBilinear(cropped, croppedSize, outHeight, outWidth);
    }
    case 'letterbox': {
      const [padded, paddedSize] = padded2d(values, size, outHeight, outWidth);
      return resizeBilinear(padded, paddedSize, outHeight, outWidth);
    }
  }
}

/** `a * b / c` in float32, cut to a whole number, as Keras computes the sizes. */
const share = (a: number, b: number, c: number): number => Math.trunc(Math.fround(Math.fround(a * b) / c));

/** The middle of an image with the aspect ratio of the target (`ops.image.resize(crop_to_aspect_ratio=True)`). */
function cropped2d(
  values: Uint8Array,
  [height, width, channels]: Size,
  outHeight: number,
  outWidth: number,
): [Uint8Array, Size] {
  const rows = Math.max(Math.min(height, share(width, outHeight, outWidth)), 1);
  const columns = Math.max(Math.min(width, share(height, outWidth, outHeight)), 1);
  const top = Math.trunc((height - rows) / 2);
  const left = Math.trunc((width - columns) / 2);
  const out = new Uint8Array(rows * columns * channels);
  for (let y = 0; y < rows; y++) {
    const from = ((top + y) * width + left) * channels;
    out.set(values.subarray(from, from + columns * channels), y * columns * channels);
  }
  return [out, [rows, columns, channels]];
}

/** An image between black bars, to the aspect ratio of the target (`ops.image.resize(pad_to_aspect_ratio=True)`). */
function padded2d(
  values: Uint8Array,
  [height, width, channels]: Size,
  outHeight: number,
  outWidth: number,
): [Uint8Array, Size] {
  // Both bars have the same size, so that an odd pixel is left out.
  const top = Math.trunc((Math.max(height, share(width, outHeight, outWidth)) - height) / 2);
  const left = Math.trunc((Math.max(width, share(height, outWidth, outHeight)) - width) / 2);
  const rows = height + 2 * top;
  const columns = width + 2 * left;
  const out = new Uint8Array(rows * columns * channels);
  for (let y = 0; y < height; y++) {
    const from = y * width * channels;
    out.set(values.subarray(from, from + width * channels), ((top + y) * columns + left) * channels);
  }
  return [out, [rows, columns, channels]];
}
