import * as l10n from '@vscode/l10n';
import type { Prediction } from '../../../shared/explanation';
import type { Preprocessing } from '../../../shared/inputs';
import { numberText } from '../../../shared/numberText';
import type { Variation, WasItTheInput } from '../../../shared/results/whatIf';
import { el } from '../../dom';
import { formatNumber } from '../../format';
import { icon } from '../../icons';
import { button } from '../../ui';
import { noticesOf, predictedName, probabilityOf } from './parts';
import type { Drawn } from './question';

/**
 * "Was it the input?": every version of the input with its prediction; those that differ are marked and come first. A preprocessing can be
 * chosen in its row.
 */
export function drawVersions(answer: WasItTheInput, onUse: (chosen: Preprocessing) => void): Drawn {
  const { prediction, variations, hasProbabilities, sentence } = answer;
  const others = variations.filter(({ isOther }) => isOther).length;
  const name = predictedName(prediction);
  return {
    headline: el(
      'span',
      { class: 'headline' },
      el(
        'span',
        { class: `chip ${others > 0 ? 'doubt' : 'believe'}` },
        icon(others > 0 ? 'warning' : 'check'),
        others > 0 ? l10n.t('{0} of {1} differ', others, variations.length) : l10n.t('Same prediction'),
      ),
      el('span', { class: 'hidden-text' }, ': '),
      el('span', {}, sentence),
    ),
    details: [
      el(
        'table',
        { class: 'versions' },
        el('caption', { class: 'hidden-text' }, l10n.t('Predictions of changed inputs')),
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            el('th', { scope: 'col' }, l10n.t('Input')),
            el('th', { scope: 'col' }, l10n.t('Predicted')),
            el(
              'th',
              { scope: 'col', class: 'number' },
              hasProbabilities ? l10n.t('Probability of {0}', name) : l10n.t('Value of {0}', name),
            ),
            el('th', { scope: 'col', class: 'number' }, l10n.t('Change')),
          ),
        ),
        el(
          'tbody',
          {},
          givenRow(prediction, hasProbabilities),
          ...variations.map((variation) => versionRow(variation, hasProbabilities, onUse)),
        ),
      ),
      noticesOf(answer.notices),
    ],
  };
}

const valueText = (value: number, isProbability: boolean): string =>
  isProbability ? probabilityOf(value) : formatNumber(value);

function givenRow(prediction: Prediction, hasProbabilities: boolean): HTMLElement {
  const value = prediction.probability ?? prediction.logit;
  return el(
    'tr',
    { class: 'as-given' },
    el('th', { scope: 'row' }, l10n.t('as it is')),
    el('td', {}, predictedName(prediction)),
    el('td', { class: 'number' }, valueText(value, hasProbabilities)),
    el('td', {}),
  );
}

function versionRow(
  { what, prediction, value, difference, isOther, preprocessing }: Variation,
  isProbability: boolean,
  onUse: (chosen: Preprocessing) => void,
): HTMLElement {
  const sign = difference > 0 ? '+' : '';
  return el(
    'tr',
    { class: isOther ? 'other' : null },
    el('th', { scope: 'row' }, what, preprocessing ? useButton(what, () => onUse(preprocessing)) : null),
    el(
      'td',
      {},
      isOther ? icon('warning') : null,
      isOther ? el('span', { class: 'hidden-text' }, `${l10n.t('another prediction')}: `) : null,
      predictedName(prediction),
    ),
    el('td', { class: 'number' }, valueText(value, isProbability)),
    el('td', { class: 'number' }, `${sign}${numberText(difference, 2)}`),
  );
}

/** Makes the preprocessing of a row the one that is used. */
function useButton(what: string, onPress: () => void): HTMLElement {
  const { element } = button({ label: l10n.t('Use'), title: l10n.t('Use {0}', what), onPress });
  element.classList.add('use');
  element.setAttribute('aria-label', l10n.t('Use {0}', what));
  return element;
}
