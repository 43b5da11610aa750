import * as l10n from '@vscode/l10n';
import type { ColourMapName } from '../../../shared/maps/colourMaps';
import type { Range } from '../../../shared/results/channels';
import { el, fill } from '../../dom';
import { formatNumber } from '../../format';
import { paintValues } from './channelPaint';

const STEPS = 256;

/** The colours of one scale with the values at its ends; without a scale, that each image has its own. */
export function scaleLegend(): {
  readonly element: HTMLElement;
  show(range: Range | null, colours: ColourMapName): void;
} {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const element = el('p', { class: 'scale-legend quiet' });
  return {
    element,
    show(range, colours) {
      if (range === null) {
        fill(element, l10n.t('Each is scaled to its own range.'));
        return;
      }
      const values = Float32Array.from({ length: STEPS }, (_, i) => i / (STEPS - 1));
      paintValues(canvas, values, { rows: 1, columns: STEPS }, { min: 0, max: 1 }, colours);
      fill(element, formatNumber(range.min), canvas, formatNumber(range.max));
    },
  };
}
