import * as l10n from '@vscode/l10n';
import type { Explanation, Prediction } from '../../../shared/explanation';
import { el, fill } from '../../dom';
import { formatNumber } from '../../format';
import { hasProbabilities, isSingleValue, probabilityText } from '../targets';

const ROWS = 5;

/** What is predicted without the edits beside what is predicted with them. */
export function beforeAfter(): {
  readonly element: HTMLElement;
  show(before: readonly Prediction[], explanation: Explanation): void;
} {
  const sentence = el('p', { class: 'edit-outcome-sentence', role: 'status' });
  const body = el('tbody');
  const first = el('th', { scope: 'col' });
  const element = el(
    'section',
    { class: 'edit-outcome', 'aria-label': l10n.t('Prediction before and after the edits') },
    sentence,
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          first,
          el('th', { scope: 'col', class: 'number' }, l10n.t('Before')),
          el('th', { scope: 'col', class: 'number' }, l10n.t('After')),
        ),
      ),
      body,
    ),
  );
  return {
    element,
    show(before, explanation) {
      const after = explanation.predictions;
      const isValue = isSingleValue(explanation);
      const { binary } = explanation;
      const textOf = (one: Prediction | undefined, predictions: readonly Prediction[]): string => {
        if (one === undefined) return '–';
        return hasProbabilities(explanation)
          ? probabilityText(one, { predictions, binary })
          : formatNumber(one.logit);
      };
      first.textContent = isValue ? l10n.t('Output') : l10n.t('Class');
      const [was, is] = [before[0], after[0]];
      const isSame = was?.index === is?.index;
      sentence.textContent = isValue
        ? l10n.t('{0} → {1}', textOf(was, before), textOf(is, after))
        : isSame
          ? l10n.t('Still {0}: {1} → {2}', nameOf(is), textOf(was, before), textOf(is, after))
          : l10n.t('{0} → {1}', nameOf(was), nameOf(is));
      element.classList.toggle('turned', !isSame && !isValue);
      // The strongest of both, so that neither the old class nor the new one is missing.
      const shown = new Map(
        [...after.slice(0, ROWS - 1), ...before.slice(0, 1)].map((one) => [one.index, one]),
      );
      const rows = [...shown.values()].map((one) => {
        const find = (all: readonly Prediction[]) => all.find(({ index }) => index === one.index);
        return el(
          'tr',
          {},
          el('th', { scope: 'row' }, isValue ? (one.label ?? l10n.t('output')) : nameOf(one)),
          el('td', { class: 'number' }, textOf(find(before), before)),
          el('td', { class: 'number' }, textOf(find(after), after)),
        );
      });
      fill(body, ...rows);
    },
  };
}

const nameOf = (one: Prediction | undefined): string =>
  one === undefined ? '–' : (one.label ?? l10n.t('class {0}', one.index));
