import type { Tensor, TF } from '../kind';
import { type LoopContext, loop } from './loop';
import { at, type Cell, type CellStep } from './recurrentCell';

/** A cell applied over time. Sequences are [time, batch, ...], in the order in which the cell processes their steps. */
export interface Recurrence {
  readonly cell: Cell;
  /** The projected input (`Cell.project`). */
  readonly projected: Tensor;
  /** The input itself, for a backend that needs it. */
  input(): Tensor;
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
  const own = mask === null && ctx.scan ? cell.operator?.() : undefined;
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
    own && { operator: { ...own, input: recurrence.input() } },
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

/** Each state after each step, [time, ...]. */
function statesOverTime(ctx: LoopContext, recurrence: Recurrence): Tensor[] {
  const { cell, projected, mask, initial } = recurrence;
  // Without a mask, its outputs are its first state.
  if (!mask && initial.length === 1) return [run(ctx, recurrence).outputs];
  const { outputs } = loop(
    ctx,
    (before, [x, stepMask], isCompiled) => {
      const masked = maskOf(stepMask, isCompiled);
      const next = cell.step(x ?? projected, before).states;
      const after = next.map((state, i) => select(ctx.tf, masked, state, at(before, i)));
      return { states: after, outputs: after };
    },
    initial,
    mask ? [projected, mask] : [projected],
  );
  return outputs;
}

/** A sequence without its last step and with `first` before its first one. */
function delayed(tf: TF, first: Tensor, sequence: Tensor): Tensor {
  const [time = 1, ...shape] = sequence.shape;
  if (time === 1) return tf.expandDims(first, 0);
  const rest = tf.slice(
    sequence,
    sequence.shape.map(() => 0),
    [time - 1, ...shape],
  );
  return tf.concat([tf.expandDims(first, 0), rest], 0);
}

/** What every step computes, [time, ...] each: once its states are known, it does not depend on the steps before. */
function allSteps(
  ctx: LoopContext,
  recurrence: Recurrence,
): { readonly before: Tensor[]; readonly step: CellStep } {
  const { tf } = ctx;
  const { cell, projected, initial } = recurrence;
  const after = statesOverTime(ctx, recurrence);
  const before = after.map((sequence, i) => delayed(tf, at(initial, i), sequence));
  const [time = 1, batch = 1] = projected.shape;
  const flat = (sequence: Tensor): Tensor => tf.reshape(sequence, [time * batch, ...sequence.shape.slice(2)]);
  const whole = (rows: Tensor): Tensor => tf.reshape(rows, [time, batch, ...rows.shape.slice(1)]);
  const step = tf.tidy((): CellStep => {
    const { states, memo } = cell.step(flat(projected), before.map(flat));
    const named = Object.entries(memo).map(([name, value]) => [name, whole(value)] as const);
    return { states: states.map(whole), memo: Object.fromEntries(named) };
  });
  return { before, step };
}

/**
 * Backpropagation through time: computes the values of all steps again, then walks them in reverse.
 * @param toStates to the final states.
 */
export function back(
  ctx: LoopContext,
  recurrence: Recurrence,
  { sequence, last }: OutputGradients,
  toStates: readonly (Tensor | null)[],
): RecurrenceGradients {
  const { tf } = ctx;
  const { cell, mask, initial, zeroOutputForMask } = recurrence;
  const count = initial.length;
  const { before, step: steps } = allSteps(ctx, recurrence);
  const names = Object.keys(steps.memo);

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
    [...given, ...before, ...steps.states, ...Object.values(steps.memo)],
    { isReversed: true },
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
