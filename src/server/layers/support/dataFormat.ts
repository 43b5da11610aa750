import type { LayerConfig } from '../../graph/layerConfig';

/** Whether channels stand right behind the batch axis; files that say nothing mean `channels_last`. */
export function isChannelsFirst(config: LayerConfig): boolean {
  return (
    config.choice('data_format', ['channels_last', 'channels_first'], 'channels_last') === 'channels_first'
  );
}

/** The axes that `count` spatial axes take, e.g. [1, 2] of [batch, height, width, channels]. */
export function spatialAxes(config: LayerConfig, count: number): number[] {
  const first = isChannelsFirst(config) ? 2 : 1;
  return Array.from({ length: count }, (_, i) => first + i);
}
