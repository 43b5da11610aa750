import * as l10n from '@vscode/l10n';
import type { InputEdit } from '../../../shared/edits/inputEdit';
import { floatDigits, nonFiniteText } from '../../../shared/numberText';
import type { Editable } from '../../../shared/results/editableInput';
import { el, fill } from '../../dom';
import { tensorValues } from '../../tensor';
import type { EditBody } from './editBody';
import { pager } from './pager';

type Values = Extract<Editable, { kind: 'values' }>;

/** All digits of a float32. */
const textOf = (value: number): string => nonFiniteText(value) ?? floatDigits(value);

const ROWS = 20;
const COLUMNS = 8;

/**
 * The values of a row, a sequence or any array as a table of inputs: one row for each place along all axes but the last one of
 * several, whose values are the columns. Enter takes a value and goes to the next row.
 */
export function valuesBody(
  { values: tensor, names, whole }: Values,
  onEdit: (edit: InputEdit) => void,
): EditBody {
  const original = Float32Array.from(tensorValues(tensor));
  const sizes = tensor.shape;
  const columns = sizes.length < 2 ? 1 : (sizes.at(-1) ?? 1);
  const leading = sizes.length < 2 ? sizes : sizes.slice(0, -1);
  const rows = original.length / columns;
  const current = original.slice();
  let [firstRow, firstColumn] = [0, 0];
  const problem = el('p', { class: 'edit-problem', role: 'alert', hidden: true });
  const body = el('tbody');
  const head = el('tr');
  const table = el(
    'table',
    { class: 'edit-values', 'aria-label': l10n.t('Values of the input') },
    el('thead', {}, head),
    body,
  );
  const nameOf = (row: number): string => {
    const index: number[] = [];
    let rest = row;
    for (const size of [...leading].reverse()) {
      index.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    const name = names?.values[row];
    return name === undefined || leading.length !== 1 || name === '' ? index.join(', ') : name;
  };
  const take = (input: HTMLInputElement, place: number) => {
    const value = input.value.trim() === '' ? Number.NaN : Number(input.value);
    const isUsable = Number.isFinite(Math.fround(value)) && (!whole || Number.isInteger(value));
    input.setAttribute('aria-invalid', String(!isUsable));
    problem.hidden = isUsable;
    problem.textContent = isUsable
      ? ''
      : whole
        ? l10n.t('"{0}" is not a whole number.', input.value)
        : l10n.t('"{0}" is not a number.', input.value);
    if (isUsable && Math.fround(value) !== current[place])
      onEdit({ kind: 'values', at: [place], to: [value] });
  };
  const cell = (place: number): HTMLTableCellElement => {
    const label =
      columns > 1
        ? l10n.t('Value {0}, {1}', nameOf(Math.floor(place / columns)), place % columns)
        : nameOf(place);
    const input = el('input', {
      type: 'text',
      inputmode: 'decimal',
      spellcheck: 'false',
      'aria-label': label,
      'data-place': place,
    });
    input.addEventListener('change', () => take(input, place));
    input.addEventListener('keydown', (event) => {
      const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      const next = body.querySelector<HTMLInputElement>(`[data-place="${place + by * columns}"]`);
      if (next === null) take(input, place);
      else next.focus();
    });
    return el('td', {}, input);
  };
  const refresh = () => {
    for (const input of body.querySelectorAll('input')) {
      const place = Number(input.dataset.place);
      const [before = 0, now = 0] = [original[place], current[place]];
      const isChanged = !Object.is(before, now);
      if (document.activeElement !== input || Number(input.value) !== now) input.value = textOf(now);
      input.classList.toggle('changed', isChanged);
      input.title = isChanged ? l10n.t('It was {0}', textOf(before)) : '';
    }
  };
  const build = () => {
    const places = Array.from(
      { length: Math.min(COLUMNS, columns - firstColumn) },
      (_, i) => firstColumn + i,
    );
    fill(
      head,
      el('th', { scope: 'col' }, names?.kind === 'columns' ? l10n.t('Column') : l10n.t('Position')),
      ...places.map((column) => el('th', { scope: 'col' }, columns > 1 ? String(column) : l10n.t('Value'))),
    );
    const shown = Array.from({ length: Math.min(ROWS, rows - firstRow) }, (_, i) => firstRow + i);
    fill(
      body,
      ...shown.map((row) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, nameOf(row)),
          ...places.map((column) => cell(row * columns + column)),
        ),
      ),
    );
    refresh();
  };
  const down = pager(rows, ROWS, (from) => {
    firstRow = from;
    build();
  });
  const right = pager(columns, COLUMNS, (from) => {
    firstColumn = from;
    build();
  });
  return {
    elements: [el('div', { class: 'edit-scroll' }, table), down, right, problem],
    show(edits) {
      current.set(original);
      for (const edit of edits) {
        if (edit.kind !== 'values') continue;
        for (const [i, place] of edit.at.entries()) current[place] = edit.to[i] ?? 0;
      }
      refresh();
    },
  };
}
