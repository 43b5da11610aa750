import type { Tensor, TF } from '../kind';
import { type LoopContext, loop } from './loop';
import { at, type Cell } from './recurrentCell';

/** A cell applied over time. Sequences are [time, batch, ...], in the order in which the cell processes their steps. */
export interface Recurrence {
  readonly cell: Cell;
  /** The projected input (`Cell.project`). */
  readonly projected: Tensor;
  /** float32 [time, batch, 1, ...], 0 where a step is masked; `null` where nothing is masked. */
  readonly mask: Tensor | null;
  readonly initial: readonly Tensor[];
  /** Whether a masked step outputs zeros instead of the previous output. */
  readonly zeroOutputForMask: boolean;
}

export interface RecurrenceResult {
  /** [time, ...], each step of the shape of the first state. */
  readonly outputs: Tensor;
  readonly last: Tensor;
  readonly states: readonly Tensor[];
}

/** Runs all steps. */
export function run(ctx: LoopContext, recurrence: Recurrence): RecurrenceResult {
  const { tf } = ctx;
  const { cell, projected, mask, initial, zeroOutputForMask } = recurrence;
  const count = initial.length;
  // What a masked step outputs; without a mask, each output is the first state.
  const holds = mask !== null && !zeroOutputForMask;
  const held = holds ? [tf.zeros(at(initial, 0).shape)] : [];
  const { states, outputs } = loop(
    ctx,
    (all, [x, stepMask], isCompiled) => {
      const before = all.slice(0, count);
      const masked = maskOf(stepMask, isCompiled);
      const next = cell.step(x ?? projected, before).states;
      const after = next.map((state, i) => select(tf, masked, state, at(before, i)));
      const output = mask ? select(tf, masked, at(next, 0), all[count] ?? null) : at(after, 0);
      return { states: holds ? [...after, output] : after, outputs: [output] };
    },
    [...initial, ...held],
    mask ? [projected, mask] : [projected],
  );
  const all = at(outputs, 0);
  const last = mask && !holds ? lastStep(tf, all) : at(states, holds ? count : 0);
  return { outputs: all, last, states: states.slice(0, count) };
}

function lastStep(tf: TF, sequence: Tensor): Tensor {
  const [time = 1, ...shape] = sequence.shape;
  const start = [time - 1, ...shape.map(() => 0)];
  return tf.reshape(tf.slice(sequence, start, [1, ...shape]), shape);
}

/** The gradient of a score at the outputs of a recurrence; `null` where it does not depend on them. */
export interface OutputGradients {
  readonly sequence: Tensor | null;
  /** At the last output, beside that of the sequence. */
  readonly last: Tensor | null;
}

export interface RecurrenceGradients {
  /** [time, ...] */
  readonly projected: Tensor;
  readonly initial: readonly Tensor[];
}

/**
 * Backpropagation through time: runs the steps again, keeping their intermediate values, then walks them in reverse.
 * @param toStates to the final states.
 */
export function back(
  ctx: LoopContext,
  recurrence: Recurrence,
  { sequence, last }: OutputGradients,
  toStates: readonly (Tensor | null)[],
): RecurrenceGradients {
  const { tf } = ctx;
  const { cell, projected, mask, initial, zeroOutputForMask } = recurrence;
  const count = initial.length;
  let names: string[] = [];
  const { outputs } = loop(
    ctx,
    (before, [x, stepMask], isCompiled) => {
      const masked = maskOf(stepMask, isCompiled);
      const step = cell.step(x ?? projected, before);
      names = Object.keys(step.memo);
      const after = step.states.map((state, i) => select(tf, masked, state, at(before, i)));
      return { states: after, outputs: [...before, ...step.states, ...Object.values(step.memo)] };
    },
    initial,
    mask ? [projected, mask] : [projected],
  );

  const zeros = tf.zeros(at(initial, 0).shape);
  const reaching = initial.map((_, i) => toStates[i] ?? zeros);
  // Without a mask, the last output is the first of the final states.
  if (!mask && last) reaching[0] = tf.add(at(reaching, 0), last);
  const given = [...(mask ? [mask] : []), ...(sequence ? [sequence] : [])];
  const { states, outputs: through } = loop(
    ctx,
    (all, slices, isCompiled) => {
      const masked = maskOf(mask ? slices[0] : undefined, isCompiled);
      const own = sequence ? at(slices, given.length - 1) : null;
      const kept = slices.slice(given.length);
      const memo = Object.fromEntries(names.map((name, i) => [name, at(kept, 2 * count + i)]));
      const step = { states: kept.slice(count, 2 * count), memo };
      const toHeld = all[count];
      const toOutput = toHeld && own ? tf.add(toHeld, own) : (toHeld ?? own);
      const toNewOutput = toOutput && select(tf, masked, toOutput, null);
      const toAll = all.slice(0, count);
      const toNew = toAll.map((gradient) => select(tf, masked, gradient, null));
      const into = toNew.map((gradient, i) =>
        i === 0 && toNewOutput ? tf.add(gradient, toNewOutput) : gradient,
      );
      const made = cell.back(step, kept.slice(0, count), into);
      const toBefore = made.states.map((gradient, i) =>
        masked ? tf.add(gradient, tf.sub(at(toAll, i), at(toNew, i))) : gradient,
      );
      if (!toHeld) return { states: toBefore, outputs: [made.projected] };
      const holds = masked && toOutput && toNewOutput && !zeroOutputForMask;
      const held = holds ? tf.sub(toOutput, toNewOutput) : tf.zeros(toHeld.shape);
      return { states: [...toBefore, held], outputs: [made.projected] };
    },
    mask ? [...reaching, last ?? zeros] : reaching,
    [...given, ...outputs],
    true,
  );
  return { projected: at(through, 0), initial: states.slice(0, count) };
}

/** The mask of one step; `null` where nothing in the batch is masked, the usual case, since a mask costs several operations. */
const maskOf = (mask: Tensor | undefined, isCompiled: boolean): Tensor | null =>
  mask && (isCompiled || mask.dataSync().includes(0)) ? mask : null;

/** `value` where a step is not masked, otherwise `other` (`null`: zeros). */
function select(tf: TF, mask: Tensor | null, value: Tensor, other: Tensor | null): Tensor {
  if (!mask) return value;
  const counted = tf.mul(value, mask);
  return other ? tf.add(counted, tf.mul(other, tf.sub(1, mask))) : counted;
}
