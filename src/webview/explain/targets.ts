import type { Explanation, Prediction, TargetChoice } from '../../shared/explanation';
import type { ModelSummary } from '../../shared/model';

/** One output unit whose sigmoid is offered as two classes: two predictions from an output of size 1. */
export function isSingleSigmoid(explanation: Explanation, summary: ModelSummary, output: number): boolean {
  return explanation.predictions.length === 2 && summary.outputs[output]?.shape?.at(-1) === 1;
}

/** The choice that makes a row of the predictions the target; class 0 of a single sigmoid is the negative unit. */
export function targetOf(prediction: Prediction, singleSigmoid: boolean, old: TargetChoice): TargetChoice {
  const common = { index: prediction.index, score: old.score ?? 'logit', output: old.output ?? 0 } as const;
  return singleSigmoid
    ? { ...common, negative: prediction.index === 0 }
    : { ...common, negative: old.negative ?? false };
}

/**
 * Whether a row is what the explanation explains. For a single sigmoid both classes are one unit, so the class follows from
 * the sign: `negative` is class 0.
 */
export function isTarget(prediction: Prediction, explanation: Explanation, singleSigmoid: boolean): boolean {
  const { target } = explanation;
  if (singleSigmoid) return (prediction.index === 0) === isClassZero(explanation);
  return prediction.index === target.index;
}

function isClassZero({ target, predictions }: Explanation): boolean {
  const number = (row: Prediction) => (target.score === 'logit' ? row.logit : row.probability);
  const matches = predictions.filter((row) => number(row) === target.value);
  return matches.length === 1 ? matches[0]?.index === 0 : target.negative;
}

/** `Class 0 (cat)`, or without the name where there is none. */
export function explainedClass(explanation: Explanation, singleSigmoid: boolean): string {
  const row = explanation.predictions.find((each) => isTarget(each, explanation, singleSigmoid));
  const { index, label } = row ?? explanation.target;
  return label === null ? `Class ${index}` : `Class ${index} (${label})`;
}

/** 1 - p without the rounding of float32: from the logit for a single sigmoid, else the sum of the other rows. */
export function complementOf(
  prediction: Prediction,
  all: readonly Prediction[],
  singleSigmoid: boolean,
): number {
  if (singleSigmoid) return 1 / (1 + Math.exp(prediction.logit));
  const plain = 1 - (prediction.probability ?? 0);
  if (plain > 1e-4) return plain;
  return all.reduce((sum, row) => (row.index === prediction.index ? sum : sum + (row.probability ?? 0)), 0);
}
