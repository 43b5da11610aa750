import * as l10n from '@vscode/l10n';
import type { Explanation, Prediction } from '../../shared/explanation';
import { el, fill } from '../dom';
import { formatNumber } from '../format';
import { rowKeys } from '../rowKeys';
import { hasProbabilities, isSingleValue, isTarget, probabilityText } from './targets';

/**
 * The top predictions. A click, Enter or Space makes a row the target; arrow keys move between rows. The explained row has
 * `aria-current`.
 */
export function predictionTable(onTarget: (prediction: Prediction) => void): {
  readonly element: HTMLElement;
  show(explanation: Explanation): void;
} {
  const body = el('tbody');
  const name = el('th', { scope: 'col' });
  const value = el('th', { scope: 'col', class: 'number' });
  const share = el('th', { scope: 'col', class: 'number' }, l10n.t('Probability'));
  const element = el(
    'table',
    { class: 'predictions fades', role: 'grid', 'aria-label': l10n.t('Predictions. Enter explains a row.') },
    el('thead', {}, el('tr', {}, name, value, share)),
    body,
  );
  const keys = rowKeys(body);

  return {
    element,
    show(explanation) {
      share.hidden = !hasProbabilities(explanation);
      name.textContent =
        explanation.target.unit !== null
          ? l10n.t('Unit')
          : isSingleValue(explanation)
            ? l10n.t('Output')
            : l10n.t('Class');
      value.textContent = share.hidden ? l10n.t('Value') : l10n.t('Logit');
      const hadFocus = body.contains(document.activeElement);
      const rows = explanation.predictions.map((prediction) => {
        const current = isTarget(prediction, explanation);
        const row = predictionRow(prediction, explanation, current);
        row.addEventListener('click', () => onTarget(prediction));
        return row;
      });
      fill(body, ...rows);
      const home = rows.find((row) => row.getAttribute('aria-current') === 'true') ?? rows[0];
      keys.setHome(home);
      if (hadFocus) home?.focus();
    },
  };
}

function predictionRow(
  prediction: Prediction,
  explanation: Explanation,
  current: boolean,
): HTMLTableRowElement {
  const { index, label, logit } = prediction;
  const isClass = !isSingleValue(explanation);
  const isUnit = explanation.target.unit !== null;
  const number = isUnit ? l10n.t('unit {0}', index) : l10n.t('class {0}', index);
  return el(
    'tr',
    {
      tabindex: -1,
      'aria-current': current ? 'true' : null,
      title: isClass ? rowTitle(isUnit, current) : null,
    },
    el(
      'td',
      {},
      isClass ? el('span', { class: 'class-index quiet' }, String(index)) : null,
      el('span', { class: 'class-label' }, label ?? (isClass ? number : l10n.t(l10n.t('output')))),
    ),
    el('td', { class: 'number' }, formatNumber(logit)),
    hasProbabilities(explanation) ? probabilityCell(prediction, explanation) : null,
  );
}

function rowTitle(isUnit: boolean, current: boolean): string {
  if (isUnit) return current ? l10n.t('This unit is explained') : l10n.t('Explain this unit');
  return current ? l10n.t('This class is explained') : l10n.t('Explain this class');
}

function probabilityCell(prediction: Prediction, explanation: Explanation): HTMLTableCellElement {
  const { probability } = prediction;
  const share = el('span', { class: 'share', 'aria-hidden': 'true' });
  share.style.setProperty('--share', String(probability ?? 0));
  return el(
    'td',
    { class: 'number probability' },
    share,
    el('span', {}, probabilityText(prediction, explanation)),
  );
}
