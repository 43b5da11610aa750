import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { LayerKind } from '../kind';
import { type WrappedLayer, wrappedLayer } from '../support/wrappedLayer';

/** A wrapped layer of a known class. */
export interface KnownLayer extends WrappedLayer {
  readonly kind: LayerKind;
}

/**
 * The layer in a wrapper's argument `layer`.
 * @param when the wrapper runs it, for messages.
 * @throws Failure `unknown-layer` if its class is unknown.
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
      remedy: 'Layers before this one can be explained. Layerglass never runs code from the file.',
    },
  );
}
