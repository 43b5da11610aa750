import { LayerConfig } from '../../graph/layerConfig';

export { isRecord } from '../../graph/keras/parseModel';

/** A config with other values that reports errors under the same layer. */
export function withValues(config: LayerConfig, values: Readonly<Record<string, unknown>>): LayerConfig {
  return new LayerConfig(values, config.path, config.kerasMajor);
}
