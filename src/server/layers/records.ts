import { LayerConfig } from '../graph/layerConfig';

/** Narrows parsed JSON to an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same layer, for messages, with other values. */
export function withValues(config: LayerConfig, values: Readonly<Record<string, unknown>>): LayerConfig {
  return new LayerConfig(values, config.path, config.kerasMajor);
}
