import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import type { LayerConfig } from '../../graph/layerConfig';
import type { LayerContext, Tensor } from '../kind';
import { isRecord } from '../support/records';
import { shapesMatch, shapeText, sizesMatch } from '../support/shapeMatching';

/** An initial state: an input of the layer (input 0 is the sequence) or a constant as saved in the file. */
export type InitialState = { readonly input: number } | { readonly constant: unknown };

/** The arguments of one call of a recurrent layer. */
export interface RecurrentCall {
  /** In Keras's order of states; empty if all start at zero. */
  readonly states: readonly InitialState[];
  /** The mask that the layer itself applies; bool [batch, time]. */
  readonly mask: Tensor | undefined;
  /** The mask of the output, for the layers that follow. */
  readonly outputMask: Tensor | undefined;
}

/** The same as positions among the inputs, without tensors; `mask` is the argument `mask`. */
export interface RecurrentSlots {
  readonly states: readonly InitialState[];
  readonly mask: number | undefined;
}

/** Finds the initial states and the argument `mask` (`layer(x, mask=m)`) among the inputs of a call. */
export function recurrentSlots(
  { kerasMajor }: LayerConfig,
  { kwargs, args }: CallArguments,
  inputs: readonly { readonly length: number }[],
): RecurrentSlots {
  const isKeras3 = kerasMajor >= 3;
  // Keras 3: (sequences, initial_state, mask); in Keras 2 the positional arguments are the initial states themselves.
  const mask = slotOf(kwargs.mask) ?? (isKeras3 ? slotOf(args[2]) : undefined);
  const named = kwargs.initial_state ?? (isKeras3 ? args[1] : undefined);
  const listed = inputs.map((_, input) => ({ input })).filter(({ input }) => input !== 0 && input !== mask);
  return { states: isGiven(named) ? leaves(named, (inputs[0]?.length ?? 3) - 1) : listed, mask };
}

/**
 * The states and the mask of a call; the default mask is the sequence's Keras mask. Keras 3 applies that default only to
 * calls on a single tensor: with initial states it affects the layers that follow but not this one.
 */
export function recurrentCall(ctx: LayerContext, inputs: readonly Tensor[]): RecurrentCall {
  const shapes = inputs.map(({ shape }) => shape);
  const { states, mask: given } = recurrentSlots(ctx.config, ctx.call, shapes);
  const own = given === undefined ? ctx.masks[0] : inputs[given];
  const outputMask = own ? ctx.tf.cast(own, 'bool') : undefined;
  const isIgnored = given === undefined && states.length > 0 && ctx.config.kerasMajor >= 3;
  return { states, mask: isIgnored ? undefined : outputMask, outputMask };
}

/**
 * Checks that states and mask fit the cells.
 * @param expected the shapes of all states in Keras's order.
 * @throws Failure `bad-config` that names the layer.
 */
export function checkSlots(
  config: LayerConfig,
  { states, mask }: RecurrentSlots,
  inputs: readonly Shape[],
  expected: readonly Shape[],
): void {
  const [sequence = []] = inputs;
  const flags = mask === undefined ? undefined : inputs[mask];
  if (flags !== undefined) {
    // One flag per step, or per value of each step.
    const [first = []] = expected;
    const isFit = flags.length >= 2 && shapesMatch(flags.slice(0, 2), sequence.slice(0, 2));
    const [, ...values] = first;
    if (
      !isFit ||
      !flags.slice(2).every((size, i) => i < values.length && (size === 1 || sizesMatch(size, values[i])))
    )
      reject(
        config,
        l10n.t(
          'Layer "{0}" gets a mask of shape {1} for a sequence of {2}.',
          config.path,
          shapeText(flags),
          shapeText(sequence),
        ),
      );
  }
  for (const [i, state] of states.entries()) {
    const [given, own] = ['input' in state ? inputs[state.input] : undefined, expected[i]];
    if (given === undefined || own === undefined || shapesMatch(given, own)) continue;
    reject(
      config,
      l10n.t(
        'Layer "{0}" gets a state of shape {1} for one of {2}.',
        config.path,
        shapeText(given),
        shapeText(own),
      ),
    );
  }
}

const reject = (config: LayerConfig, message: string): never =>
  fail('bad-config', message, {
    subject: config.path,
    remedy: l10n.t('The file is damaged; save the model again with Keras.'),
  });

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** The states in a nested structure, depth first. Keras 2 saves a constant as a plain list of numbers. */
function leaves(value: unknown, rank: number): InitialState[] {
  const input = slotOf(value);
  if (input !== undefined) return [{ input }];
  if (!Array.isArray(value) || depthOfNumbers(value) === rank) return [{ constant: value }];
  return value.flatMap((part) => leaves(part, rank));
}

/** The nesting depth of a list of numbers, judged by first items; 0 for other contents. */
function depthOfNumbers(value: unknown): number {
  let depth = 0;
  let inner = value;
  for (; Array.isArray(inner); inner = inner[0]) depth++;
  return typeof inner === 'number' ? depth : 0;
}

function slotOf(value: unknown): number | undefined {
  return isRecord(value) && typeof value.input === 'number' ? value.input : undefined;
}
