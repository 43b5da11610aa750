import type { Control } from '../../run/control';
import { GRADIENT } from '../../run/rectifierRules';
import type { Trace } from '../../run/trace';
import type { ExplainRequest } from '../explain';
import { gradientAt } from '../method';
import { classCount } from '../score';
import { targetText } from '../sentence';
import { layerContextOf } from './layerQuantities';
import type { Walks } from './scoreWalk';

/**
 * Gradient times value at each place of a layer's output, of the first example, for the chosen score, and what the score is of.
 * @throws Failure `not-applicable`, `no-such-layer`, `no-such-target`, `unknown-layer`, `cancelled`.
 */
export async function gradientTimesValue(
  trace: Trace,
  walks: Walks,
  question: Pick<ExplainRequest, 'layer' | 'target' | 'labels'>,
  values: ArrayLike<number>,
  control: Control,
): Promise<{ readonly target: string; readonly products: Float32Array }> {
  const { ctx, ref, scores, target } = await layerContextOf(trace, walks, question, control);
  const gradient = await gradientAt(ctx, GRADIENT, ref);
  const output = trace.graph.outputs.length > 1 ? (question.target.output ?? 0) : null;
  return {
    target: targetText(target, { units: classCount(scores), binary: scores.binary }, output),
    products: gradient.values.map((slope, i) => slope * (values[i] ?? Number.NaN)),
  };
}
