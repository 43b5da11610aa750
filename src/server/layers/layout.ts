import type { Shape } from '../../shared/model';
import type { LayerConfig } from '../graph/layerConfig';
import { isChannelsFirst } from './dataFormat';
import type { Tensor, TF } from './kind';

/** How a sequence or picture lies in a tensor. Every backend computes pictures as NHWC only. */
export interface Layout {
  /** 1: [batch, length, channels]; 2: [batch, height, width, channels]. */
  readonly spatial: 1 | 2;
  /** [batch, channels, ...] instead. */
  readonly channelsFirst: boolean;
}

export const layoutOf = (config: LayerConfig, spatial: 1 | 2): Layout => ({
  spatial,
  channelsFirst: isChannelsFirst(config),
});

/** [batch, height, width, channels]; a sequence has height 1. Copies only channels-first tensors. */
export function toPicture(tf: TF, x: Tensor, { spatial, channelsFirst }: Layout): Tensor {
  if (spatial === 2) return channelsFirst ? tf.transpose(x, [0, 2, 3, 1]) : x;
  const last = channelsFirst ? tf.transpose(x, [0, 2, 1]) : x;
  return tf.expandDims(last, 1);
}

/** The inverse of `toPicture`. */
export function fromPicture(tf: TF, picture: Tensor, { spatial, channelsFirst }: Layout): Tensor {
  if (spatial === 2) return channelsFirst ? tf.transpose(picture, [0, 3, 1, 2]) : picture;
  const last = tf.squeeze(picture, [1]);
  return channelsFirst ? tf.transpose(last, [0, 2, 1]) : last;
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
