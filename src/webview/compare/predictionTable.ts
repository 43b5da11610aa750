import * as l10n from '@vscode/l10n';
import type { OutputComparison } from '../../shared/compare/comparison';
import { changeText } from '../../shared/compare/comparisonText';
import type { Prediction } from '../../shared/explanation';
import { el } from '../dom';
import { formatNumber } from '../format';

/** What both models predict at one output: the strongest classes of each, side by side. */
export function predictionTable({ name, a, b, change }: OutputComparison): HTMLElement {
  const classes = new Map([...a, ...b].map((one) => [one.index, one.label ?? String(one.index)]));
  const valueIn = (list: readonly Prediction[], index: number): number | null => {
    const found = list.find((one) => one.index === index);
    return found === undefined ? null : (found.probability ?? found.logit);
  };
  const text = (value: number | null): string => (value === null ? '' : formatNumber(value));
  const head = [l10n.t('Class'), 'A', 'B', 'B − A'];
  const differs =
    change === null
      ? l10n.t('The outputs have other shapes.')
      : change === 0
        ? l10n.t('Both outputs are equal.')
        : l10n.t('The outputs differ by up to {0} of the largest value.', changeText(change));
  return el(
    'div',
    { class: 'output' },
    el('h3', {}, l10n.t('Output {0}', name)),
    el('p', { class: 'quiet' }, differs),
    classes.size === 0
      ? null
      : el(
          'table',
          { 'aria-label': l10n.t('Predictions of output {0}', name) },
          el(
            'thead',
            {},
            el(
              'tr',
              {},
              ...head.map((title, i) => el('th', { scope: 'col', class: i > 0 ? 'number' : null }, title)),
            ),
          ),
          el(
            'tbody',
            {},
            ...[...classes].map(([index, label]) => {
              const [one, other] = [valueIn(a, index), valueIn(b, index)];
              const difference = one === null || other === null ? null : other - one;
              return el(
                'tr',
                {},
                el('th', { scope: 'row' }, label),
                el('td', { class: 'number' }, text(one)),
                el('td', { class: 'number' }, text(other)),
                el('td', { class: difference ? 'number differs' : 'number' }, text(difference)),
              );
            }),
          ),
        ),
  );
}
