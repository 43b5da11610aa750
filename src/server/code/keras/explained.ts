import { Failure } from '../../../shared/errors';
import { LayerConfig } from '../../graph/layerConfig';
import { type SizeFormula, sizeFormulas } from '../../layers/sizeFormulas';
import type { Use } from '../machine';
import { quietly } from './call';

/** How the sizes of what a call of a layer gives are computed, where they are. */
export function formulasOf({ layer, inputs, outputs }: Use): readonly SizeFormula[] {
  const known = inputs.flatMap((shape) => (shape === null ? [] : [shape]));
  const [output] = outputs ?? [];
  if (layer.kind === 'model' || output === undefined || known.length < inputs.length) return [];
  const config = new LayerConfig(layer.config, layer.name ?? layer.className, 3);
  const found = quietly(() => sizeFormulas(layer.className, config, known, output));
  return found instanceof Failure ? [] : (found ?? []);
}
