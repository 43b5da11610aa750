import * as l10n from '@vscode/l10n';
import type { Explanation } from '../../shared/explanation';
import type { ExplainContext } from '../../shared/view';
import { type ComboOption, combobox } from '../combobox';
import { el } from '../dom';

/** Limits the rows of the list; nobody scrolls through more. */
const MAX_CLASSES = 5000;

/** Selects any class of the output as target, including those that are not among the top predictions. */
export function classPicker(onClass: (index: number) => void): {
  readonly element: HTMLElement;
  show(context: ExplainContext, explanation: Explanation): void;
} {
  const box = combobox(l10n.t('Another class'), (index) => onClass(Number(index)));
  const element = el(
    'div',
    { class: 'field', hidden: true },
    el('span', { class: 'label', 'aria-hidden': 'true' }, l10n.t('Another class')),
    box.element,
  );
  return {
    element,
    show({ labels }, { predictions, target, units }) {
      element.hidden = units <= predictions.length || target.unit !== null;
      if (element.hidden) return;
      const options: ComboOption[] = Array.from({ length: Math.min(units, MAX_CLASSES) }, (_, index) => ({
        value: String(index),
        label: labels[index] ?? l10n.t('class {0}', index),
        detail: String(index),
      }));
      box.setOptions(options, String(target.index));
    },
  };
}
