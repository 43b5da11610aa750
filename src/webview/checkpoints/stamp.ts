import { mapInto } from '../../shared/mapInto';
import { coloursFor, colourTable, DEFAULT_COLOUR_MAP } from '../../shared/maps/colourMaps';
import type { EpochMap } from '../../shared/results/checkpoints';
import { overlay, type RgbImage } from '../canvas';
import { el } from '../dom';
import { tensorValues } from '../tensor';

const NAN = 255;
const LARGEST = 254;
const OPACITY = 0.5;
/** Rows of the map of a sequence or a vector, which has one. */
const STRIP_ROWS = 8;

/**
 * The heat map of an epoch over its input.
 * @param top the value that gets the last colour; the map's own largest one for a scale of its own
 */
export function stamp(map: EpochMap, top: number): HTMLCanvasElement {
  const [height = 1, width = 1] = map.values.shape;
  const rows = height === 1 ? STRIP_ROWS : height;
  const heat = scaled(map, top);
  const spread =
    height === 1 ? Float32Array.from({ length: rows * width }, (_, i) => heat[i % width] ?? 0) : heat;
  const below = inputOf(map, width, rows);
  const table = colourTable(coloursFor(map.isSigned ? 'signed' : 'positive', DEFAULT_COLOUR_MAP));
  const canvas = el('canvas', {
    class: height === 1 ? 'stamp row' : 'stamp',
    width,
    height: rows,
    'aria-hidden': 'true',
  });
  canvas.style.setProperty('--ratio', String(width / rows));
  canvas
    .getContext('2d')
    ?.putImageData(overlay(below, spread, table, map.input === null ? 1 : OPACITY), 0, 0);
  return canvas;
}

/** 0..1, of a signed map with 0 at 0.5. */
function scaled(map: EpochMap, top: number): Float32Array {
  const zero = map.isSigned ? 0.5 : 0;
  const factor = top > 0 ? map.top / top : 0;
  const bytes = tensorValues(map.values);
  return mapInto(new Float32Array(bytes.length), bytes, (byte) =>
    byte === NAN ? Number.NaN : zero + (byte / LARGEST - zero) * factor,
  );
}

function inputOf({ input }: EpochMap, width: number, height: number): RgbImage {
  const [rows, columns] = input?.shape ?? [];
  if (input !== null && rows === height && columns === width)
    return { width, height, rgb: Uint8Array.from(tensorValues(input)) };
  return { width, height, rgb: new Uint8Array(width * height * 3).fill(128) };
}
