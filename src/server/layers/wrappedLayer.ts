import { LayerConfig } from '../graph/layerConfig';
import { isRecord } from './records';

/** A layer inside the config of another. */
export interface WrappedLayer {
  readonly className: string;
  readonly config: LayerConfig;
  /** False where the wrapped layer is frozen on its own. */
  readonly trainable: boolean;
}

/**
 * Reads the layer that argument `key` of a wrapper holds; for messages it is called after the wrapper.
 * @throws Failure `bad-config` when there is none.
 */
export function wrappedLayer(config: LayerConfig, key: string): WrappedLayer {
  const raw = config.raw(key);
  if (!isRecord(raw) || typeof raw.class_name !== 'string') return config.bad(key, 'a layer', raw);
  const values = isRecord(raw.config) ? raw.config : {};
  return {
    className: raw.class_name,
    config: new LayerConfig(values, config.path, config.kerasMajor),
    trainable: values.trainable !== false,
  };
}
