import { el, uniqueId } from '../webview/dom';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Choices below a heading of their own; one without a heading comes first. */
export type Choices = readonly (Choice | { readonly group: string; readonly choices: readonly Choice[] })[];

const optionOf = ({ value, label }: Choice): HTMLOptionElement => el('option', { value }, label);

/** A list of choices with its label above. */
export function choiceField(
  label: string,
  choices: Choices,
  onChange: (value: string) => void,
): { readonly element: HTMLElement; set(value: string): void } {
  const id = uniqueId('choice');
  const list = el(
    'select',
    { id },
    ...choices.map((one) =>
      'group' in one ? el('optgroup', { label: one.group }, ...one.choices.map(optionOf)) : optionOf(one),
    ),
  );
  list.addEventListener('change', () => onChange(list.value));
  return {
    element: el('div', { class: 'field' }, el('label', { for: id }, label), list),
    set(value) {
      list.value = value;
    },
  };
}

/** A field for a part of a name. */
export function searchField(
  label: string,
  onChange: (text: string) => void,
): { readonly element: HTMLElement; set(text: string): void } {
  const id = uniqueId('search');
  const input = el('input', { id, type: 'search', spellcheck: 'false' });
  input.addEventListener('input', () => onChange(input.value));
  return {
    element: el('div', { class: 'field' }, el('label', { for: id }, label), input),
    set(text) {
      if (input.value !== text) input.value = text;
    },
  };
}

/** @param label what a screen reader says, where the content alone does not say it */
export function button(content: string, onClick: () => void, label?: string): HTMLButtonElement {
  const element = el('button', { type: 'button', 'aria-label': label, title: label }, content);
  element.addEventListener('click', onClick);
  return element;
}
