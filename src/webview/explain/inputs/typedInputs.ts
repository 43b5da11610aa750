import * as l10n from '@vscode/l10n';
import { SAVE_TEXT, type TypedKind, tooLongText } from '../../../shared/sources/typedInput';
import type { ExplainContext } from '../../../shared/view';
import { el, uniqueId } from '../../dom';
import { button } from '../../ui';
import { SHORTCUTS } from './shortcuts';

const KINDS: Readonly<Record<TypedKind, { readonly label: string; readonly action: string }>> = {
  text: { label: l10n.t('Type a text'), action: l10n.t('Explain Text') },
  letters: { label: l10n.t('Type a sequence'), action: l10n.t('Explain Sequence') },
  words: { label: l10n.t('Type words'), action: l10n.t('Explain Words') },
  numbers: { label: l10n.t('Type numbers'), action: l10n.t('Explain Numbers') },
};

interface TypedField {
  readonly element: HTMLElement;
  /** @param text of the input that is explained; `null` where it is not typed */
  show(text: string | null): void;
}

/**
 * A field for each input that can be typed. The button, or Ctrl+Enter in the field, makes the text the input.
 *
 * @param onText the index of the input, and its text
 */
export function typedInputs(onText: (input: number, text: string) => void): {
  readonly element: HTMLElement;
  show(context: ExplainContext): void;
} {
  const element = el('div', { class: 'typed-inputs', role: 'group', 'aria-label': l10n.t('Typed inputs') });
  let shown = '';
  let fields = new Map<number, TypedField>();
  return {
    element,
    show({ typed, summary, choice }) {
      // What the user is typing stays, unless the model has changed.
      const kinds = JSON.stringify([typed, summary.inputs.map(({ name }) => name)]);
      if (kinds !== shown) {
        shown = kinds;
        fields = new Map();
        for (const [input, kind] of typed.entries()) {
          if (kind === null) continue;
          const name = summary.inputs.length > 1 ? summary.inputs[input]?.name : undefined;
          fields.set(
            input,
            typedField(kind, name, (text) => onText(input, text)),
          );
        }
        element.replaceChildren(...[...fields.values()].map((field) => field.element));
        element.hidden = fields.size === 0;
      }
      for (const [input, field] of fields) {
        const source = choice.inputs[input];
        field.show(source?.kind === 'text' ? source.text : null);
      }
    },
  };
}

function typedField(kind: TypedKind, input: string | undefined, onText: (text: string) => void): TypedField {
  const { label, action } = KINDS[kind];
  const id = uniqueId('typed');
  const problem = el('p', { class: 'typed-problem', role: 'alert', id: `${id}-problem`, hidden: true });
  const area = el('textarea', {
    id,
    class: kind === 'text' || kind === 'words' ? 'prose' : 'code',
    rows: 2,
    spellcheck: 'false',
    'aria-describedby': problem.id,
    'aria-keyshortcuts': 'Control+Enter',
  });
  const explain = () => {
    if (usable()) onText(area.value);
  };
  const press = button({ label: action, title: SHORTCUTS.enter, onPress: explain });
  const usable = (): boolean => {
    const tooLong = tooLongText(area.value);
    problem.hidden = tooLong === null;
    problem.textContent = tooLong === null ? '' : `${tooLong} ${SAVE_TEXT}`;
    const isUsable = tooLong === null && area.value.trim() !== '';
    press.setEnabled(isUsable);
    return isUsable;
  };
  usable();
  area.addEventListener('input', usable);
  area.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    explain();
  });
  let shown: string | null = null;
  return {
    element: el(
      'div',
      { class: 'field typed-field' },
      el('label', { for: id }, input === undefined ? label : l10n.t('{0} for “{1}”', label, input)),
      el('div', { class: 'typed-row' }, area, press.element),
      problem,
    ),
    show(text) {
      if (text === shown) return;
      shown = text;
      if (text !== null) area.value = text;
      usable();
    },
  };
}
