import * as l10n from '@vscode/l10n';
import { el, fill, setAttributes, uniqueId } from './dom';

export interface ComboOption {
  readonly value: string;
  readonly label: string;
  /** Secondary text at the right, e.g. a shape. */
  readonly detail?: string;
}

/**
 * A searchable list (ARIA pattern "editable combobox with list autocomplete"): typing filters, arrow keys move, Enter selects,
 * Escape restores the current value.
 */
export function combobox(
  label: string,
  onChoose: (value: string) => void,
): {
  readonly element: HTMLElement;
  setOptions(options: readonly ComboOption[], value: string): void;
  setEnabled(enabled: boolean): void;
} {
  const listId = uniqueId('list');
  const input = el('input', {
    type: 'text',
    role: 'combobox',
    id: uniqueId('combobox'),
    'aria-label': label,
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': listId,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const list = el('ul', { id: listId, role: 'listbox', 'aria-label': label, hidden: true });
  const element = el('div', { class: 'combobox' }, input, list);

  let options: readonly ComboOption[] = [];
  let shown: readonly ComboOption[] = [];
  let value = '';
  let active = -1;

  const labelOf = (wanted: string) => options.find((option) => option.value === wanted)?.label ?? wanted;
  const isOpen = () => !list.hidden;

  const highlight = (index: number) => {
    active = index;
    for (const [i, row] of [...list.children].entries())
      setAttributes(row, { 'aria-selected': String(i === index) });
    const row = list.children[index];
    setAttributes(input, { 'aria-activedescendant': row?.id });
    row?.scrollIntoView({ block: 'nearest' });
  };

  const open = (query: string) => {
    const wanted = query.trim().toLowerCase();
    shown = options.filter((option) =>
      `${option.label} ${option.detail ?? ''}`.toLowerCase().includes(wanted),
    );
    fill(
      list,
      ...shown.map((option) =>
        el(
          'li',
          { role: 'option', id: uniqueId('option'), class: option.value === value ? 'chosen' : null },
          el('span', {}, option.label),
          option.detail ? el('span', { class: 'quiet' }, option.detail) : null,
        ),
      ),
      shown.length === 0 ? el('li', { class: 'quiet', role: 'presentation' }, l10n.t('No matches.')) : null,
    );
    list.hidden = false;
    setAttributes(input, { 'aria-expanded': 'true' });
    const chosen = shown.findIndex((option) => option.value === value);
    highlight(query === '' ? chosen : shown.length > 0 ? 0 : -1);
  };

  const close = () => {
    list.hidden = true;
    setAttributes(input, { 'aria-expanded': 'false', 'aria-activedescendant': null });
    input.value = labelOf(value);
  };

  const choose = (index: number) => {
    const option = shown[index];
    if (option === undefined) return;
    const changed = option.value !== value;
    value = option.value;
    close();
    if (changed) onChoose(option.value);
  };

  input.addEventListener('focus', () => input.select());
  input.addEventListener('click', () => {
    if (!isOpen()) open('');
  });
  input.addEventListener('input', () => open(input.value));
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      if (!isOpen()) open('');
      else if (shown.length > 0) highlight(Math.min(shown.length - 1, Math.max(0, active + step)));
    } else if (event.key === 'Enter' && isOpen()) choose(active);
    else if (event.key === 'Escape' && isOpen()) close();
    else return;
    event.preventDefault();
  });
  // Keeps the focus in the field, so that `blur` does not close the list before the click.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest('[role=option]') : null;
    if (row) choose([...list.children].indexOf(row));
  });

  return {
    element,
    setOptions(next, nextValue) {
      options = next;
      value = nextValue;
      if (!isOpen()) input.value = labelOf(value);
    },
    setEnabled(enabled) {
      input.disabled = !enabled;
    },
  };
}
