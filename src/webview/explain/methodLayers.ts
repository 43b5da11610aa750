import * as l10n from '@vscode/l10n';
import { METHODS } from '../../shared/methods';
import type { ExplainableLayers } from '../../shared/protocol';
import type { ExplainContext } from '../../shared/view';

/** The layers that the chosen method can explain at, and what it takes for `auto`. */
export function methodLayers({ choice, layers }: Pick<ExplainContext, 'choice' | 'layers'>): Pick<
  ExplainableLayers,
  'defaultLayer' | 'layers'
> & {
  readonly auto: string;
} {
  if (METHODS[choice.method].group !== 'Attention')
    return { ...layers, auto: l10n.t('last layer with a spatial extent') };
  const { attentionLayers } = layers;
  return {
    defaultLayer: attentionLayers.at(-1) ?? null,
    layers: layers.layers.filter(({ path }) => attentionLayers.includes(path)),
    auto: l10n.t('last attention layer'),
  };
}
