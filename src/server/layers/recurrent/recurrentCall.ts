import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import type { LayerConfig } from '../../graph/layerConfig';
import type { LayerContext, Tensor } from '../kind';
import { isRecord } from '../support/records';
import { shapesMatch, shapeText, sizesMatch } from '../support/shapeMatching';

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

/** The same by position among the inputs, without tensors; `mask` is one given by hand. */
export interface RecurrentSlots {
  readonly states: readonly InitialState[];
  readonly mask: number | undefined;
}

/** Which inputs of a call are initial states and which one, if any, is a mask given by hand (`layer(x, mask=m)`). */
export function recurrentSlots(
  { kerasMajor }: LayerConfig,
  { kwargs, args }: CallArguments,
  inputs: readonly { readonly length: number }[],
): RecurrentSlots {
  const isKeras3 = kerasMajor >= 3;
  // Keras 3 takes (sequences, initial_state, mask); Keras 2's positional arguments are the initial states themselves.
  const mask = slotOf(kwargs.mask) ?? (isKeras3 ? slotOf(args[2]) : undefined);
  const named = kwargs.initial_state ?? (isKeras3 ? args[1] : undefined);
  const listed = inputs.map((_, input) => ({ input })).filter(({ input }) => input !== 0 && input !== mask);
  return { states: isGiven(named) ? leaves(named, (inputs[0]?.length ?? 3) - 1) : listed, mask };
}

/**
 * The states and the mask of a call: without a mask given by hand the sequence's own Keras mask holds. Keras 3 fills a mask in
 * only for calls on a single tensor: with initial states it reaches the layers that follow, not this one.
 */
export function recurrentCall(ctx: LayerContext, inputs: readonly Tensor[]): RecurrentCall {
  const shapes = inputs.map(({ shape }) => shape);
  const { states, mask: given } = recurrentSlots(ctx.config, ctx.call, shapes);
  const own = given === undefined ? ctx.masks[0] : inputs[given];
  const passedOn = own ? ctx.tf.cast(own, 'bool') : undefined;
  const isIgnored = given === undefined && states.length > 0 && ctx.config.kerasMajor >= 3;
  return { states, mask: isIgnored ? undefined : passedOn, passedOn };
}

/**
 * That states and mask fit the cells. @param wanted the shapes of all states in Keras's order.
 * @throws Failure `bad-config` that names the layer.
 */
export function checkSlots(
  config: LayerConfig,
  { states, mask }: RecurrentSlots,
  inputs: readonly Shape[],
  wanted: readonly Shape[],
): void {
  const [sequence = []] = inputs;
  const flags = mask === undefined ? undefined : inputs[mask];
  if (flags !== undefined) {
    // One for each step, or for each value of each step.
    const [first = []] = wanted;
    const isFit = flags.length >= 2 && shapesMatch(flags.slice(0, 2), sequence.slice(0, 2));
    const [, ...values] = first;
    if (
      !isFit ||
      !flags.slice(2).every((size, i) => i < values.length && (size === 1 || sizesMatch(size, values[i])))
    )
      misfit(config, `a mask of the shape ${shapeText(flags)}`, `a sequence of ${shapeText(sequence)}`);
  }
  for (const [i, state] of states.entries()) {
    const [given, own] = ['input' in state ? inputs[state.input] : undefined, wanted[i]];
    if (given === undefined || own === undefined || shapesMatch(given, own)) continue;
    misfit(config, `a state of the shape ${shapeText(given)}`, `one of ${shapeText(own)}`);
  }
}

const misfit = (config: LayerConfig, given: string, wanted: string): never =>
  fail('bad-config', `Layer "${config.path}" is given ${given} for ${wanted}.`, {
    subject: config.path,
    remedy: 'The file is damaged; save the model again with Keras.',
  });

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
