import { type ColourMapName, colourTable } from '../../shared/colourMaps';
import type { ExplanationHeader } from '../../shared/explanation';
import { overlay, paint } from '../canvas';
import { el, fill } from '../dom';
import { formatExtent, formatNumber } from '../format';

/** The colour bar in numbers of the raw map: its left end is 0 (nothing below is drawn), its right end the largest value. */
export function legend(): {
  readonly element: HTMLElement;
  show(map: ExplanationHeader['map'], colourMap: ColourMapName): void;
} {
  const bar = el('canvas', { class: 'legend-bar', 'aria-hidden': 'true' });
  const ticks = el('div', { class: 'legend-ticks' });
  const range = el('p', { class: 'legend-range quiet' });
  return {
    element: el('div', { class: 'legend' }, bar, ticks, range),
    show(map, colourMap) {
      const ramp = Float32Array.from({ length: 256 }, (_, i) => i / 255);
      const blank = { width: 256, height: 1, rgb: new Uint8Array(256 * 3) };
      paint(bar, overlay(blank, ramp, colourTable(colourMap), 1));
      const top = Math.max(0, map.max);
      const values = top > 0 ? [0, top / 2, top] : [0];
      fill(ticks, ...values.map((value) => el('span', {}, formatNumber(value))));
      range.textContent = `Raw map ${formatNumber(map.min)} to ${formatNumber(map.max)}, ${formatExtent(map.shape)}`;
    },
  };
}
