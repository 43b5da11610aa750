import type { LayerConfig } from '../../graph/layerConfig';

/** Whether the channel axis follows the batch axis; the default is `channels_last`. */
export function isChannelsFirst(config: LayerConfig): boolean {
  return (
    config.choice('data_format', ['channels_last', 'channels_first'], 'channels_last') === 'channels_first'
  );
}

/** The indices of `count` spatial axes, e.g. [1, 2] in [batch, height, width, channels]. */
export function spatialAxes(config: LayerConfig, count: number): number[] {
  const first = isChannelsFirst(config) ? 2 : 1;
  return Array.from({ length: count }, (_, i) => first + i);
}
