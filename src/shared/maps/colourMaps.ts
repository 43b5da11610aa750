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
import type { DisplayRule } from '../methods';

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

/** `rdbu` is the only diverging map, for values around zero: zero is in the middle, positive values are red. */
export type ColourMapName = (typeof COLOUR_MAPS)[number];

export const DEFAULT_COLOUR_MAP: ColourMapName = 'turbo';

/** The colours of a map: a signed one needs a diverging table. */
export const coloursFor = (display: DisplayRule, chosen: ColourMapName): ColourMapName =>
  display === 'signed' ? 'rdbu' : chosen;

/** Whether text from a setting, a command line or a page names a colour map. */
export function isColourMapName(text: string): text is ColourMapName {
  return COLOUR_MAPS.some((name) => name === text);
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
  // D3's map runs from white to black. Low values are dark here, as in the other maps.
  greys: (t) => interpolateGreys(1 - t),
  // D3's map runs from red to blue. Positive evidence is red here.
  rdbu: (t) => interpolateRdBu(1 - t),
  jet,
};

/** Red, green and blue for NaN, which has no place on the scale. Only `greys` contains the same middle grey. */
export const NAN_COLOUR: readonly [number, number, number] = [128, 128, 128];

const tables = new Map<ColourMapName, Uint8Array>();

/**
 * One colour map as a table of [256, 3] bytes (red, green, blue): row 0 is the lowest value, row 255 the highest.
 * Source: d3-scale-chromatic; jet by its formula. The table is cached and shared: do not write to it.
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
