import type { Preprocessing } from '../../shared/inputs';
import { toChannelsFirst, toChannelsLast } from '../inputs/images/channels';
import { preprocess } from '../inputs/preprocess';

/** One example of an image or a signal. */
export interface VariedLayout {
  /** [h, w] or [length]. */
  readonly spatial: readonly number[];
  readonly channels: number;
  readonly channelsFirst: boolean;
}

/** Left and right exchanged: the last axis of space reversed. */
export function mirrored(values: Float32Array, layout: VariedLayout): Float32Array {
  const width = layout.spatial.at(-1) ?? 1;
  return moved(values, layout, (position) => position - (position % width) + width - 1 - (position % width));
}

/** Moved by some positions along an axis; the edge is repeated where nothing comes from. */
export function shifted(values: Float32Array, layout: VariedLayout, axis: number, by: number): Float32Array {
  const length = layout.spatial[axis] ?? 1;
  const step = layout.spatial.slice(axis + 1).reduce((a, b) => a * b, 1);
  return moved(values, layout, (position) => {
    const place = Math.floor(position / step) % length;
    const from = Math.max(0, Math.min(length - 1, place - by));
    return position + (from - place) * step;
  });
}

function moved(
  values: Float32Array,
  { spatial, channels, channelsFirst }: VariedLayout,
  source: (position: number) => number,
): Float32Array {
  const positions = spatial.reduce((a, b) => a * b, 1);
  const out = new Float32Array(values.length);
  const [positionStep, channelStep] = channelsFirst ? [1, positions] : [channels, 1];
  for (let position = 0; position < positions; position++) {
    const from = source(position);
    for (let c = 0; c < channels; c++)
      out[position * positionStep + c * channelStep] = values[from * positionStep + c * channelStep] ?? 0;
  }
  return out;
}

/** Raw values as a preprocessing gives them, in the model's order of channels. */
export function prepared(
  raw: Float32Array,
  { channels, channelsFirst }: VariedLayout,
  preprocessing: Preprocessing,
): Float32Array {
  const last = channelsFirst ? toChannelsLast(raw, channels) : raw;
  const values = preprocess(last, channels, preprocessing);
  return channelsFirst ? toChannelsFirst(values, channels) : values;
}

/**
 * Brighter, or darker, by a share of the range of the values.
 * @param bytes the preprocessing of what were bytes, of which 0 and 255 are the ends; null for an array, which has only its own range
 */
export function brightened(
  values: Float32Array,
  layout: VariedLayout,
  bytes: Preprocessing | null,
  share: number,
): Float32Array {
  if (bytes === null) {
    const [low, high] = rangeOf(values);
    return values.map((value) => value + share * (high - low));
  }
  const low = prepared(new Float32Array(values.length), layout, bytes);
  const high = prepared(new Float32Array(values.length).fill(255), layout, bytes);
  return values.map((value, i) => {
    const [black, white] = [low[i] ?? 0, high[i] ?? 0];
    return Math.max(black, Math.min(white, value + share * (white - black)));
  });
}

function rangeOf(values: Float32Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high >= low ? [low, high] : [0, 0];
}
