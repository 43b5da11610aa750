import type { GraphNode } from '../../graph/graph';
import type { Trace } from '../../run/trace';
import { weightNames } from '../health/firstBad';

/** Larger kernels are not read: those of the classifier of VGG16 have 100 million values. */
const MAX_VALUES = 2 ** 23;
/** Of the weights of the largest unit. */
const MIN_SHARE = 1e-3;

/** The weights of a layer whose units are weighted sums: kernels by unit. */
export interface Filters {
  readonly units: number;
  /** Row-major, units last. */
  readonly kernel: ArrayLike<number>;
  readonly bias: ArrayLike<number> | null;
}

/** The kernel of a Dense layer or a convolution; `null` for other layers and very large kernels. */
export async function filtersOf(trace: Trace, node: GraphNode): Promise<Filters | null> {
  if (!/^(Dense|Conv\dD)$/.test(node.className)) return null;
  const names = weightNames(trace, node);
  const weights = await trace.weights.of(node);
  const kernel = weights[names.indexOf('kernel')];
  if (!kernel || kernel.size > MAX_VALUES || kernel.size === 0) return null;
  const bias = await weights[names.indexOf('bias')]?.data();
  return { units: kernel.shape.at(-1) ?? 1, kernel: await kernel.data(), bias: bias ?? null };
}

/** Whether all weights of all units are 0, so that they give the same for every input. */
export const hasOnlyZeros = ({ kernel }: Filters): boolean => {
  for (let i = 0; i < kernel.length; i++) if (kernel[i] !== 0) return false;
  return true;
};

/**
 * Which units have weights of some size, compared with the other units. Training with weight decay shrinks the weights of units that are not
 * needed to nothing: such units are idle in sound models.
 */
export function grownUnits({ units, kernel }: Filters): readonly boolean[] {
  const sums = new Float64Array(units);
  for (let i = 0; i < kernel.length; i++) sums[i % units] = (sums[i % units] ?? 0) + Math.abs(kernel[i] ?? 0);
  const largest = sums.reduce((a, b) => Math.max(a, b), 0);
  return Array.from(sums, (sum) => sum > MIN_SHARE * largest);
}

/** Which units have a sum of at most 0 for any input between `low` and `high`. */
export function neverPositiveUnits(
  { units, kernel, bias }: Filters,
  low: number,
  high: number,
): readonly boolean[] {
  const bounds = Float64Array.from({ length: units }, (_, unit) => bias?.[unit] ?? 0);
  for (let i = 0; i < kernel.length; i++) {
    const weight = kernel[i] ?? 0;
    bounds[i % units] = (bounds[i % units] ?? 0) + weight * (weight > 0 ? high : low);
  }
  return Array.from(bounds, (bound) => bound <= 0);
}

/** Whether a layer has kernels or embeddings, and all of them are 0. Very large ones are not read. */
export async function hasOnlyZeroKernels(trace: Trace, node: GraphNode): Promise<boolean> {
  const names = weightNames(trace, node);
  const weights = await trace.weights.of(node);
  const kernels = weights.filter((_, i) => /(kernel|embeddings)$/.test(names[i] ?? ''));
  if (kernels.length === 0 || kernels.some(({ size }) => size === 0 || size > MAX_VALUES)) return false;
  for (const kernel of kernels) if ((await kernel.data()).some((value) => value !== 0)) return false;
  return true;
}
