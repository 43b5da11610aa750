import type { Control } from '../../run/control';
import { GRADIENT } from '../../run/rectifierRules';
import type { Trace } from '../../run/trace';
import { gradientAt } from '../method';
import { layerContextOf } from './layerQuantities';
import type { Walks } from './scoreWalk';

/**
 * Gradient times value at each place of a layer's output, of the first example, for the score of the predicted class.
 * @throws Failure `not-applicable`, `no-such-layer`, `unknown-layer`, `cancelled`.
 */
export async function gradientTimesValue(
  trace: Trace,
  walks: Walks,
  layer: string,
  values: ArrayLike<number>,
  control: Control,
): Promise<Float32Array> {
  const question = { layer, target: { index: 'auto' }, labels: [] } as const;
  const { ctx, ref } = await layerContextOf(trace, walks, question, control);
  const gradient = await gradientAt(ctx, GRADIENT, ref);
  return gradient.values.map((slope, i) => slope * (values[i] ?? Number.NaN));
}
