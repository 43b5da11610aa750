import { fail } from '../../shared/errors';
import type { Tensor, TF } from '../layers/kind';
import type { BackwardWalk } from '../run/backward';
import type { Control } from '../run/control';
import type { RectifierRule } from '../run/rectifierRules';
import type { Trace } from '../run/trace';

/** What a method may ask for; walks are shared by all methods on the same score. */
export interface MethodContext {
  readonly tf: TF;
  readonly trace: Trace;
  readonly walk: (rule: RectifierRule) => BackwardWalk;
  /** Path of the node to explain at, already resolved; null for input-level methods. */
  readonly layer: string | null;
  readonly layerOutput: number;
  /** Path of the input node that the map lies over. */
  readonly input: string;
  readonly control: Control;
}

/** A raw map: unnormalised, [h, w], [length] or, of volumes, [depth, h, w]. */
export interface RawMap {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a method gives. */
export interface AttributedMap extends RawMap {
  /** What must be known to read it. */
  readonly notices?: readonly string[];
}

/**
 * How a method is computed: one file per method in methods/, bound to its id in methods.ts. What is said of it stands in
 * `shared/methods.ts`.
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

/** @throws Failure `not-applicable` for a value with an axis of no length, over which no map can lie. */
export function checkHolds(what: string, path: string, { size, shape }: Tensor): void {
  if (size > 0) return;
  fail('not-applicable', `${what} is empty (${shape.join(' x ')}): there is nothing to explain.`, {
    subject: path,
    remedy: 'Choose another layer or another input.',
  });
}
