import * as l10n from '@vscode/l10n';
import type { LayerValues, TopValue } from '../../../shared/layerValues';
import { exactProbabilityText } from '../../../shared/numberText';
import { el } from '../../dom';
import { formatNumber } from '../../format';

/** Head and body of the table of the largest values. @param onOpen takes the value at an index apart */
export function topRows(
  { top: values, pre }: LayerValues,
  onOpen: (index: readonly number[]) => void,
): HTMLElement[] {
  const areProbabilities = values.length > 0 && values.every(({ probability }) => probability !== null);
  const ofBoth = areProbabilities
    ? [l10n.t('Logit'), l10n.t('Probability')]
    : [l10n.t('Before'), l10n.t('After')];
  const heads = pre === null ? [l10n.t('Value')] : ofBoth;
  return [
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, l10n.t('Index')),
        ...heads.map((head) => el('th', { scope: 'col', class: 'number' }, head)),
      ),
    ),
    el(
      'tbody',
      {},
      ...values.map((value) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, indexLink(value.index, onOpen)),
          pre === null
            ? null
            : el('td', { class: 'number' }, value.pre === null ? '' : formatNumber(value.pre)),
          el('td', { class: 'number' }, outputText(value)),
        ),
      ),
    ),
  ];
}

function indexLink(index: readonly number[], onOpen: (index: readonly number[]) => void): HTMLElement {
  const text = `[${index.join(', ')}]`;
  const link = el(
    'button',
    { type: 'button', class: 'link', title: l10n.t('Show how it is computed') },
    text,
  );
  link.addEventListener('click', () => onOpen(index));
  return link;
}

const outputText = ({ post, probability }: TopValue): string =>
  probability === null
    ? formatNumber(post)
    : exactProbabilityText(probability.log, probability.logOfComplement);
