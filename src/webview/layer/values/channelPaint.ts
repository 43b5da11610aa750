import { type ColourMapName, colourTable } from '../../../shared/maps/colourMaps';
import type { Range } from '../../../shared/results/channels';
import { colourOf, paint } from '../../canvas';

/** A byte of a tile that stands for NaN, and the one of the largest value. */
const NAN = 255;
const LARGEST = 254;

/** The range whose ends have the first and the last colour: of a diverging map symmetric about 0. */
export function scaleOf({ min, max }: Range, colours: ColourMapName): Range {
  if (colours !== 'rdbu') return { min, max };
  const top = Math.max(Math.abs(min), Math.abs(max));
  return { min: -top, max: top };
}

/** Where a value is on a scale: 0..1; the lower end where all values are equal. */
export const placeOn = ({ min, max }: Range, value: number): number =>
  max > min ? (value - min) / (max - min) : Number.isNaN(value) ? value : 0;

/**
 * Draws a tile, whose bytes are places between the smallest and the largest value of its channel.
 * @param range of the channel
 * @param scale of the colours
 */
export function paintTile(
  canvas: HTMLCanvasElement,
  bytes: Uint8Array,
  size: { readonly rows: number; readonly columns: number },
  range: Range,
  scale: Range,
  colours: ColourMapName,
): void {
  const table = colourTable(colours);
  const image = new ImageData(size.columns, size.rows);
  const pixels = new Uint32Array(image.data.buffer);
  const palette = new Uint8ClampedArray(256 * 4).fill(255);
  for (let byte = 0; byte <= NAN; byte += 1) {
    const value = range.min + (byte / LARGEST) * (range.max - range.min);
    palette.set(colourOf(table, byte === NAN ? Number.NaN : placeOn(scale, value)), byte * 4);
  }
  const words = new Uint32Array(palette.buffer);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = words[bytes[i] ?? NAN] ?? 0;
  paint(canvas, image);
}

/** Draws values; infinities have the colours of the ends. */
export function paintValues(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  size: { readonly rows: number; readonly columns: number },
  scale: Range,
  colours: ColourMapName,
): void {
  const table = colourTable(colours);
  const image = new ImageData(size.columns, size.rows);
  for (let i = 0; i < size.rows * size.columns; i += 1) {
    image.data.set(colourOf(table, placeOn(scale, values[i] ?? Number.NaN)), i * 4);
    image.data[i * 4 + 3] = 255;
  }
  paint(canvas, image);
}
