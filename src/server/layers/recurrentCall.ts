import type { LayerContext, Tensor } from './kind';
import { isRecord } from './records';

/** Where a state starts: at an input of the layer (the sequence is input 0) or at a constant, as the file writes it. */
export type InitialState = { readonly input: number } | { readonly constant: unknown };

/** The tensors of one call of a recurrent layer, told apart. */
export interface RecurrentCall {
  /** In Keras's order of states; empty where all start at zero. */
  readonly states: readonly InitialState[];
  /** Which steps count in the layer itself; bool [batch, time]. */
  readonly mask: Tensor | undefined;
  /** Which steps of the output count for the layers that follow. */
  readonly passedOn: Tensor | undefined;
}

/**
 * Which inputs of a call are initial states and which one, if any, is a mask given by hand (`layer(x, mask=m)`); without
 * one the sequence's own Keras mask holds. Keras 3 fills a mask in only for calls on a single tensor: with initial states
 * it reaches the layers that follow, not this one.
 */
export function recurrentCall(ctx: LayerContext, inputs: readonly Tensor[]): RecurrentCall {
  const { kwargs, args } = ctx.call;
  const isKeras3 = ctx.config.kerasMajor >= 3;
  // Keras 3 takes (sequences, initial_state, mask); Keras 2's positional arguments are the initial states themselves.
  const given = slotOf(kwargs.mask) ?? (isKeras3 ? slotOf(args[2]) : undefined);
  const named = kwargs.initial_state ?? (isKeras3 ? args[1] : undefined);
  const listed = inputs.map((_, input) => ({ input })).filter(({ input }) => input !== 0 && input !== given);
  const states = isGiven(named) ? leaves(named, (inputs[0]?.rank ?? 3) - 1) : listed;
  const own = given === undefined ? ctx.masks[0] : inputs[given];
  const passedOn = own ? ctx.tf.cast(own, 'bool') : undefined;
  const isIgnored = given === undefined && states.length > 0 && isKeras3;
  return { states, mask: isIgnored ? undefined : passedOn, passedOn };
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** The states in a structure of them, depth first. Keras 2 writes a constant as the bare list of its numbers. */
function leaves(value: unknown, rank: number): InitialState[] {
  const input = slotOf(value);
  if (input !== undefined) return [{ input }];
  if (!Array.isArray(value) || depthOfNumbers(value) === rank) return [{ constant: value }];
  return value.flatMap((part) => leaves(part, rank));
}

/** How deep lists of numbers are nested, by their first items; 0 where there is anything else inside. */
function depthOfNumbers(value: unknown): number {
  let depth = 0;
  let inner = value;
  for (; Array.isArray(inner); inner = inner[0]) depth++;
  return typeof inner === 'number' ? depth : 0;
}

function slotOf(value: unknown): number | undefined {
  return isRecord(value) && typeof value.input === 'number' ? value.input : undefined;
}
