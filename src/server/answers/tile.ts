import type { ColourMapName } from '../../shared/maps/colourMaps';
import { range } from '../../shared/maps/displayMap';
import { asStrip, colourMapped } from '../render/overlay';
import { encodePng } from '../render/png';
import { hasNonFinite } from '../run/nonFinite';

const STRIP_HEIGHT = 12;
/** Larger tiles are subsampled by whole rows and columns: no page shows more, and a tile of millions of pixels takes seconds. */
const MAX_SIDE = 1024;

export interface TileSize {
  readonly rows: number;
  readonly columns: number;
}

/** Height and width of a tile's image; one row becomes a strip. */
export function tileImageSize({ rows, columns }: TileSize): {
  readonly height: number;
  readonly width: number;
} {
  const height = Math.ceil(rows / step(rows));
  return { height: height === 1 ? STRIP_HEIGHT : height, width: Math.ceil(columns / step(columns)) };
}

/**
 * Values [rows, columns] as a PNG in base64, coloured from the smallest to the largest, or symmetrically about 0.
 * @param isSigned 0 is in the middle of the colours
 */
export function tilePng(
  values: Float32Array,
  { rows, columns }: TileSize,
  colourMap: ColourMapName,
  isSigned = false,
): string {
  const [down, right] = [step(rows), step(columns)];
  const [height, width] = [Math.ceil(rows / down), Math.ceil(columns / right)];
  const all = isSigned ? aroundZero(values) : scaled(values);
  const drawn = (_: unknown, at: number): number =>
    all[Math.floor(at / width) * down * columns + (at % width) * right] ?? 0;
  const kept = down * right === 1 ? all : Float32Array.from({ length: height * width }, drawn);
  const image = asStrip(colourMapped({ height, width, values: kept }, colourMap), STRIP_HEIGHT);
  return Buffer.from(encodePng(image.rgb, image.width, image.height)).toString('base64');
}

const step = (size: number): number => Math.ceil(size / MAX_SIDE);

/** 0..1 from the smallest to the largest finite value; infinities and NaN stay as they are. */
function scaled(values: Float32Array): Float32Array {
  const finite = hasNonFinite(values) ? values.filter((value) => Number.isFinite(value)) : values;
  const { min, max } = range(finite);
  const scale = max > min ? 1 / (max - min) : 0;
  return values.map((value) => (Number.isFinite(value) ? (value - min) * scale : value));
}

/** 0..1 with 0 at 0.5. */
function aroundZero(values: Float32Array): Float32Array {
  const { top } = range(values);
  return values.map((value) => (top > 0 ? 0.5 + value / (2 * top) : 0.5));
}
