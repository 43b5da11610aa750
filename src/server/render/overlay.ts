import { type ColourMapName, colourTable, NAN_COLOUR } from '../../shared/maps/colourMaps';
import { checkImage, type HeatMap, type RgbImage } from './rgbImage';

/**
 * The map in colours, one pixel per value: 0 is the first colour of the table, 1 the last, NaN has `NAN_COLOUR`.
 * @throws RangeError when the map has not `height * width` values.
 */
export function colourMapped({ width, height, values }: HeatMap, colourMap: ColourMapName): RgbImage {
  if (width < 1 || height < 1 || values.length !== width * height) {
    throw new RangeError(`${values.length} values are not a ${height} x ${width} map`);
  }
  const table = colourTable(colourMap);
  const rgb = new Uint8Array(width * height * 3);
  // Plain loops, here and in `overlay`: a batch draws millions of pixels a second.
  for (let i = 0, to = 0; i < values.length; i++, to += 3) {
    const value = values[i] ?? Number.NaN;
    const isNan = Number.isNaN(value);
    const row = isNan ? 0 : tableRow(value) * 3;
    const colours = isNan ? NAN_COLOUR : table;
    rgb[to] = colours[row] ?? 0;
    rgb[to + 1] = colours[row + 1] ?? 0;
    rgb[to + 2] = colours[row + 2] ?? 0;
  }
  return { width, height, rgb };
}

/**
 * One image over another: `below * (1 - opacity) + above * opacity` for every byte, rounded; the sum that the
 * explain page shows.
 *
 * @param opacity 0 gives `below` exactly, 1 `above`; clipped to 0..1.
 * @throws RangeError when the sizes differ.
 */
export function overlay(below: RgbImage, above: RgbImage, opacity: number): RgbImage {
  checkImage(below);
  checkImage(above);
  if (below.width !== above.width || below.height !== above.height) {
    const [lower, upper] = [below, above].map(({ width, height }) => `${width} x ${height}`);
    throw new RangeError(`an image of ${upper} does not fit over one of ${lower}`);
  }
  const share = Math.min(1, Math.max(0, opacity));
  const rgb = new Uint8Array(below.rgb.length);
  for (let i = 0; i < rgb.length; i++)
    rgb[i] = Math.round((below.rgb[i] ?? 0) * (1 - share) + (above.rgb[i] ?? 0) * share);
  return { width: below.width, height: below.height, rgb };
}

/**
 * Images in a row from left to right, aligned at the top, on white. Images much wider than high (sequences) are stacked
 * vertically.
 *
 * @param gap white pixels between two images.
 * @throws RangeError for no images.
 */
export function sideBySide(images: readonly RgbImage[], gap = 8): RgbImage {
  const [first] = images;
  if (!first) throw new RangeError('no images to put side by side');
  images.forEach(checkImage);
  const stacked = first.width > 4 * first.height;
  const along = stacked ? heightOf : widthOf;
  const across = stacked ? widthOf : heightOf;
  const length = images.reduce((sum, image) => sum + along(image) + gap, -gap);
  const breadth = Math.max(...images.map(across));
  const [width, height] = stacked ? [breadth, length] : [length, breadth];
  const rgb = new Uint8Array(width * height * 3).fill(255);
  let at = 0;
  for (const image of images) {
    const [left, top] = stacked ? [0, at] : [at, 0];
    const rowBytes = image.width * 3;
    for (let y = 0; y < image.height; y++) {
      const row = image.rgb.subarray(y * rowBytes, (y + 1) * rowBytes);
      rgb.set(row, ((top + y) * width + left) * 3);
    }
    at += along(image) + gap;
  }
  return { width, height, rgb };
}

/** Repeats an image of one row, such as that of a sequence, to a visible strip; returns other images unchanged. */
export function asStrip(image: RgbImage, height = 32): RgbImage {
  checkImage(image);
  if (image.height !== 1) return image;
  const rgb = new Uint8Array(image.rgb.length * height);
  for (let y = 0; y < height; y++) rgb.set(image.rgb, y * image.rgb.length);
  return { width: image.width, height, rgb };
}

const widthOf = (image: RgbImage): number => image.width;
const heightOf = (image: RgbImage): number => image.height;

/** Row of a colour table for a value 0..1. */
const tableRow = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 255);
