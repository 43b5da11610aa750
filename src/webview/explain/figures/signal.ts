import { narrowed, overlay, paint } from '../../canvas';
import { el, svg } from '../../dom';
import type { FlatScene } from '../scene';
import { axis } from './axis';
import { type Picture, spread } from './picture';

/** More positions than this share points of the line, and columns of the heat. */
const MAX_POINTS = 4000;
const LANE_HEIGHT = 100;
/** Free above and below the line of a channel. */
const LANE_MARGIN = 8;

/** A signal as a line per channel, one above the other and each on its own scale, with the heat under them. */
export function signalPicture({ length, heat, channels }: FlatScene): Picture {
  const canvas = el('canvas', { class: 'map-canvas' });
  const d = channels.map((values, lane) => linePath(values, lane * LANE_HEIGHT)).join('');
  const lines = svg(
    'svg',
    {
      class: 'signal-lines',
      viewBox: `0 0 ${length} ${channels.length * LANE_HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    svg('path', { class: 'outer', d }),
    svg('path', { class: 'inner', d }),
  );
  const white = { width: length, height: 1, rgb: new Uint8Array(length * 3).fill(255) };
  const plot = el('div', { class: 'plot' }, canvas, lines);
  return spread([plot, axis(length, 1)], { width: length, height: 1 }, ({ table, isSigned, opacity }) => {
    const drawn =
      length > MAX_POINTS ? narrowed(white, heat, MAX_POINTS, isSigned ? 0.5 : 0) : { image: white, heat };
    paint(canvas, overlay(drawn.image, drawn.heat, table, opacity));
  });
}

/** Of positions that share a point, the least and the largest value are kept. Values that are not finite leave a gap. */
export function linePath(values: Float32Array, top: number): string {
  const finite = values.filter((value) => Number.isFinite(value));
  const min = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const scale = max > min ? (LANE_HEIGHT - 2 * LANE_MARGIN) / (max - min) : 0;
  const yOf = (value: number) =>
    scale === 0 ? top + LANE_HEIGHT / 2 : top + LANE_MARGIN + (max - value) * scale;
  const size = Math.ceil(values.length / MAX_POINTS);
  const parts: string[] = [];
  let isOpen = false;
  for (let from = 0; from < values.length; from += size) {
    const group = values.subarray(from, from + size).filter((value) => Number.isFinite(value));
    if (group.length === 0) {
      isOpen = false;
      continue;
    }
    const x = from + Math.min(size, values.length - from) / 2;
    const points = size === 1 ? group : [Math.min(...group), Math.max(...group)];
    for (const value of points) {
      parts.push(`${isOpen ? 'L' : 'M'}${x} ${Number(yOf(value).toFixed(2))}`);
      isOpen = true;
    }
  }
  return parts.join('');
}
