import type { LayerChannels, Range } from '../../../shared/results/channels';
import { tensorValues } from '../../tensor';

export type ChannelSort = 'index' | 'mean' | 'maximum' | 'attribution';

/** The ranges and means of the channels of a layer. */
export interface ChannelRanges {
  readonly count: number;
  readonly maxima: ArrayLike<number>;
  readonly means: ArrayLike<number>;
  of(channel: number): Range;
}

export function rangesOf(channels: LayerChannels | null): ChannelRanges {
  const count = channels?.described ?? 0;
  const all = channels ? tensorValues(channels.ranges) : new Float32Array(0);
  const [minima, maxima, means] = [0, 1, 2].map((row) => all.subarray(row * count, (row + 1) * count));
  return {
    count,
    maxima: maxima ?? [],
    means: means ?? [],
    of: (channel) => ({
      min: minima?.[channel] ?? Number.NaN,
      max: maxima?.[channel] ?? Number.NaN,
    }),
  };
}

/** From the smallest to the largest value of all channels. */
export function wholeRange({ count, of }: ChannelRanges): Range {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let channel = 0; channel < count; channel += 1) {
    const own = of(channel);
    if (own.min < min) min = own.min;
    if (own.max > max) max = own.max;
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}

/** The channels in an order, largest first but for the index; those without a value are last. */
export function orderOf(
  count: number,
  { maxima, means }: ChannelRanges,
  attribution: ArrayLike<number> | null,
  sort: ChannelSort,
): readonly number[] {
  const channels = Array.from({ length: count }, (_, channel) => channel);
  const keys = { index: null, mean: means, maximum: maxima, attribution }[sort];
  if (keys === null) return channels;
  const key = (channel: number): number => {
    const value = keys[channel] ?? Number.NaN;
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  return channels.sort((a, b) => key(b) - key(a) || a - b);
}
