import * as l10n from '@vscode/l10n';
import { LayerConfig } from '../../graph/layerConfig';
import { isRecord } from './records';

/** A layer inside the config of another. */
export interface WrappedLayer {
  readonly className: string;
  readonly config: LayerConfig;
  /** False if the wrapped layer itself is frozen. */
  readonly trainable: boolean;
}

/**
 * Reads the layer in argument `key` of a wrapper; its messages name the wrapper.
 * @throws Failure `bad-config` when the argument is not a layer.
 */
export const wrappedLayer = (config: LayerConfig, key: string): WrappedLayer =>
  layerIn(config, key, config.raw(key));

/** Reads each layer of a list, such as `cells`. @throws Failure `bad-config` when the argument is not a list of layers. */
export function wrappedLayers(config: LayerConfig, key: string): WrappedLayer[] {
  const raw = config.raw(key);
  if (!Array.isArray(raw) || raw.length === 0) return config.bad(key, l10n.t('a list of layers'), raw);
  return raw.map((item) => layerIn(config, key, item));
}

function layerIn(config: LayerConfig, key: string, raw: unknown): WrappedLayer {
  if (!isRecord(raw) || typeof raw.class_name !== 'string') return config.bad(key, l10n.t('a layer'), raw);
  const values = isRecord(raw.config) ? raw.config : {};
  return {
    className: raw.class_name,
    config: new LayerConfig(values, config.path, config.kerasMajor),
    trainable: values.trainable !== false,
  };
}
