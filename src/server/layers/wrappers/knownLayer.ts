import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { LayerKind } from '../kind';
import { type WrappedLayer, wrappedLayer } from '../support/wrappedLayer';

/** A layer inside the config of another, whose class is known. */
export interface KnownLayer extends WrappedLayer {
  readonly kind: LayerKind;
}

/**
 * The layer that a wrapper holds as its argument `layer`.
 * @param when it runs that layer, for messages.
 * @throws Failure `unknown-layer` where Layerglass does not know its class.
 */
export function knownLayer(
  find: (layer: WrappedLayer) => LayerKind | undefined,
  config: LayerConfig,
  when = '',
): KnownLayer {
  const layer = wrappedLayer(config, 'layer');
  const kind = find(layer);
  if (kind) return { ...layer, kind };
  return fail(
    'unknown-layer',
    `Layer "${config.path}" runs a "${layer.className}"${when}, which Layerglass does not know.`,
    {
      subject: config.path,
      remedy: 'Layers before this one can be explained; it never runs code from the file.',
    },
  );
}
