import { el } from './dom';
import { button } from './ui';

/** The field "Input" in a page's header: a button that names the input. */
export function inputField(onPress: () => void): {
  readonly element: HTMLElement;
  /** @param names one per input of the model; none before one is chosen */
  show(names: readonly string[]): void;
} {
  const input = button({ label: 'Input', onPress });
  return {
    element: el(
      'div',
      { class: 'field' },
      el('span', { class: 'label', 'aria-hidden': 'true' }, 'Input'),
      input.element,
    ),
    show(names) {
      const text = names.join(', ');
      input.setLabel(text === '' ? 'Choose…' : text, 'Choose another input');
      input.element.setAttribute('aria-label', `Input: ${text === '' ? 'choose' : text}`);
    },
  };
}
