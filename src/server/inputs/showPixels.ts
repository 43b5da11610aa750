import type { ShownImage } from './loadedInput';

/**
 * Pixels as a picture to look at.
 *
 * @param pixels [height, width, channels] on the scale 0..255, of 1 (shown grey), 3 or 4 channels (alpha not shown).
 */
export function showPixels(
  pixels: Float32Array,
  height: number,
  width: number,
  channels: number,
): ShownImage {
  const rgb = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++) {
      rgb[i * 3 + c] = Math.round(pixels[i * channels + (channels < 3 ? 0 : c)] ?? 0);
    }
  }
  return { width, height, rgb };
}

/**
 * Brings an array that was saved from a program to the scale 0..255 for looking at: whole-number types within 0..255
 * and floats within 0..255 stay as they are, floats within 0..1 are multiplied by 255, everything else is
 * stretched from its minimum to its maximum (a constant array becomes middle grey).
 */
export function toPixelScale(values: Float32Array, dtype: string): Float32Array {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min >= 0 && max <= 1 && dtype.startsWith('float')) return values.map((x) => x * 255);
  if (min >= 0 && max <= 255) return values;
  return values.map((x) => (max > min ? ((x - min) / (max - min)) * 255 : 128));
}
