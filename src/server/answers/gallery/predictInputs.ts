import type { PredictInputsParams } from '../../../shared/protocol';
import type { InputPrediction, InputPredictions, OutputKind } from '../../../shared/results/gallery';
import { classCount, predictedClass, predictionAt, type Scores } from '../../explain/score';
import type { Control } from '../../run/control';
import type { Session } from '../../session/session';
import { examplesIn } from './examplesIn';

/**
 * What a model predicts for many inputs. One that cannot be read or computed fails alone.
 * @throws Failure `bad-input` for a number of sources that fits no examples, and those of `Session.scores`
 */
export async function predictInputs(
  session: Session,
  modelId: string,
  { inputs, preprocessing, output = 0, insist = false }: PredictInputsParams,
  control: Control,
): Promise<InputPredictions> {
  const examples = examplesIn(session.get(modelId), inputs);
  const request = { examples, preprocessing, output, insist };
  const results = await session.scores(modelId, request, control);
  const first = results.find((one) => one.ok);
  return {
    kind: first ? kindOf(first.value) : null,
    predictions: results.map((one) => (one.ok ? { ok: true, value: predictionOf(one.value) } : one)),
  };
}

/** What an output tells, by its scores. */
export function kindOf(scores: Scores): OutputKind {
  if (scores.layout.positions > 1) return 'positions';
  return classCount(scores) > 1 ? 'class' : 'number';
}

function predictionOf(scores: Scores): InputPrediction {
  const { index, logit, probability } = predictionAt(scores, predictedClass(scores), []);
  return { index, logit, probability, margin: marginOf(scores, index, probability) };
}

/** By how much the probability of the predicted class exceeds the next one. */
export function marginOf(scores: Scores, index: number, probability: number | null): number | null {
  const classes = classCount(scores);
  if (probability === null || classes < 2 || scores.layout.positions > 1) return null;
  let next = 0;
  for (let other = 0; other < classes; other++)
    if (other !== index) next = Math.max(next, predictionAt(scores, other, []).probability ?? 0);
  return probability - next;
}
