import type { MaybeShape } from '../../../shared/model';
import type { InputSpec } from '../loadedInput';

/** The image that a model expects; `null` sizes are free. */
export interface ImageSpec {
  readonly height: number | null;
  readonly width: number | null;
  readonly channels: 1 | 3 | 4;
  /** The model takes [batch, height, width], without a channel axis. */
  readonly flat: boolean;
}

const isChannelCount = (size: number): size is 1 | 3 | 4 => size === 1 || size === 3 || size === 4;

function ofShape(shape: MaybeShape, channelsFirst: boolean): ImageSpec | null {
  if (shape === null) return { height: null, width: null, channels: 3, flat: false };
  const [, first = null, second = null, third = null] = shape;
  if (shape.length === 3) {
    return first === null || second === null
      ? null
      : { height: first, width: second, channels: 1, flat: true };
  }
  if (shape.length !== 4) return null;
  const channels = (channelsFirst ? first : third) ?? 3;
  if (!isChannelCount(channels)) return null;
  const [height, width] = channelsFirst ? [second, third] : [first, second];
  return { height, width, channels, flat: false };
}

/**
 * How a model input takes an image, `null` when it does not: rank 4 with 1, 3 or 4 channels (3 when free), or rank 3 with
 * known sizes as grey height x width.
 */
export function imageSpec({ shape, channelsFirst }: InputSpec): ImageSpec | null {
  return ofShape(shape, channelsFirst ?? false);
}

/** [height, width, channels] to [channels, height, width], row-major. */
export function toChannelsFirst(values: Float32Array, channels: number): Float32Array {
  const pixels = values.length / channels;
  const out = new Float32Array(values.length);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < channels; c++) out[c * pixels + p] = values[p * channels + c] ?? 0;
  }
  return out;
}

/** [channels, height, width] to [height, width, channels], row-major. */
export function toChannelsLast(values: Float32Array, channels: number): Float32Array {
  const pixels = values.length / channels;
  const out = new Float32Array(values.length);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < channels; c++) out[p * channels + c] = values[c * pixels + p] ?? 0;
  }
  return out;
}
