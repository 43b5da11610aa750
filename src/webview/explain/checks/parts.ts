import * as l10n from '@vscode/l10n';
import type { Prediction } from '../../../shared/explanation';
import { el } from '../../dom';
import { formatNumber, formatProbability } from '../../format';
import { probabilityText } from '../targets';

export const predictedName = ({ index, label }: Pick<Prediction, 'index' | 'label'>): string =>
  label ?? l10n.t('class {0}', index);

/** A probability that float32 rounds to 1 is not said to be 1. */
export const probabilityOf = (p: number): string => (p === 1 ? '> 0.9999999' : formatProbability(p));

/** The probability, or the value where there is none. @param all predictions of the same run */
export const predictedValue = (prediction: Prediction, all: readonly Prediction[]): string => {
  if (prediction.probability === null) return formatNumber(prediction.logit);
  const text = probabilityText(prediction, { predictions: all, binary: false });
  return text === '1' ? probabilityOf(1) : text;
};

/** Sentences below an answer; nothing where there are none. */
export function noticesOf(notices: readonly string[]): HTMLElement | null {
  if (notices.length === 0) return null;
  return el('ul', { class: 'measured quiet' }, ...notices.map((notice) => el('li', {}, notice)));
}
