import * as l10n from '@vscode/l10n';
import type { OutputKind, PredictedInput } from '../../shared/results/gallery';
import type { Child } from '../dom';
import { el } from '../dom';
import { formatNumber, formatShare } from '../format';
import { icon } from '../icons';

/** What a tile says below its picture. */
export interface TileTexts {
  readonly name: string;
  readonly prediction: readonly Child[];
  /** The class that it belongs to, where it is not the predicted one. */
  readonly label: string;
  readonly state: 'right' | 'wrong' | 'failed' | 'unknown';
  /** All of it, for the tooltip and screen readers. */
  readonly full: string;
}

export interface Described {
  readonly name: string;
  readonly predicted: PredictedInput | null;
  readonly truth: number | null;
  readonly kind: OutputKind | null;
  readonly labels: readonly string[];
}

/** The name of a class. */
export const className = (labels: readonly string[], index: number): string =>
  labels[index] ?? l10n.t('class {0}', index);

export function tileTexts({ name, predicted, truth, kind, labels }: Described): TileTexts {
  const truthName = truth === null ? null : className(labels, truth);
  if (predicted === null) {
    const label = truthName === null ? '' : l10n.t('labelled {0}', truthName);
    const waiting = l10n.t('not predicted yet');
    return {
      name,
      prediction: [el('span', { class: 'quiet' }, '…')],
      label,
      state: 'unknown',
      full: `${name}: ${[label, waiting].filter(Boolean).join(', ')}`,
    };
  }
  if (!predicted.ok) {
    const failed = l10n.t('cannot be predicted');
    return {
      name,
      prediction: [el('span', { class: 'quiet' }, failed)],
      label: '',
      state: 'failed',
      full: `${name}: ${failed}, ${predicted.error.message}`,
    };
  }
  const { index, logit, probability } = predicted.value;
  const value = probability === null ? formatNumber(logit) : formatShare(probability);
  const found = kind === 'number' ? value : `${className(labels, index)} ${value}`;
  const isWrong = truth !== null && truth !== index;
  const label = isWrong ? l10n.t('labelled {0}', truthName ?? '') : '';
  const sign = truth === null ? null : icon(isWrong ? 'error' : 'check');
  const said = isWrong ? `${label}, ${l10n.t('wrong')}` : l10n.t('as labelled');
  return {
    name,
    prediction: [
      sign,
      el('span', { class: 'class' }, kind === 'number' ? '' : className(labels, index)),
      ' ',
      el('span', { class: 'confidence' }, value),
    ],
    label,
    state: truth === null ? 'unknown' : isWrong ? 'wrong' : 'right',
    full: `${name}: ${truth === null ? found : `${found}, ${said}`}`,
  };
}
