import { NAN_COLOUR } from '../shared/maps/colourMaps';

/** An image as RGB bytes, row-major. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** `height * width * 3` bytes. */
  readonly rgb: Uint8Array;
}

/**
 * Blends the coloured map over the image: `image * (1 - opacity) + colour * opacity` per pixel, as in the exported overlay.
 * @param heat 0..1, one value per pixel; values outside are clipped, NaN has its own colour
 * @param table 256 x 3 bytes
 * @param opacity 0 shows the image exactly, 1 the map alone
 */
export function overlay(
  drawn: RgbImage,
  heat: ArrayLike<number>,
  table: Uint8Array,
  opacity: number,
): ImageData {
  const image = new ImageData(drawn.width, drawn.height);
  for (let pixel = 0; pixel < drawn.width * drawn.height; pixel += 1) {
    const colour = colourOf(table, heat[pixel] ?? 0);
    for (let channel = 0; channel < 3; channel += 1) {
      const below = drawn.rgb[pixel * 3 + channel] ?? 0;
      const above = colour[channel] ?? 0;
      image.data[pixel * 4 + channel] = Math.round(below * (1 - opacity) + above * opacity);
    }
    image.data[pixel * 4 + 3] = 255;
  }
  return image;
}

/**
 * Reduces the columns of an image that is wider than the page. Of the columns that are merged, the map keeps the maximum, so
 * that a single hot position among thousands stays visible, and the image keeps the mean.
 * @param zero the heat of no evidence: 0.5 of a signed map, of which the value farthest from it is kept
 */
export function narrowed(
  image: RgbImage,
  heat: ArrayLike<number>,
  columns: number,
  zero = 0,
): { image: RgbImage; heat: Float32Array } {
  const { width, height } = image;
  const rgb = new Uint8Array(columns * height * 3);
  const largest = new Float32Array(columns * height);
  for (let y = 0; y < height; y += 1) {
    for (let column = 0; column < columns; column += 1) {
      const from = Math.floor((column * width) / columns);
      const to = Math.max(from + 1, Math.floor(((column + 1) * width) / columns));
      const sum = [0, 0, 0];
      let most = zero;
      for (let x = from; x < to; x += 1) {
        const value = heat[y * width + x] ?? zero;
        if (Number.isNaN(value) || Math.abs(value - zero) > Math.abs(most - zero)) most = value;
        for (let c = 0; c < 3; c += 1) sum[c] = (sum[c] ?? 0) + (image.rgb[(y * width + x) * 3 + c] ?? 0);
      }
      largest[y * columns + column] = most;
      rgb.set(
        sum.map((total) => Math.round(total / (to - from))),
        (y * columns + column) * 3,
      );
    }
  }
  return { image: { width: columns, height, rgb }, heat: largest };
}

/** Red, green and blue for a value 0..1 from a table of 256 x 3 bytes; NaN has its own colour. */
export function colourOf(table: Uint8Array, value: number): ArrayLike<number> {
  if (Number.isNaN(value)) return NAN_COLOUR;
  const row = Math.round(Math.min(1, Math.max(0, value)) * 255) * 3;
  return table.subarray(row, row + 3);
}

/** Values as greys from the smallest finite one (black) to the largest (white); black if all are equal. */
export function greys(values: ArrayLike<number>, width: number, height: number): RgbImage {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const scale = max > min ? 255 / (max - min) : 0;
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const value = Math.min(max, Math.max(min, values[pixel] ?? 0));
    rgb.fill(Math.round((value - min) * scale), pixel * 3, pixel * 3 + 3);
  }
  return { width, height, rgb };
}

/** Draws one canvas pixel per image pixel; CSS scales the canvas. */
export function paint(canvas: HTMLCanvasElement, image: ImageData): void {
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
