import type { Prediction } from '../../shared/explanation';
import { numberText } from '../../shared/numberText';
import { nearOne } from '../explain/sentence';

/** "class 3 (cat), p = 0.98"; of an output without probabilities its value. */
export function predictionText({ index, label, logit, probability }: Prediction): string {
  const value = probability === null ? `value ${numberText(logit)}` : `p = ${nearOne(probability)}`;
  return `${classText({ index, label })}, ${value}`;
}

export const classText = ({ index, label }: Pick<Prediction, 'index' | 'label'>): string =>
  label === null ? `class ${index}` : `class ${index} (${label})`;
