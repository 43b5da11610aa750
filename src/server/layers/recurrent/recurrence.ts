import type { Tensor, TF } from '../kind';
import { at, type Cell, type CellStep } from './recurrentCell';

/** A cell applied over time. Sequences are lists of steps, in the order in which the cell processes them. */
export interface Recurrence {
  readonly cell: Cell;
  /** The projected input of each step (`Cell.project`). */
  readonly projected: readonly Tensor[];
  /** float32 [batch, 1, ...] each, 0 where the step is masked; `null` where nothing is masked. */
  readonly masks: readonly (Tensor | null)[] | null;
  readonly initial: readonly Tensor[];
  /** Whether a masked step outputs zeros instead of the previous output. */
  readonly zeroOutputForMask: boolean;
}

export interface RecurrenceResult {
  /** One per step, each of the shape of the first state. */
  readonly outputs: readonly Tensor[];
  readonly states: readonly Tensor[];
}

/** Runs all steps, each in a `tf.tidy`, so that a long sequence keeps only its outputs. */
export function run(tf: TF, recurrence: Recurrence): RecurrenceResult {
  const { cell, projected } = recurrence;
  const outputs: Tensor[] = [];
  let states = recurrence.initial;
  for (const [t, x] of projected.entries()) {
    const made = tf.tidy(() => {
      const next = cell.step(x, states).states;
      const after = next.map((state, i) => select(tf, recurrence, t, state, at(states, i)));
      return {
        after,
        output: select(tf, recurrence, t, at(next, 0), previousOutput(recurrence, outputs.at(-1))),
      };
    });
    outputs.push(made.output);
    states = made.after;
  }
  return { outputs, states };
}

/** The output of a masked step; `null` means zeros. */
function previousOutput({ zeroOutputForMask }: Recurrence, previous: Tensor | undefined): Tensor | null {
  return zeroOutputForMask || !previous ? null : previous;
}

export interface RecurrenceGradients {
  readonly projected: readonly Tensor[];
  readonly initial: readonly Tensor[];
}

/**
 * Backpropagation through time: runs the steps again, keeping their intermediate values, then walks them in reverse.
 * @param toOutputs by step; `null` where the score does not depend on that output.
 * @param toStates to the final states.
 */
export function back(
  tf: TF,
  recurrence: Recurrence,
  toOutputs: readonly (Tensor | null)[],
  toStates: readonly (Tensor | null)[],
): RecurrenceGradients {
  const { cell, projected, initial } = recurrence;
  const steps: { before: readonly Tensor[]; step: CellStep }[] = [];
  let states = initial;
  for (const [t, x] of projected.entries()) {
    const before = states;
    const made = tf.tidy(() => {
      const step = cell.step(x, before);
      return { step, after: step.states.map((state, i) => select(tf, recurrence, t, state, at(before, i))) };
    });
    steps.push({ before, step: made.step });
    states = made.after;
  }

  const zeros = tf.zerosLike(at(initial, 0));
  const gradients: Tensor[] = [];
  let reaching: readonly Tensor[] = initial.map((_, i) => toStates[i] ?? zeros);
  let toHeld = zeros;
  for (const [t, { before, step }] of [...steps.entries()].reverse()) {
    const made = tf.tidy(() => {
      const own = toOutputs[t];
      const toOutput = own ? tf.add(toHeld, own) : toHeld;
      const toNew = reaching.map((g) => select(tf, recurrence, t, g, null));
      const toKept = reaching.map((g, i) => tf.sub(g, at(toNew, i)));
      const toNewOutput = select(tf, recurrence, t, toOutput, null);
      const into = toNew.map((g, i) => (i === 0 ? tf.add(g, toNewOutput) : g));
      const through = cell.back(step, before, into);
      return {
        projected: through.projected,
        states: through.states.map((g, i) => tf.add(g, at(toKept, i))),
        held: recurrence.zeroOutputForMask ? zeros : tf.sub(toOutput, toNewOutput),
      };
    });
    gradients.unshift(made.projected);
    reaching = made.states;
    toHeld = made.held;
  }
  return { projected: gradients, initial: reaching };
}

/** `value` where step `t` is not masked, otherwise `other` (`null`: zeros). */
function select(tf: TF, { masks }: Recurrence, t: number, value: Tensor, other: Tensor | null): Tensor {
  const mask = masks?.[t];
  if (!mask) return value;
  const counted = tf.mul(value, mask);
  return other ? tf.add(counted, tf.mul(other, tf.sub(1, mask))) : counted;
}
