import type { GraphNode } from '../../graph/graph';
import type { Trace } from '../../run/trace';
import { type Channels, channelsOf } from '../health/channels';
import { weightNames } from '../health/firstBad';

/** How the values that a normalisation gets compare with those that it was trained on. */
export interface StatisticsFit {
  /** Medians over the channels, in standard deviations of the training: of the root mean square of the values, and of their spread. */
  readonly size: number;
  readonly spread: number;
  /** The largest root mean square of a channel. */
  readonly largest: number;
  readonly channels: number;
  /** Values per channel. */
  readonly positions: number;
  /** Means over the channels. */
  readonly trained: { readonly mean: number; readonly std: number };
  readonly given: { readonly mean: number; readonly std: number };
}

export const keepsStatistics = ({ className }: GraphNode): boolean =>
  className === 'BatchNormalization' || className === 'Normalization';

/**
 * Compares the values before a normalisation layer with its statistics.
 * @returns `null` for a layer that was not trained, whose statistics are still 0 and 1, or whose axes are others
 */
export async function statisticsFit(trace: Trace, node: GraphNode): Promise<StatisticsFit | null> {
  const [ref] = node.inputs;
  const input = ref && trace.values.get(ref.node)?.outputs[ref.output];
  if (!input || input.dtype === 'string') return null;
  const isBatch = node.className === 'BatchNormalization';
  const names = weightNames(trace, node);
  const weights = await trace.weights.of(node);
  const read = async (name: string) => weights[names.indexOf(name)]?.data();
  const mean = await read(isBatch ? 'moving_mean' : 'mean');
  const variance = await read(isBatch ? 'moving_variance' : 'variance');
  if (!mean || !variance) return null;
  const isTrained = mean.some((value) => value !== 0) || variance.some((value) => value !== 1);
  const axis = axisOf(node, input.rank);
  if (!isTrained || axis === null || input.shape[axis] !== mean.length) return null;
  const channels = channelsOf(await input.data(), input.shape, axis);
  return fitOf(channels, mean, variance, isBatch ? node.config.number('epsilon', 1e-3) : 1e-12);
}

/** The one axis that has statistics, `null` where there are several or none. */
function axisOf(node: GraphNode, rank: number): number | null {
  const { axis = -1 } = node.config.values;
  const [only, ...others] = Array.isArray(axis) ? axis : [axis];
  if (others.length > 0 || !Number.isInteger(only) || rank < 2) return null;
  return only < 0 ? rank + only : only;
}

function fitOf(
  channels: Channels,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
  epsilon: number,
): StatisticsFit {
  const list = Array.from({ length: channels.count }, (_, c) => {
    const [given, spread] = [channels.mean[c] ?? 0, channels.variance[c] ?? 0];
    const [trained, width] = [mean[c] ?? 0, (variance[c] ?? 0) + epsilon];
    return {
      size: Math.sqrt((spread + (given - trained) ** 2) / width),
      spread: Math.sqrt(spread / width),
    };
  });
  const sizes = list.map(({ size }) => size);
  return {
    size: median(sizes),
    spread: median(list.map(({ spread }) => spread)),
    largest: Math.max(0, ...sizes),
    channels: channels.count,
    positions: channels.size,
    trained: { mean: average(mean), std: Math.sqrt(average(variance)) },
    given: { mean: average(channels.mean), std: Math.sqrt(average(channels.variance)) },
  };
}

const average = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
