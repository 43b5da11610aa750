import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Tensor, TF } from '../kind';
import { isChannelsFirst } from './dataFormat';

/** How many axes of space or time a layer's input has. */
export type SpatialRank = 1 | 2 | 3;

/** How a sequence, image or volume lies in a tensor. Every backend computes with the channels last only. */
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
 * [batch, height, width, channels]; a sequence has height 1, a volume a depth before the height. Copies only
 * channels-first tensors.
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
