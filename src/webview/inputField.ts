import * as l10n from '@vscode/l10n';
import { el } from './dom';
import { button } from './ui';

/** The field "Input" in a page's header: a button that names the input. */
export function inputField(onPress: () => void): {
  readonly element: HTMLElement;
  /** @param names one per input of the model; none before one is chosen */
  show(names: readonly string[]): void;
} {
  const input = button({ label: l10n.t('Input'), onPress });
  return {
    element: el(
      'div',
      { class: 'field' },
      el('span', { class: 'label', 'aria-hidden': 'true' }, l10n.t('Input')),
      input.element,
    ),
    show(names) {
      const text = names.join(', ');
      input.setLabel(text === '' ? l10n.t('Choose…') : text, l10n.t('Choose another input'));
      input.element.setAttribute(
        'aria-label',
        text === '' ? l10n.t('Input: choose') : l10n.t('Input: {0}', text),
      );
    },
  };
}
