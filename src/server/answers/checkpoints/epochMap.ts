import type { WireTensor } from '../../../shared/model';
import type { EpochMap } from '../../../shared/results/checkpoints';
import { type DrawableExplanation, toWireBytes } from '../explanation';

/** A longer side is thinned out by whole rows and columns. */
const MAX_SIDE = 128;
const NAN = 255;
const LARGEST = 254;

/** The first map of an explanation as a stamp; `null` where there is none. */
export function epochMap({ header, maps: [map] }: DrawableExplanation): EpochMap | null {
  if (map === undefined) return null;
  const { shape, values } = map.display;
  const [height, width] = shape.length < 2 ? [1, shape[0] ?? 1] : [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  const size = thinned(height, width);
  const bytes = new Uint8Array(size.rows.length * size.columns.length);
  let to = 0;
  for (const row of size.rows) {
    for (const column of size.columns) {
      const value = values[row * width + column] ?? Number.NaN;
      bytes[to++] = Number.isNaN(value) ? NAN : Math.round(Math.min(1, Math.max(0, value)) * LARGEST);
    }
  }
  return {
    method: header.method,
    layer: header.layer,
    target: header.target.index,
    values: toWireBytes(bytes, [size.rows.length, size.columns.length]),
    top: header.map.top,
    isSigned: header.display === 'signed',
    input: stampOf(map.drawing.inputImage),
  };
}

/** An image [height, width, 3] as a stamp. */
function stampOf(image: WireTensor | null): WireTensor | null {
  if (image === null) return null;
  const [height = 1, width = 1] = image.shape;
  const rgb = Buffer.from(image.data, 'base64');
  const { rows, columns } = thinned(height, width);
  const places = rows.flatMap((row) => columns.map((column) => (row * width + column) * 3));
  const bytes = new Uint8Array(places.length * 3);
  for (const [i, place] of places.entries()) bytes.set(rgb.subarray(place, place + 3), i * 3);
  return toWireBytes(bytes, [rows.length, columns.length, 3]);
}

interface Thinned {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** The rows and columns that are kept: all, or every so many of them, the same number of both for an image. */
function thinned(height: number, width: number): Thinned {
  const step = Math.ceil(Math.max(height, width) / MAX_SIDE);
  const kept = (size: number): number[] =>
    Array.from({ length: Math.ceil(size / step) }, (_, i) => Math.min(size - 1, i * step));
  return { rows: kept(height), columns: kept(width) };
}
