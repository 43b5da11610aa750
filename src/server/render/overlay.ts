import { type ColourMapName, colourTable, NAN_COLOUR } from '../../shared/colourMaps';
import { checkPicture, type HeatMap, type RgbPicture } from './rgbPicture';

/**
 * The map in colours, one pixel a value: 0 is the first colour of the table, 1 the last, NaN has `NAN_COLOUR`.
 * @throws RangeError when the map has not `height * width` values.
 */
export function colourMapped({ width, height, values }: HeatMap, colourMap: ColourMapName): RgbPicture {
  if (width < 1 || height < 1 || values.length !== width * height) {
    throw new RangeError(`${values.length} values are no ${height} x ${width} map`);
  }
  const table = colourTable(colourMap);
  const rgb = new Uint8Array(width * height * 3);
  values.forEach((value, i) => {
    const row = tableRow(value) * 3;
    rgb.set(Number.isNaN(value) ? NAN_COLOUR : table.subarray(row, row + 3), i * 3);
  });
  return { width, height, rgb };
}

/**
 * One picture over another: `below * (1 - opacity) + above * opacity` for every byte, rounded; the sum that the
 * explain page shows.
 *
 * @param opacity 0 gives `below` exactly, 1 `above`; clipped to 0..1.
 * @throws RangeError when the sizes differ.
 */
export function overlay(below: RgbPicture, above: RgbPicture, opacity: number): RgbPicture {
  checkPicture(below);
  checkPicture(above);
  if (below.width !== above.width || below.height !== above.height) {
    const [lower, upper] = [below, above].map(({ width, height }) => `${width} x ${height}`);
    throw new RangeError(`a picture of ${upper} does not lie over one of ${lower}`);
  }
  const share = Math.min(1, Math.max(0, opacity));
  const rgb = below.rgb.map((byte, i) => Math.round(byte * (1 - share) + (above.rgb[i] ?? 0) * share));
  return { width: below.width, height: below.height, rgb };
}

/**
 * Pictures in a row from left to right, their tops aligned, on white. Those much wider than high (sequences) are put
 * one below the other.
 *
 * @param gap white pixels between two pictures.
 * @throws RangeError for no pictures.
 */
export function sideBySide(pictures: readonly RgbPicture[], gap = 8): RgbPicture {
  const [first] = pictures;
  if (!first) throw new RangeError('no pictures to put side by side');
  pictures.forEach(checkPicture);
  const stacked = first.width > 4 * first.height;
  const along = stacked ? heightOf : widthOf;
  const across = stacked ? widthOf : heightOf;
  const length = pictures.reduce((sum, picture) => sum + along(picture) + gap, -gap);
  const breadth = Math.max(...pictures.map(across));
  const [width, height] = stacked ? [breadth, length] : [length, breadth];
  const rgb = new Uint8Array(width * height * 3).fill(255);
  let at = 0;
  for (const picture of pictures) {
    const [left, top] = stacked ? [0, at] : [at, 0];
    const rowBytes = picture.width * 3;
    for (let y = 0; y < picture.height; y++) {
      const row = picture.rgb.subarray(y * rowBytes, (y + 1) * rowBytes);
      rgb.set(row, ((top + y) * width + left) * 3);
    }
    at += along(picture) + gap;
  }
  return { width, height, rgb };
}

/** A picture of one row, as sequences have, repeated to a strip that can be seen; others as they are. */
export function asStrip(picture: RgbPicture, height = 32): RgbPicture {
  checkPicture(picture);
  if (picture.height !== 1) return picture;
  const rgb = new Uint8Array(picture.rgb.length * height);
  for (let y = 0; y < height; y++) rgb.set(picture.rgb, y * picture.rgb.length);
  return { width: picture.width, height, rgb };
}

const widthOf = (picture: RgbPicture): number => picture.width;
const heightOf = (picture: RgbPicture): number => picture.height;

/** Row of a colour table for a value 0..1. */
const tableRow = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 255);
