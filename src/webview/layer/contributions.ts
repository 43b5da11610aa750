import type { UnitContributions } from '../../shared/layerValues';
import { el, fill } from '../dom';
import { formatNumber } from '../format';
import { signedBar } from '../signedBar';

/** The terms of a dense unit: `sum of weight * input + bias = value before the activation`. */
export function contributionTable(): {
  readonly element: HTMLElement;
  show(contributions: UnitContributions | null): void;
} {
  const title = el('h2');
  const table = el('table', { 'aria-label': 'Contributions to the sum' });
  const element = el('section', { class: 'contributions', hidden: true }, title, table);
  return {
    element,
    show(contributions) {
      element.hidden = contributions === null;
      if (contributions === null) return;
      const { unit, bias, pre, largest, rest } = contributions;
      title.textContent = `Contributions to unit ${unit}`;
      const sizes = largest.map(({ product }) => Math.abs(product)).filter((size) => Number.isFinite(size));
      const widest = Math.max(...sizes, Number.MIN_VALUE);
      fill(
        table,
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            el('th', { scope: 'col' }, 'Input'),
            ...['Value', 'Weight', 'Product'].map((head) =>
              el('th', { scope: 'col', class: 'number' }, head),
            ),
            el('td'),
          ),
        ),
        el(
          'tbody',
          {},
          ...largest.map(({ input, value, weight, product }) =>
            el(
              'tr',
              {},
              el('th', { scope: 'row' }, String(input)),
              el('td', { class: 'number' }, formatNumber(value)),
              el('td', { class: 'number' }, formatNumber(weight)),
              el('td', { class: 'number' }, formatNumber(product)),
              el('td', { class: 'signed', 'aria-hidden': 'true' }, signedBar(product / widest)),
            ),
          ),
          sumRow('All other inputs', rest),
          sumRow('Bias', bias),
          sumRow('Sum, before the activation', pre, 'total'),
        ),
      );
    },
  };
}

function sumRow(term: string, value: number, className?: string): HTMLElement {
  return el(
    'tr',
    { class: className },
    el('th', { scope: 'row', colspan: 3 }, term),
    el('td', { class: 'number' }, formatNumber(value)),
    el('td'),
  );
}
