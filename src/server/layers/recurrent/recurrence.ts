import type { Tensor, TF } from '../kind';
import { at, type Cell, type CellStep } from './recurrentCell';

/** A cell over time. Sequences are lists of steps, in the order in which the cell meets them. */
export interface Recurrence {
  readonly cell: Cell;
  /** What the cell made of each step's input. */
  readonly projected: readonly Tensor[];
  /** float32 [batch, 1, ...] each, 1 where the step counts; `null` where it counts in the whole batch, or always. */
  readonly masks: readonly (Tensor | null)[] | null;
  readonly initial: readonly Tensor[];
  /** A masked step gives zeros, else the output of the step before it. */
  readonly zeroOutputForMask: boolean;
}

export interface RecurrenceResult {
  /** One a step, each of the shape of the first state. */
  readonly outputs: readonly Tensor[];
  readonly states: readonly Tensor[];
}

/** Runs all steps; each is tidied, so that a long sequence keeps no more than its outputs. */
export function run(tf: TF, recurrence: Recurrence): RecurrenceResult {
  const { cell, projected } = recurrence;
  const outputs: Tensor[] = [];
  let states = recurrence.initial;
  for (const [t, x] of projected.entries()) {
    const made = tf.tidy(() => {
      const next = cell.step(x, states).states;
      const after = next.map((state, i) => where(tf, recurrence, t, state, at(states, i)));
      return { after, output: where(tf, recurrence, t, at(next, 0), heldOutput(recurrence, outputs.at(-1))) };
    });
    outputs.push(made.output);
    states = made.after;
  }
  return { outputs, states };
}

/** `null` stands for zeros: what a masked step gives before any other did, or always. */
function heldOutput({ zeroOutputForMask }: Recurrence, previous: Tensor | undefined): Tensor | null {
  return zeroOutputForMask || !previous ? null : previous;
}

export interface RecurrenceGradients {
  readonly projected: readonly Tensor[];
  readonly initial: readonly Tensor[];
}

/**
 * Back through time: runs the steps again, keeping what each computed, then walks them in reverse.
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
      return { step, after: step.states.map((state, i) => where(tf, recurrence, t, state, at(before, i))) };
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
      const toNew = reaching.map((g) => where(tf, recurrence, t, g, null));
      const toKept = reaching.map((g, i) => tf.sub(g, at(toNew, i)));
      const toNewOutput = where(tf, recurrence, t, toOutput, null);
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

/** `value` where step `t` counts, else `other` (`null`: zeros). */
function where(tf: TF, { masks }: Recurrence, t: number, value: Tensor, other: Tensor | null): Tensor {
  const mask = masks?.[t];
  if (!mask) return value;
  const counted = tf.mul(value, mask);
  return other ? tf.add(counted, tf.mul(other, tf.sub(1, mask))) : counted;
}
