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
    label: 'Check my number',
    placeholder: 'For example 3.967',
    onInput: (text) => {
      typed = text;
    },
  });
  const answer = el('p', { role: 'status' });
  const body = el('tbody');
  const table = el(
    'table',
    { class: 'mistakes', 'aria-label': 'Usual mistakes, best match first', hidden: true },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'The number would be the result of'),
        el('th', { scope: 'col', class: 'number' }, 'Value'),
        el('th', { scope: 'col', class: 'number' }, 'Error'),
      ),
    ),
    body,
  );
  const check = () => {
    const number = Number(typed);
    const isNumber = typed.trim() !== '' && Number.isFinite(number);
    table.hidden = true;
    answer.textContent = isNumber ? 'Comparing…' : 'Type a number, with a point before the decimals.';
    if (isNumber) onCheck(number);
  };
  input.element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') check();
  });
  const label = field('Check my number', input.element);
  return {
    element: el(
      'div',
      { class: 'number-check' },
      el('div', { class: 'number-row' }, label, button({ label: 'Check', onPress: check }).element),
      answer,
      el('div', { class: 'table-frame units-frame' }, table),
    ),
    setUnit(unit) {
      input.element.setAttribute('aria-label', `Check my number for unit ${unit}`);
      answer.textContent = '';
      table.hidden = true;
    },
    show(mistakes) {
      const [best] = mistakes;
      answer.textContent = best ? bestText(best) : 'There is nothing to compare the number with.';
      table.hidden = best === undefined;
      fill(body, ...mistakes.map(mistakeRow));
    },
  };
}

function bestText({ mistake, value, error }: CheckedMistake): string {
  if (error === 0) return `It fits: ${mistake}`;
  return `Nothing fits exactly. Nearest: ${mistake} That gives ${floatText(value)}, off by ${floatText(error)}.`;
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
