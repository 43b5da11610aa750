import * as l10n from '@vscode/l10n';
import { METHODS, type MethodId, type MethodOption, type OptionValues } from '../../shared/methods';
import { el, fill, uniqueId } from '../dom';
import { button, field, select } from '../ui';

/** A field for a choice, which it suggests, or a number from 0. */
function choiceOrIndex(
  { name, choices, description }: Extract<MethodOption, { type: 'choice' }>,
  value: string,
  set: (next: number | string) => void,
): HTMLElement {
  const list = el(
    'datalist',
    { id: uniqueId('choices') },
    ...choices.map((choice) => el('option', { value: choice })),
  );
  const box = el('input', {
    type: 'text',
    list: list.id,
    pattern: [...choices, '\\d+'].join('|'),
    title: l10n.t('{0} {1}, or a number from 0.', description, choices.join(', ')),
    autocomplete: 'off',
    spellcheck: 'false',
  });
  box.value = value;
  box.addEventListener('change', () => {
    if (box.value !== '' && box.reportValidity())
      set(choices.includes(box.value) ? box.value : Number(box.value));
  });
  const element = field(name, box);
  element.append(list);
  return element;
}

/**
 * The options of the chosen method, what it does, and what it costs. A number is applied when the user leaves its field or
 * presses Enter; one outside its bounds is not applied, and the field says so.
 */
export function methodOptions(onChange: (options: OptionValues) => void): {
  readonly element: HTMLElement;
  show(method: MethodId, options: OptionValues): void;
} {
  const about = el('p', { class: 'quiet' });
  const fields = el('div', { class: 'options' });
  const reset = button({ label: l10n.t('Use Defaults'), onPress: () => onChange({}) }).element;
  let shown = '';

  const control = (option: MethodOption, given: OptionValues): HTMLElement => {
    const value = given[option.name] ?? option.default;
    const set = (next: number | string) => onChange({ ...given, [option.name]: next });
    if (option.type === 'choice' && option.maxIndex !== undefined)
      return choiceOrIndex(option, String(value), set);
    if (option.type === 'choice') {
      const box = select<string>(
        option.choices.map((choice) => ({ value: choice, label: choice })),
        set,
      );
      box.setValue(String(value));
      box.element.title = option.description;
      return field(option.name, box.element);
    }
    const { min, max } = option;
    const step = option.type === 'integer' ? 1 : 'any';
    const box = el('input', {
      type: 'number',
      min,
      max,
      step,
      title: l10n.t('{0} {1} to {2}.', option.description, min, max),
    });
    box.value = String(value);
    box.addEventListener('change', () => {
      if (box.reportValidity() && box.value !== '') set(box.valueAsNumber);
    });
    return field(option.name, box);
  };

  return {
    element: el(
      'section',
      { class: 'method', 'aria-label': l10n.t('Options') },
      el('h2', {}, l10n.t('Options')),
      about,
      fields,
    ),
    show(method, options) {
      const key = JSON.stringify([method, options]);
      // The field that has the focus stays.
      if (key === shown) return;
      shown = key;
      const info = METHODS[method];
      about.textContent = l10n.t('{0} {1}. Cost: {2}.', info.description, info.paper, info.cost);
      const changed = Object.keys(options).length > 0;
      // A page explains at one layer: there is nothing to fuse.
      const own = info.options.filter(({ name }) => name !== 'fuse');
      fill(fields, ...own.map((option) => control(option, options)), ...(changed ? [reset] : []));
    },
  };
}
