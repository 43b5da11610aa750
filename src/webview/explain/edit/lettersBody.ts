import * as l10n from '@vscode/l10n';
import type { InputEdit } from '../../../shared/edits/inputEdit';
import { el, fill } from '../../dom';
import type { EditBody } from './editBody';
import { pager } from './pager';

const LETTERS = 100;

/** The letters of a sequence, one field each: a letter that is typed replaces the one there, and the next one is selected. */
export function lettersBody(letters: readonly string[], onEdit: (edit: InputEdit) => void): EditBody {
  let current = [...letters];
  const row = el('div', {
    class: 'edit-letters',
    role: 'group',
    'aria-label': l10n.t('Letters of the sequence'),
  });
  const inputAt = (at: number) => row.querySelector<HTMLInputElement>(`[data-place="${at}"]`);
  const goTo = (at: number) => {
    const input = inputAt(at);
    input?.focus();
    input?.select();
  };
  const letterField = (at: number): HTMLElement => {
    const input = el('input', {
      type: 'text',
      spellcheck: 'false',
      autocapitalize: 'off',
      'aria-label': l10n.t('Letter at position {0}', at),
      'data-place': at,
    });
    input.addEventListener('focus', () => input.select());
    input.addEventListener('input', () => {
      const [letter] = [...input.value.trim()].slice(-1);
      if (letter === undefined || letter === current[at]) {
        input.value = current[at] ?? '';
        return;
      }
      onEdit({ kind: 'letters', at: [at], to: [letter] });
      goTo(at + 1);
    });
    input.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      goTo(at + by);
    });
    const isTenth = at % 10 === 0;
    return el(
      'span',
      { class: 'edit-letter' },
      el('span', { class: 'quiet' }, isTenth ? String(at) : ''),
      input,
    );
  };
  const refresh = () => {
    for (const input of row.querySelectorAll('input')) {
      const at = Number(input.dataset.place);
      const isChanged = current[at] !== letters[at];
      input.value = current[at] ?? '';
      input.classList.toggle('changed', isChanged);
      input.title = isChanged ? l10n.t('It was {0}', letters[at] || '·') : '';
    }
  };
  const pages = pager(letters.length, LETTERS, (from) => {
    fill(row, ...letters.slice(from, from + LETTERS).map((_, i) => letterField(from + i)));
    refresh();
  });
  return {
    elements: [row, pages],
    show(edits) {
      current = [...letters];
      for (const edit of edits) {
        if (edit.kind !== 'letters') continue;
        for (const [i, at] of edit.at.entries()) current[at] = edit.to[i] ?? '';
      }
      refresh();
    },
  };
}
