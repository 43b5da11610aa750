import type { LayerRow, ModelSummary } from '../../shared/model';
import type { OpenedUnit } from '../../shared/results/unit';

/** Layers that keep the meaning of the units. */
const PASSES_ON = /^(Activation|Softmax|ReLU|Dropout|Identity)$/;

/**
 * The class names of a layer's units: of a vector with one value per class that is an output of the model, or that only activations
 * follow. Two names of a single sigmoid are those of class 0 and class 1, of which the unit is the latter.
 */
export function unitNames(
  { layers }: Pick<ModelSummary, 'layers'>,
  { layer, units, sizes }: Pick<OpenedUnit, 'layer' | 'units' | 'sizes'>,
  labels: readonly string[],
): readonly string[] {
  const names = units === 1 && labels.length === 2 ? labels.slice(1) : labels;
  if (names.length !== units || sizes.length > 0) return [];
  return leadsToOutput(layers, layer) ? names : [];
}

/** Whether nothing but activations reads a layer, and what they give. */
function leadsToOutput(layers: readonly LayerRow[], path: string): boolean {
  const waiting = new Set([path]);
  for (const read of waiting) {
    for (const row of layers) {
      if (!row.inbound.includes(read)) continue;
      if (!PASSES_ON.test(row.className)) return false;
      waiting.add(row.path);
    }
  }
  return true;
}
