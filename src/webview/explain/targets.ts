import * as l10n from '@vscode/l10n';
import type { Explanation, Prediction, TargetChoice } from '../../shared/explanation';
import { farSigmoidText } from '../../shared/numberText';
import { formatProbability } from '../format';

/** The target for a row of the predictions; class 0 of a single sigmoid is the negative unit. */
export function targetOf(prediction: Prediction, { binary }: Explanation, old: TargetChoice): TargetChoice {
  const common = { index: prediction.index, score: old.score ?? 'logit', output: old.output ?? 0 } as const;
  return binary
    ? { ...common, negative: prediction.index === 0 }
    : { ...common, negative: old.negative ?? false };
}

/** Whether the explanation is of this row; for a single sigmoid, too, the target's index is its class. */
export function isTarget(prediction: Prediction, { target }: Explanation): boolean {
  return prediction.index === target.index;
}

/** An output whose activation makes no probabilities: logits, or the values of a regression. */
export function hasProbabilities({ predictions }: Pick<Explanation, 'predictions'>): boolean {
  return predictions.some(({ probability }) => probability !== null);
}

/** A single value that is not a probability, as in a regression, is not a class: there is no other one to choose. */
export function isSingleValue(explanation: Pick<Explanation, 'predictions' | 'units'>): boolean {
  return explanation.units === 1 && !hasProbabilities(explanation);
}

/** `Class 0 (cat)`, or without the name where there is none. */
export function explainedClass({ target: { index, label, unit } }: Explanation): string {
  if (unit !== null) return l10n.t('Unit {0} of {1}', index, unit);
  return label === null ? l10n.t('Class {0}', index) : l10n.t('Class {0} ({1})', index, label);
}

/** The probability of a row, never rounded to 0 or 1; `none` where there is none. */
export function probabilityText(
  prediction: Prediction,
  explanation: Pick<Explanation, 'predictions' | 'binary'>,
): string {
  const { logit, probability } = prediction;
  if (probability === null) return l10n.t('none');
  const far = explanation.binary ? farSigmoidText(logit) : null;
  return far ?? formatProbability(probability, complementOf(prediction, explanation));
}

/** 1 - p without float32 rounding: from the logit of a single sigmoid, otherwise the sum of the other rows. */
function complementOf(
  prediction: Prediction,
  { predictions, binary }: Pick<Explanation, 'predictions' | 'binary'>,
): number {
  if (binary) return 1 / (1 + Math.exp(prediction.logit));
  const plain = 1 - (prediction.probability ?? 0);
  if (plain > 1e-4) return plain;
  return predictions.reduce(
    (sum, row) => (row.index === prediction.index ? sum : sum + (row.probability ?? 0)),
    0,
  );
}
