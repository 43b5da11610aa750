import * as l10n from '@vscode/l10n';
import type { InputEdit } from '../../../shared/edits/inputEdit';
import { MAX_TYPED_CHARACTERS } from '../../../shared/sources/typedInput';
import { el, fill } from '../../dom';
import type { EditBody } from './editBody';

/** More words are edited in the text alone. */
const MAX_WORDS = 200;

/** Texts, each with its words one by one: a word that is emptied is left out. */
export function textBody(strings: readonly string[], onEdit: (edit: InputEdit) => void): EditBody {
  const fields = strings.map((_, at) =>
    textField(at, strings.length, (to) => onEdit({ kind: 'text', at, to })),
  );
  return {
    elements: fields.map(({ element }) => element),
    show(edits) {
      const current = [...strings];
      for (const edit of edits) if (edit.kind === 'text') current[edit.at] = edit.to;
      for (const [at, one] of fields.entries()) one.show(current[at] ?? '', strings[at] ?? '');
    },
  };
}

function textField(at: number, count: number, onText: (text: string) => void) {
  const area = el('textarea', {
    rows: 2,
    maxlength: MAX_TYPED_CHARACTERS,
    spellcheck: 'false',
    'aria-label': count === 1 ? l10n.t('Text of the input') : l10n.t('Text {0} of the input', at + 1),
  });
  const words = el('div', { class: 'edit-words', role: 'group', 'aria-label': l10n.t('Words of the text') });
  let shown = '';
  area.addEventListener('input', () => {
    shown = area.value;
    onText(area.value);
  });
  /** @param parts words and what is between them, in turns */
  const wordField = (parts: readonly string[], i: number): HTMLElement => {
    const word = parts[i] ?? '';
    const input = el('input', {
      type: 'text',
      spellcheck: 'false',
      value: word,
      size: Math.max(1, word.length),
      'aria-label': l10n.t('Word {0}', i / 2 + 1),
    });
    input.addEventListener('change', () => {
      const isGone = input.value.trim() === '';
      const changed = parts.with(i, input.value.trim());
      // The space after a word goes with it.
      const text = (isGone ? changed.toSpliced(i + 1, 1) : changed).join('');
      if (text !== shown) onText(text);
    });
    return input;
  };
  return {
    element: el('div', { class: 'edit-text' }, area, words),
    show(text: string, original: string) {
      shown = text;
      if (area.value !== text) area.value = text;
      area.classList.toggle('changed', text !== original);
      const parts = text.split(/(\s+)/);
      const places = parts.flatMap((part, i) => (i % 2 === 0 && part !== '' ? [i] : []));
      words.hidden = places.length > MAX_WORDS;
      fill(words, ...(words.hidden ? [] : places.map((i) => wordField(parts, i))));
    },
  };
}
