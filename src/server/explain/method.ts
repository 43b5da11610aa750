import { fail } from '../../shared/errors';
import type { Tensor, TF } from '../layers/kind';
import type { BackwardWalk } from '../run/backward';
import type { Control } from '../run/control';
import type { RectifierRule } from '../run/rectifierRules';
import type { Trace } from '../run/trace';

/** Other values for the input that is explained; the model's other inputs stay as they are. */
export interface ChangedInputs {
  readonly count: number;
  /** Values of one example, as the model receives them (after preprocessing); called when its pass starts. */
  at(index: number): Float32Array;
}

/** What a method can use; walks are shared by all methods on the same score. */
export interface MethodContext {
  readonly tf: TF;
  readonly trace: Trace;
  readonly walk: (rule: RectifierRule) => BackwardWalk;
  /** Path of the node to explain at, already resolved; null for input-level methods. */
  readonly layer: string | null;
  readonly layerOutput: number;
  /** Path of the input node that the map covers. */
  readonly input: string;
  /**
   * The score for changed inputs, in further forward passes: the number that `walk` differentiates, of the same class or unit.
   * Runs as many inputs together as memory allows, keeps none of their values, reports progress and stops on cancellation.
   * @returns one score per input, in their order.
   * @throws Failure `not-applicable` for an input that holds text, and the failures of a run.
   * @example
   * // How much each of 64 positions of a sequence contributes: the score without it. `values` is [64, channels].
   * const scores = await ctx.forward({
   *   count: 64,
   *   at: (position) => values.map((value, i) => (Math.floor(i / channels) === position ? 0 : value)),
   * });
   */
  readonly forward: (inputs: ChangedInputs) => Promise<Float64Array>;
  readonly control: Control;
}

/** A raw map: unnormalised, [h, w], [length] or, of volumes, [depth, h, w]. */
export interface RawMap {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The result of a method. */
export interface AttributedMap extends RawMap {
  /** Sentences that are needed to interpret the map. */
  readonly notices?: readonly string[];
}

/**
 * The implementation of a method: one file per method in methods/, bound to its id in methods.ts. Its label and description
 * are in `shared/methods.ts`.
 */
export interface Method {
  /** Whether the map has the size of the layer or that of the input. */
  readonly mapsAt: 'layer' | 'input';
  /** The sentence for a map without a positive value. */
  readonly emptyNotice: string;
  attribute(ctx: MethodContext): Promise<AttributedMap>;
}

/** Reads a tensor to the host and frees it. */
export async function toRawMap(tensor: Tensor): Promise<RawMap> {
  const values = Float32Array.from(await tensor.data());
  const shape = tensor.shape;
  tensor.dispose();
  return { shape, values };
}

/** @throws Failure `not-applicable` for an empty value, for which there is no map. */
export function checkNotEmpty(what: string, path: string, { size, shape }: Tensor): void {
  if (size > 0) return;
  fail('not-applicable', `${what} is empty (${shape.join(' x ')}): there is nothing to explain.`, {
    subject: path,
    remedy: 'Choose another layer or another input.',
  });
}
