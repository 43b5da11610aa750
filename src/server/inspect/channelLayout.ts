import { mapInto } from '../../shared/mapInto';
import type { ChannelKind } from '../../shared/results/channels';
import type { StageValues } from './stageValues';

/** Where the channels of a value are: the places of one channel, or of one slice of it, in the row-major data. */
export interface ChannelLayout {
  readonly kind: ChannelKind;
  readonly total: number;
  readonly rows: number;
  readonly columns: number;
  readonly slices: number;
  /** Distances in the data from one channel, slice, row and column to the next. */
  readonly strides: {
    readonly channel: number;
    readonly slice: number;
    readonly row: number;
    readonly column: number;
  };
}

/** `null` for a value without an extent, an empty one, and one of more axes than can be drawn. */
export function channelLayout(values: StageValues): ChannelLayout | null {
  const { shape, spatial, channel, stage, node } = values;
  if (shape.length < 2 || shape.length > 5 || values.data.length === 0) return null;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const size = (axis: number | undefined): number => (axis === undefined ? 1 : (shape[axis] ?? 1));
  const stride = (axis: number | undefined): number => (axis === undefined ? 0 : (strides[axis] ?? 0));
  const layout = (
    kind: ChannelKind,
    axes: { channel?: number; slice?: number; row?: number; column?: number },
  ): ChannelLayout => ({
    kind,
    total: size(axes.channel),
    slices: size(axes.slice),
    rows: size(axes.row),
    columns: size(axes.column),
    strides: {
      channel: stride(axes.channel),
      slice: stride(axes.slice),
      row: stride(axes.row),
      column: stride(axes.column),
    },
  });
  if (shape.length === 2) return layout('units', { channel: 1 });
  const [first = 1, second = 2, third = 3] = spatial;
  if (stage === 'attention') return layout('heads', { channel, row: first, column: second });
  if (shape.length === 3) {
    return isConvolutional(node.className)
      ? layout('strips', { channel, column: first })
      : layout('sequence', { row: first, column: channel });
  }
  if (shape.length === 4) return layout('maps', { channel, row: first, column: second });
  return layout('maps', { channel, slice: first, row: second, column: third });
}

/** Whether the channels of a layer over one axis are signals over positions rather than units of a step. */
const isConvolutional = (className: string): boolean => /conv|pool|1D$/i.test(className);

/** The place in the data of the first value of a channel's slice, of the first example. */
export const startOf = ({ strides }: ChannelLayout, channel: number, slice: number): number =>
  channel * strides.channel + slice * strides.slice;

/** Over the finite values of each of the first `count` channels; NaN where there are none. */
export interface ChannelRanges {
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly mean: Float32Array;
}

/** Goes through the values in their order in memory where the channels are last: by channel, each would be far from the next. */
export function channelRanges(data: ArrayLike<number>, layout: ChannelLayout, count: number): ChannelRanges {
  const { slices, rows, columns, strides } = layout;
  const min = new Float32Array(count).fill(Number.POSITIVE_INFINITY);
  const max = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  const sums = new Float64Array(count);
  const finite = new Float64Array(count);
  for (let slice = 0; slice < slices; slice++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let place = slice * strides.slice + row * strides.row + column * strides.column;
        for (let channel = 0; channel < count; channel++, place += strides.channel) {
          const value = data[place] ?? Number.NaN;
          if (!Number.isFinite(value)) continue;
          if (value < (min[channel] ?? 0)) min[channel] = value;
          if (value > (max[channel] ?? 0)) max[channel] = value;
          sums[channel] = (sums[channel] ?? 0) + value;
          finite[channel] = (finite[channel] ?? 0) + 1;
        }
      }
    }
  }
  for (let channel = 0; channel < count; channel++) {
    if (finite[channel] === 0) min[channel] = max[channel] = Number.NaN;
  }
  const mean = mapInto(new Float32Array(count), sums, (sum, channel) => sum / (finite[channel] ?? 0));
  return { min, max, mean };
}

/** The ranges of the values that were read last, which several requests about the same layer need. */
const lastRanges = new WeakMap<object, { readonly key: string; readonly ranges: ChannelRanges }>();

/**
 * `channelRanges` of a layer's value, kept until another one is asked for.
 * @param run what the values belong to
 */
export function rangesOf(
  run: object,
  { ref, stage, data }: StageValues,
  layout: ChannelLayout,
  count: number,
): ChannelRanges {
  const key = `${stage} ${ref.output} ${count} ${ref.node}`;
  const known = lastRanges.get(run);
  if (known?.key === key) return known.ranges;
  const ranges = channelRanges(data, layout, count);
  lastRanges.set(run, { key, ranges });
  return ranges;
}

/** Of a layer with more units, the first ones are described: no page shows more bars. */
const MAX_DESCRIBED = 65_536;

/** How many channels are described. */
export const describedOf = ({ total }: ChannelLayout): number => Math.min(total, MAX_DESCRIBED);
