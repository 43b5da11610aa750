import { Failure } from '../../shared/errors';
import type { MaybeShape, Shape } from '../../shared/model';
import type { CallArguments } from './callArguments';
import type { LayerConfig } from './layerConfig';
import type { LayerRule, WeightSpec } from './layerRule';

/** Layerglass computes and keeps every value as float32. */
const BYTES_PER_VALUE = 4;

/** The product of sizes and other counts, `null` where one of them is unknown. */
export function times(...counts: readonly (number | null | undefined)[]): number | null {
  return counts.reduce<number | null>(
    (product, count) => (product === null || count === null || count === undefined ? null : product * count),
    1,
  );
}

/** The sum, `null` where one of the terms is unknown. */
export function sumOf(terms: readonly (number | null)[]): number | null {
  return terms.reduce((sum, term) => (sum === null || term === null ? null : sum + term), 0);
}

/** Keras's names for weights that inputs are multiplied by and summed over; `W` is Keras 1's. */
const KERNEL = /kernel$|^W(_|$)/;

/** The number of products when every kernel of a layer is used once: the total size of the kernels. */
export function kernelProducts(specs: readonly WeightSpec[]): number {
  const kernels = specs.filter(({ name }) => KERNEL.test(name));
  return kernels.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** A shape for one example: an unknown batch size is 1. */
const oneExample = ([batch, ...rest]: Shape): Shape => (batch === undefined ? [] : [batch ?? 1, ...rest]);

/** Multiply-adds of one call for one example (conventions: docs/numerics.md), `null` where unknown. */
export function multiplyAddsOf(
  rule: LayerRule,
  config: LayerConfig,
  inputs: readonly Shape[],
  outputs: readonly Shape[],
  call?: CallArguments,
): number | null {
  const own = inputs.map(oneExample);
  try {
    if (rule.multiplyAdds) return rule.multiplyAdds(config, own, outputs.map(oneExample), call);
    const products = kernelProducts(rule.weights?.(config, inputs, call) ?? []);
    return products === 0 ? 0 : times(products, own[0]?.[0]);
  } catch (thrown) {
    // A contradictory argument is reported where the layer runs; here it only means that nothing is counted.
    if (thrown instanceof Failure || thrown instanceof RangeError) return null;
    throw thrown;
  }
}

/** Elementary steps of one call on inputs of these shapes: at least one for every value of its outputs. */
export function workOf(
  rule: LayerRule,
  config: LayerConfig,
  inputs: readonly Shape[],
  outputs: readonly Shape[],
  call?: CallArguments,
): number | null {
  const values = sumOf(outputs.map((shape) => times(...shape)));
  const products = multiplyAddsOf(rule, config, inputs, outputs, call);
  const own = rule.work?.(config, inputs, outputs, call) ?? 0;
  return values === null ? null : Math.max(values, products ?? 0, own);
}

/** Bytes that one call needs at its peak besides its inputs and outputs. */
export function workspaceBytesOf(
  rule: LayerRule,
  config: LayerConfig,
  inputs: readonly Shape[],
  outputs: readonly Shape[],
  call?: CallArguments,
): number {
  return times(BYTES_PER_VALUE, rule.workspace?.(config, inputs, outputs, call) ?? 0) ?? 0;
}

/** Bytes of a call's outputs for one example, `null` where a size is unknown. */
export function activationBytesOf(outputs: readonly MaybeShape[]): number | null {
  return sumOf(
    outputs.map((shape) => (shape === null ? null : times(BYTES_PER_VALUE, ...oneExample(shape)))),
  );
}
