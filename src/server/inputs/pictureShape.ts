import type { Shape } from '../../shared/model';
import type { InputSpec } from './loadedInput';

/** How an input takes a picture. Sizes that the model leaves open are `null`. */
export interface PictureShape {
  readonly height: number | null;
  readonly width: number | null;
  /** 1 grey, 3 red green blue, 4 with alpha. */
  readonly channels: 1 | 3 | 4;
  readonly channelsFirst: boolean;
  /** False for (batch, height, width), whose grey values have no axis of their own. */
  readonly channelAxis: boolean;
}

/**
 * Reads an input as a picture: (batch, height, width, 1 | 3 | 4 | None), the same with channels first, or
 * (batch, height, width) for grey. An open number of channels, or an unknown rank, is taken as red, green, blue.
 * `null` when a picture does not fit.
 */
export function pictureShapeOf(spec: InputSpec): PictureShape | null {
  const channelsFirst = spec.channelsFirst ?? false;
  const sizes: Shape = spec.shape === null ? [null, null, null] : spec.shape.slice(1);
  const [a = null, b = null, c = null] = sizes;
  if (sizes.length === 2)
    return { height: a, width: b, channels: 1, channelsFirst: false, channelAxis: false };
  if (sizes.length !== 3) return null;
  const channels = (channelsFirst ? a : c) ?? 3;
  if (channels !== 1 && channels !== 3 && channels !== 4) return null;
  return {
    height: channelsFirst ? b : a,
    width: channelsFirst ? c : b,
    channels,
    channelsFirst,
    channelAxis: true,
  };
}

/** The shape of one example, batch axis of 1 first. */
export function exampleShape(shape: PictureShape, height: number, width: number): number[] {
  if (!shape.channelAxis) return [1, height, width];
  return shape.channelsFirst ? [1, shape.channels, height, width] : [1, height, width, shape.channels];
}

/** [height, width, channels] to [channels, height, width]. */
export function toChannelsFirst(values: Float32Array, channels: number): Float32Array {
  const pixels = values.length / channels;
  return values.map((_, i) => values[(i % pixels) * channels + Math.floor(i / pixels)] ?? 0);
}

/** [channels, height, width] to [height, width, channels]. */
export function toChannelsLast(values: Float32Array, channels: number): Float32Array {
  return toChannelsFirst(values, values.length / channels);
}
