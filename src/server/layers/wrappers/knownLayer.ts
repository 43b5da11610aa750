import * as l10n from '@vscode/l10n';
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
 * @param atEveryStep whether the wrapper runs it at every time step, for messages.
 * @throws Failure `unknown-layer` if its class is unknown.
 */
export function knownLayer(
  find: (layer: WrappedLayer) => LayerKind | undefined,
  config: LayerConfig,
  atEveryStep = false,
): KnownLayer {
  const layer = wrappedLayer(config, 'layer');
  const kind = find(layer);
  if (kind) return { ...layer, kind };
  return fail(
    'unknown-layer',
    atEveryStep
      ? l10n.t(
          'Layer "{0}" runs a "{1}" at every time step, which Layerglass does not know.',
          config.path,
          layer.className,
        )
      : l10n.t('Layer "{0}" runs a "{1}", which Layerglass does not know.', config.path, layer.className),
    {
      subject: config.path,
      remedy: l10n.t('Layers before this one can be explained. Layerglass never runs code from the file.'),
    },
  );
}
