import { encode } from 'fast-png';

/**
 * A PNG file, 8 bits per sample.
 *
 * @param pixels [height, width, 3] (RGB) or [height, width, 4] (RGBA, colours not multiplied by alpha), 0..255.
 * @throws RangeError when the number of bytes fits neither.
 */
export function encodePng(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const channels = pixels.length / (width * height);
  if (width < 1 || height < 1 || (channels !== 3 && channels !== 4)) {
    throw new RangeError(`${pixels.length} bytes are not a ${width} x ${height} RGB or RGBA image`);
  }
  return encode({ width, height, data: pixels, channels, depth: 8 });
}
