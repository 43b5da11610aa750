import * as l10n from '@vscode/l10n';
import type { Prediction } from '../../shared/explanation';
import { numberText } from '../../shared/numberText';
import { nearOne } from '../explain/sentence';

/** "class 3 (cat), p = 0.98"; of an output without probabilities its value. */
export function predictionText({ index, label, logit, probability }: Prediction): string {
  const value = probability === null ? l10n.t('value {0}', numberText(logit)) : `p = ${nearOne(probability)}`;
  return `${classText({ index, label })}, ${value}`;
}

export const classText = ({ index, label }: Pick<Prediction, 'index' | 'label'>): string =>
  label === null ? l10n.t('class {0}', index) : l10n.t('class {0} ({1})', index, label);
