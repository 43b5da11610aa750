import type { GraphNode } from '../../graph/graph';
import type { Trace } from '../../run/trace';
import { weightNames } from '../health/firstBad';

/** Larger kernels are not read: those of the classifier of VGG16 have 100 million values. */
const MAX_VALUES = 2 ** 23;

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

/** Units all of whose weights are 0, so that they give the same for every input. */
export function zeroUnits({ units, kernel }: Filters): number {
  const isUsed = new Uint8Array(units);
  for (let i = 0; i < kernel.length; i++) if (kernel[i] !== 0) isUsed[i % units] = 1;
  return units - isUsed.reduce((sum, used) => sum + used, 0);
}

/** Units whose sum is at most 0 for any input between `low` and `high`. */
export function neverPositiveUnits({ units, kernel, bias }: Filters, low: number, high: number): number {
  const bounds = Float64Array.from({ length: units }, (_, unit) => bias?.[unit] ?? 0);
  for (let i = 0; i < kernel.length; i++) {
    const weight = kernel[i] ?? 0;
    bounds[i % units] = (bounds[i % units] ?? 0) + weight * (weight > 0 ? high : low);
  }
  return bounds.filter((bound) => bound <= 0).length;
}
