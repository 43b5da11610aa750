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
  const share = el('th', { scope: 'col', class: 'number' }, 'Probability');
  const element = el(
    'table',
    { class: 'predictions fades', role: 'grid', 'aria-label': 'Predictions. Enter explains a row.' },
    el('thead', {}, el('tr', {}, name, value, share)),
    body,
  );
  const keys = rowKeys(body);

  return {
    element,
    show(explanation) {
      share.hidden = !hasProbabilities(explanation);
      name.textContent =
        explanation.target.unit !== null ? 'Unit' : isSingleValue(explanation) ? 'Output' : 'Class';
      value.textContent = share.hidden ? 'Value' : 'Logit';
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
  const noun = explanation.target.unit === null ? 'class' : 'unit';
  return el(
    'tr',
    {
      tabindex: -1,
      'aria-current': current ? 'true' : null,
      title: isClass ? (current ? `This ${noun} is explained` : `Explain this ${noun}`) : null,
    },
    el(
      'td',
      {},
      isClass ? el('span', { class: 'class-index quiet' }, String(index)) : null,
      el('span', { class: 'class-label' }, label ?? (isClass ? `${noun} ${index}` : 'output')),
    ),
    el('td', { class: 'number' }, formatNumber(logit)),
    hasProbabilities(explanation) ? probabilityCell(prediction, explanation) : null,
  );
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
