import * as l10n from '@vscode/l10n';
import type { ExplanationHeader } from '../../shared/explanation';
import { type ColourMapName, colourTable, NAN_COLOUR } from '../../shared/maps/colourMaps';
import { overlay, paint } from '../canvas';
import { el, fill } from '../dom';
import { formatExtent, formatNumber } from '../format';

export interface LegendScale {
  readonly map: ExplanationHeader['map'];
  readonly isSigned: boolean;
  readonly colourMap: ColourMapName;
  readonly hasNan: boolean;
  /** What the outline on the map surrounds; null where there is none. */
  readonly outline: string | null;
}

/**
 * The colour bar in units of the map: from 0, or of a signed map from the negative of the largest finite absolute value, to that
 * value; and the colour of NaN if the map contains any.
 */
export function legend(): {
  readonly element: HTMLElement;
  show(scale: LegendScale): void;
} {
  const bar = el('canvas', { class: 'legend-bar', 'aria-hidden': 'true' });
  const swatch = el('canvas', { class: 'legend-swatch', 'aria-hidden': 'true' });
  const nan = el('div', { class: 'legend-nan' }, swatch, el('span', {}, 'NaN'));
  const ticks = el('div', { class: 'legend-ticks' });
  const range = el('p', { class: 'legend-range quiet' });
  const outlined = el('p', { class: 'legend-outline quiet' });
  return {
    element: el(
      'div',
      { class: 'legend' },
      el('div', { class: 'legend-scale' }, el('div', {}, bar, ticks), nan),
      range,
      outlined,
    ),
    show({ map: { min, max, top, shape }, isSigned, colourMap, hasNan, outline }) {
      const ramp = Float32Array.from({ length: 256 }, (_, i) => i / 255);
      const blank = { width: 256, height: 1, rgb: new Uint8Array(256 * 3) };
      paint(bar, overlay(blank, ramp, colourTable(colourMap), 1));
      paint(
        swatch,
        overlay({ width: 1, height: 1, rgb: Uint8Array.from(NAN_COLOUR) }, [0], colourTable(colourMap), 0),
      );
      nan.hidden = !hasNan;
      const values = top > 0 ? (isSigned ? [-top, 0, top] : [0, top / 2, top]) : [0];
      fill(ticks, ...values.map((value) => el('span', {}, formatNumber(value))));
      outlined.hidden = outline === null;
      outlined.textContent = outline;
      const extremes = Number.isNaN(max) ? 'NaN' : l10n.t('{0} to {1}', formatNumber(min), formatNumber(max));
      range.textContent = l10n.t('Map {0}, {1}', extremes, formatExtent(shape));
    },
  };
}
