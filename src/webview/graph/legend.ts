import { el } from '../dom';
import type { LegendEntry } from './colouring';

/** What the colours mean. @param note what the amounts are of */
export const legendEntries = (note: string | null, entries: readonly LegendEntry[]): HTMLElement[] => [
  ...(note === null ? [] : [el('li', { class: 'quiet' }, note)]),
  ...entries.map(({ label, colour }) => {
    const swatch = el('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = colour;
    return el('li', {}, swatch, label);
  }),
];
