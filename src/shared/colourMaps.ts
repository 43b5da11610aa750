import { rgb } from 'd3-color';
import {
  interpolateCividis,
  interpolateGreys,
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolateRdBu,
  interpolateTurbo,
  interpolateViridis,
} from 'd3-scale-chromatic';

/** Every colour map, in the order of the menu. */
export const COLOUR_MAPS = [
  'turbo',
  'viridis',
  'inferno',
  'magma',
  'plasma',
  'cividis',
  'greys',
  'rdbu',
  'jet',
] as const;

/** `rdbu` is the one diverging map: for values around zero, zero in the middle, positive red. */
export type ColourMapName = (typeof COLOUR_MAPS)[number];

export const DEFAULT_COLOUR_MAP: ColourMapName = 'turbo';

/** Whether a word from a setting, a command line or a page names a colour map. */
export function isColourMapName(word: string): word is ColourMapName {
  return COLOUR_MAPS.some((name) => name === word);
}

const hat = (t: number, centre: number): number => Math.min(Math.max(1.5 - Math.abs(4 * t - centre), 0), 1);

/** The classic jet of MATLAB: three trapezoids, centred at 1/4 (blue), 1/2 (green) and 3/4 (red). */
const jet = (t: number): string =>
  `rgb(${Math.round(255 * hat(t, 3))}, ${Math.round(255 * hat(t, 2))}, ${Math.round(255 * hat(t, 1))})`;

const INTERPOLATORS: Record<ColourMapName, (t: number) => string> = {
  turbo: interpolateTurbo,
  viridis: interpolateViridis,
  inferno: interpolateInferno,
  magma: interpolateMagma,
  plasma: interpolatePlasma,
  cividis: interpolateCividis,
  // D3's runs from white to black; a heat map is read with low values dark, like the others.
  greys: (t) => interpolateGreys(1 - t),
  // D3's runs from red to blue; positive evidence is shown red.
  rdbu: (t) => interpolateRdBu(1 - t),
  jet,
};

/** Red, green, blue of a NaN, which has no place on the scale; of the maps only the greys hold a middle grey. */
export const NAN_COLOUR: readonly [number, number, number] = [128, 128, 128];

const tables = new Map<ColourMapName, Uint8Array>();

/**
 * The colours of one map as a table: [256, 3] red, green, blue bytes, row 0 for the lowest value, row 255 for the
 * highest. Made once and shared: do not write to it. From d3-scale-chromatic; jet by its formula.
 */
export function colourTable(name: ColourMapName): Uint8Array {
  const known = tables.get(name);
  if (known) return known;
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const { r, g, b } = rgb(INTERPOLATORS[name](i / 255));
    table.set([Math.round(r), Math.round(g), Math.round(b)], i * 3);
  }
  tables.set(name, table);
  return table;
}
