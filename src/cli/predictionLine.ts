import { nearOne } from '../server/explain/sentence';
import type { Prediction } from '../shared/explanation';
import { numberText } from '../shared/numberText';
import { visible } from '../shared/text';

/** One line of a list of predictions: index, name, and probability or value. */
export function predictionLine({ index, label, logit, probability }: Prediction): string {
  const value = probability === null ? `value ${numberText(logit)}` : `p ${nearOne(probability)}`;
  return `${String(index).padStart(5)}  ${visible(label ?? '').padEnd(20)}  ${value}`;
}
