import { fail } from '../../shared/errors';
import type { LayerContext, Tensor } from './kind';
import { isRecord } from './records';

/** The tensors of one call of a recurrent layer, told apart. */
export interface RecurrentCall {
  /** Positions among the layer's inputs; the sequence is input 0. */
  readonly states: readonly number[];
  /** Which steps count in the layer itself; bool [batch, time]. */
  readonly mask: Tensor | undefined;
  /** Which steps of the output count for the layers that follow. */
  readonly passedOn: Tensor | undefined;
}

/**
 * Which inputs of a call are initial states and which one, if any, is a mask given by hand (`layer(x, mask=m)`); without
 * one the sequence's own Keras mask holds. Keras 3 fills a mask in only for calls on a single tensor: with initial states
 * it reaches the layers that follow, not this one.
 * @throws Failure `not-applicable` for initial states that are constants in the config.
 */
export function recurrentCall(ctx: LayerContext, inputs: readonly Tensor[]): RecurrentCall {
  const { kwargs, args } = ctx.call;
  // Keras 3 takes (sequences, initial_state, mask); Keras 2's positional arguments are the initial states themselves.
  const given = slotOf(kwargs.mask) ?? (ctx.config.kerasMajor < 3 ? undefined : slotOf(args[2]));
  const states = inputs.map((_, i) => i).filter((i) => i !== 0 && i !== given);
  const initial = kwargs.initial_state;
  if (states.length === 0 && initial !== undefined && initial !== null) {
    return fail(
      'not-applicable',
      `Layer "${ctx.config.path}" starts from constants as its initial state, which Layerglass does not read.`,
      { subject: ctx.config.path, remedy: 'Give the initial state as an input of the model.' },
    );
  }
  const own = given === undefined ? ctx.masks[0] : inputs[given];
  const passedOn = own ? ctx.tf.cast(own, 'bool') : undefined;
  const isIgnored = given === undefined && states.length > 0 && ctx.config.kerasMajor >= 3;
  return { states, mask: isIgnored ? undefined : passedOn, passedOn };
}

function slotOf(value: unknown): number | undefined {
  return isRecord(value) && typeof value.input === 'number' ? value.input : undefined;
}
