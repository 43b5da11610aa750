import { LayerConfig } from '../../graph/layerConfig';

export { isRecord } from '../../graph/keras/parseModel';

/** The same layer, for messages, with other values. */
export function withValues(config: LayerConfig, values: Readonly<Record<string, unknown>>): LayerConfig {
  return new LayerConfig(values, config.path, config.kerasMajor);
}
