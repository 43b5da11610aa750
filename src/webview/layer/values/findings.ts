import type { LayerValues } from '../../../shared/layerValues';
import { el } from '../../dom';
import { formatNumber, formatShare } from '../../format';
import { icon } from '../../icons';

/** The check of the activation, and the shares of negative, dead and saturated values. */
export function findings({ check, shares, pre, activation }: LayerValues): HTMLElement[] {
  const list: HTMLElement[] = [];
  if (check !== null) {
    const text = `${activation ?? 'activation'}(before) ${check.agrees ? '=' : '≠'} after`;
    const error = `largest error ${formatNumber(check.largestError)}`;
    list.push(finding(check.agrees ? 'check' : 'warning', text, error, check.agrees ? 'good' : 'bad'));
  }
  list.push(
    finding(null, formatShare(shares.negative), pre === null ? 'negative' : 'negative before the activation'),
  );
  if (shares.deadChannels !== null) {
    const share = formatShare(shares.deadChannels / Math.max(1, shares.channels));
    const dead = `${shares.deadChannels} of ${shares.channels} (${share})`;
    list.push(finding(null, dead, 'dead channels: all values are 0'));
  }
  if (shares.saturated !== null) {
    list.push(finding(null, formatShare(shares.saturated), 'saturated: slope below 0.01'));
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
