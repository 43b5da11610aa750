import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Tensor, TF } from '../kind';
import { isChannelsFirst } from './dataFormat';

/** The number of spatial (or time) axes of a layer's input. */
export type SpatialRank = 1 | 2 | 3;

/** The axis order of a sequence, image or volume. Backends compute channels last only. */
export interface Layout {
  /** 1: [batch, length, channels]; 2: [batch, height, width, channels]; 3: [batch, depth, height, width, channels]. */
  readonly spatial: SpatialRank;
  /** [batch, channels, ...] instead. */
  readonly channelsFirst: boolean;
}

export const layoutOf = (config: LayerConfig, spatial: SpatialRank): Layout => ({
  spatial,
  channelsFirst: isChannelsFirst(config),
});

/**
 * Converts to [batch, (depth,) height, width, channels]; a sequence becomes an image of height 1. Only channels-first
 * tensors are copied.
 */
export function toImage(tf: TF, x: Tensor, { spatial, channelsFirst }: Layout): Tensor {
  const spaces = Array.from({ length: spatial }, (_, i) => i + 2);
  const last = channelsFirst ? tf.transpose(x, [0, ...spaces, 1]) : x;
  return spatial === 1 ? tf.expandDims(last, 1) : last;
}

/** The inverse of `toImage`. */
export function fromImage(tf: TF, image: Tensor, { spatial, channelsFirst }: Layout): Tensor {
  const last = spatial === 1 ? tf.squeeze(image, [1]) : image;
  const spaces = Array.from({ length: spatial }, (_, i) => i + 1);
  return channelsFirst ? tf.transpose(last, [0, spatial + 1, ...spaces]) : last;
}

export const channelAxis = ({ spatial, channelsFirst }: Layout): number => (channelsFirst ? 1 : spatial + 1);

/** A shape in this layout. */
export function shapeOf(
  layout: Layout,
  batch: number | null,
  spatial: readonly (number | null)[],
  channels: number | null,
): Shape {
  return layout.channelsFirst ? [batch, channels, ...spatial] : [batch, ...spatial, channels];
}
