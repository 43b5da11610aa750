import * as l10n from '@vscode/l10n';
import { floatText } from '../../shared/numberText';
import type { LayerTrace, UnitTrace } from '../../shared/results/tracing';
import { el, fill } from '../dom';
import { rowKeys } from '../rowKeys';
import { windowText } from './traceFiles';

/** Maxima of a unit that are listed in its row. */
const MAX_LINES = 3;
/** The start of a long window is enough to recognise it. */
const MAX_LETTERS = 24;

/** The units of a layer, in the order of the trace. A click, Enter or Space selects one; arrow keys move between rows. */
export function unitTable(onSelect: (unit: UnitTrace) => void): {
  readonly element: HTMLElement;
  /** @param outputs whose contributions are shown */
  show(trace: LayerTrace, outputs: readonly number[]): void;
  /** Marks the row of a unit as selected. */
  select(unit: number): void;
} {
  const head = el('thead');
  const body = el('tbody');
  const keys = rowKeys(body);
  const rows = new Map<number, HTMLTableRowElement>();
  return {
    element: el(
      'div',
      { class: 'table-frame units-frame' },
      el(
        'table',
        { class: 'units', role: 'grid', 'aria-label': l10n.t('Units. Enter selects a row.') },
        head,
        body,
      ),
    ),
    show({ units }, outputs) {
      const hasLetters = units.some(({ letters }) => letters !== undefined);
      fill(head, headRow(hasLetters, outputs));
      rows.clear();
      for (const unit of units) {
        const row = unitRow(unit, hasLetters, outputs);
        row.addEventListener('click', () => onSelect(unit));
        rows.set(unit.unit, row);
      }
      fill(body, ...rows.values());
    },
    select(unit) {
      for (const [other, row] of rows) row.setAttribute('aria-selected', String(other === unit));
      keys.setHome(rows.get(unit));
    },
  };
}

function headRow(hasLetters: boolean, outputs: readonly number[]): HTMLElement {
  const number = (text: string) => el('th', { scope: 'col', class: 'number' }, text);
  return el(
    'tr',
    {},
    el('th', { scope: 'col' }, l10n.t('Unit')),
    number(l10n.t('Value')),
    ...outputs.map((output) =>
      number(outputs.length === 1 ? l10n.t('Contribution') : l10n.t('Contribution to output {0}', output)),
    ),
    number(l10n.t('Position')),
    number(l10n.t('Window')),
    hasLetters ? el('th', { scope: 'col' }, l10n.t('Letters')) : null,
  );
}

function unitRow(unit: UnitTrace, hasLetters: boolean, outputs: readonly number[]): HTMLTableRowElement {
  const { positions, windows, letters, omitted, contribution } = unit;
  const count = Math.max(positions.length, windows.length);
  const more = count - Math.min(count, MAX_LINES) + omitted;
  const lines = (text: (place: number) => string) =>
    Array.from({ length: Math.min(count, MAX_LINES) }, (_, place) => el('div', {}, text(place)));
  return el(
    'tr',
    { tabindex: -1, 'aria-selected': 'false' },
    el('th', { scope: 'row' }, String(unit.unit)),
    el('td', { class: 'number' }, floatText(unit.value)),
    ...outputs.map((output) =>
      el('td', { class: 'number' }, contribution === null ? '' : floatText(contribution[output] ?? 0)),
    ),
    el(
      'td',
      { class: 'number' },
      ...lines((place) => positionText(positions[place] ?? [])),
      more > 0 ? el('div', { class: 'quiet' }, l10n.t('and {0} more', more)) : null,
    ),
    el('td', { class: 'number' }, ...lines((place) => windowText(windows[place] ?? []))),
    hasLetters
      ? el('td', { class: 'letters' }, ...lines((place) => lettersText(letters?.[place] ?? '')))
      : null,
  );
}

/** `217`; with several axes `3, 4`. A layer without positions, such as a global pooling, has its value from all of them. */
export const positionText = (position: readonly number[]): string =>
  position.length === 0 ? 'all' : position.join(', ');

const lettersText = (letters: string): string =>
  letters.length > MAX_LETTERS ? `${letters.slice(0, MAX_LETTERS)}…` : letters;
