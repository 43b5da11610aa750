/** The finite values of each channel of one value. */
export interface Channels {
  readonly count: number;
  /** Values of one channel: positions times examples. */
  readonly size: number;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** NaN where a channel has no finite value. */
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Statistics along every axis but `axis`. */
export function channelsOf(values: ArrayLike<number>, shape: readonly number[], axis: number): Channels {
  const count = shape[axis] ?? 1;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const min = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const [sum, squares, finite] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  // Around the first value of a channel, so that large means cost the variance no digits.
  const origin = new Float64Array(count);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    const channel = Math.floor(i / inner) % count;
    if (finite[channel] === 0) origin[channel] = value;
    const difference = value - (origin[channel] ?? 0);
    finite[channel] = (finite[channel] ?? 0) + 1;
    sum[channel] = (sum[channel] ?? 0) + difference;
    squares[channel] = (squares[channel] ?? 0) + difference * difference;
    if (value < (min[channel] ?? 0)) min[channel] = value;
    if (value > (max[channel] ?? 0)) max[channel] = value;
  }
  const mean = sum.map((total, c) => (origin[c] ?? 0) + total / (finite[c] ?? 0));
  const variance = squares.map((total, c) => {
    const n = finite[c] ?? 0;
    return Math.max(0, total / n - ((sum[c] ?? 0) / n) ** 2);
  });
  return { count, size: count === 0 ? 0 : values.length / count, min, max, mean, variance };
}
