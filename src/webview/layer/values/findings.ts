import * as l10n from '@vscode/l10n';
import type { LayerValues } from '../../../shared/layerValues';
import { el } from '../../dom';
import { formatNumber, formatShare } from '../../format';
import { icon } from '../../icons';

/** The check of the activation, and the shares of negative, dead and saturated values. */
export function findings({ check, shares, pre, activation }: LayerValues): HTMLElement[] {
  const list: HTMLElement[] = [];
  if (check !== null) {
    const name = activation ?? l10n.t('activation');
    const text = check.agrees ? l10n.t('{0}(before) = after', name) : l10n.t('{0}(before) ≠ after', name);
    const error = l10n.t('largest error {0}', formatNumber(check.largestError));
    list.push(finding(check.agrees ? 'check' : 'warning', text, error, check.agrees ? 'good' : 'bad'));
  }
  list.push(
    finding(
      null,
      formatShare(shares.negative),
      pre === null ? l10n.t('negative') : l10n.t('negative before the activation'),
    ),
  );
  if (shares.deadChannels !== null) {
    const share = formatShare(shares.deadChannels / Math.max(1, shares.channels));
    const dead = l10n.t('{0} of {1} ({2})', shares.deadChannels, shares.channels, share);
    list.push(finding(null, dead, l10n.t('dead channels: all values are 0')));
  }
  if (shares.saturated !== null) {
    list.push(finding(null, formatShare(shares.saturated), l10n.t('saturated: slope below 0.01')));
  }
  return list;
}

function finding(mark: 'check' | 'warning' | null, value: string, text: string, tone?: string): HTMLElement {
  return el(
    'li',
    { class: tone },
    el('span', { class: 'fact-value' }, mark && icon(mark), value),
    el('span', { class: 'quiet' }, text),
  );
}
