import * as l10n from '@vscode/l10n';
import { floatText } from '../../shared/numberText';
import type { CheckedMistake } from '../../shared/results/tracing';
import { el, fill } from '../dom';
import { button, field, textField } from '../ui';

/** A field for a number computed by hand, and the mistakes that it could be the result of, best match first. */
export function numberCheck(onCheck: (number: number) => void): {
  readonly element: HTMLElement;
  /** Names the unit that the number is compared with, and clears the last result. */
  setUnit(unit: number): void;
  show(check: readonly CheckedMistake[]): void;
} {
  let typed = '';
  const input = textField({
    label: l10n.t('Check my number'),
    placeholder: l10n.t('For example 3.967'),
    onInput: (text) => {
      typed = text;
    },
  });
  const answer = el('p', { role: 'status' });
  const body = el('tbody');
  const table = el(
    'table',
    { class: 'mistakes', 'aria-label': l10n.t('Usual mistakes, best match first'), hidden: true },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, l10n.t('The number would be the result of')),
        el('th', { scope: 'col', class: 'number' }, l10n.t('Value')),
        el('th', { scope: 'col', class: 'number' }, l10n.t('Error')),
      ),
    ),
    body,
  );
  const check = () => {
    const number = Number(typed);
    const isNumber = typed.trim() !== '' && Number.isFinite(number);
    table.hidden = true;
    answer.textContent = isNumber
      ? l10n.t('Comparing…')
      : l10n.t('Type a number, with a point before the decimals.');
    if (isNumber) onCheck(number);
  };
  input.element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') check();
  });
  const label = field(l10n.t('Check my number'), input.element);
  return {
    element: el(
      'div',
      { class: 'number-check' },
      el('div', { class: 'number-row' }, label, button({ label: l10n.t('Check'), onPress: check }).element),
      answer,
      el('div', { class: 'table-frame units-frame' }, table),
    ),
    setUnit(unit) {
      input.element.setAttribute('aria-label', l10n.t('Check my number for unit {0}', unit));
      answer.textContent = '';
      table.hidden = true;
    },
    show(mistakes) {
      const [best] = mistakes;
      answer.textContent = best ? bestText(best) : l10n.t('There is nothing to compare the number with.');
      table.hidden = best === undefined;
      fill(body, ...mistakes.map(mistakeRow));
    },
  };
}

function bestText({ mistake, value, error }: CheckedMistake): string {
  if (error === 0) return l10n.t('It fits: {0}', mistake);
  return l10n.t(
    'Nothing fits exactly. Nearest: {0} That gives {1}, off by {2}.',
    mistake,
    floatText(value),
    floatText(error),
  );
}

function mistakeRow({ mistake, value, error }: CheckedMistake): HTMLElement {
  return el(
    'tr',
    { class: error === 0 ? 'fits' : null },
    el('th', { scope: 'row' }, mistake),
    el('td', { class: 'number' }, floatText(value)),
    el('td', { class: 'number' }, floatText(error)),
  );
}
