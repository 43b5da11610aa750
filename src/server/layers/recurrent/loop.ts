import type { LayerContext, LoopOperator, ScanStep, Tensor, TF } from '../kind';
import { at } from './recurrentCell';
import { timeSteps } from './timeSteps';

/** What a loop needs of a layer's context. */
export type LoopContext = Pick<LayerContext, 'tf' | 'scan'>;

/** @param isCompiled whether the step is recorded for all steps, so that it must not read values */
export type LoopStep = (
  states: readonly Tensor[],
  slices: readonly Tensor[],
  isCompiled: boolean,
) => ScanStep;

/** A loop over time, as `Scan`: compiled on a backend that does it, otherwise step by step. */
export function loop(
  { tf, scan }: LoopContext,
  step: LoopStep,
  states: readonly Tensor[],
  sequences: readonly Tensor[],
  { isReversed = false, operator }: { readonly isReversed?: boolean; readonly operator?: LoopOperator } = {},
): ScanStep {
  const compiled = scan?.(
    (before, slices) => step(before, slices, true),
    states,
    sequences,
    isReversed,
    operator,
  );
  return compiled ?? stepByStep(tf, step, states, sequences, isReversed);
}

/** Each step in a `tf.tidy`, so that a long sequence keeps only what its steps give. */
function stepByStep(
  tf: TF,
  step: LoopStep,
  initial: readonly Tensor[],
  sequences: readonly Tensor[],
  isReversed: boolean,
): ScanStep {
  const slices = sequences.map((sequence) => timeSteps(tf, sequence));
  const order = [...(slices[0] ?? []).keys()];
  if (isReversed) order.reverse();
  const outputs: Tensor[][] = [];
  let states = [...initial];
  for (const t of order) {
    const now = slices.map((steps) => at(steps, t));
    const made = tf.tidy(() => {
      const after = step(states, now, false);
      // A step may give its state as an output, too.
      return { states: after.states, outputs: after.outputs.map((output) => tf.clone(output)) };
    });
    for (const used of [...states, ...now])
      if (!initial.includes(used) && !made.states.includes(used)) used.dispose();
    states = made.states;
    for (const [i, output] of made.outputs.entries()) {
      outputs[i] ??= [];
      outputs[i][t] = output;
    }
  }
  const stacked = outputs.map((steps) => tf.stack(steps, 0));
  for (const output of outputs.flat()) output.dispose();
  return { states, outputs: stacked };
}
