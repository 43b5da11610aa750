import type { LayerChange } from '../../../shared/results/checkpoints';
import { weightDifferences } from '../../compare/weightDifferences';
import { isNumeric } from '../../inspect/weights/weightStatistics';
import type { Control } from '../../run/control';
import { type StoredWeight, storedWeights } from '../../run/weights/storedWeights';
import type { OpenModel } from '../../session/openModels';

/**
 * How far the weights of each layer have moved between two epochs of a training, in the order of the later one. Two arrays are in memory
 * at a time; nothing is run.
 * @throws Failure of reading a weight, `cancelled`
 */
export async function weightChanges(
  before: OpenModel,
  now: OpenModel,
  control: Control,
): Promise<LayerChange[]> {
  const [earlier, later] = [await byLayer(before), await byLayer(now)];
  const changes: LayerChange[] = [];
  for (const [layer, weights] of later) {
    const progress = changes.length / later.size;
    const { distance } = await weightDifferences(earlier.get(layer) ?? [], weights, control, progress);
    changes.push({ layer, distance });
  }
  return changes;
}

async function byLayer({ graph, file }: OpenModel): Promise<ReadonlyMap<string, StoredWeight[]>> {
  const layers = new Map<string, StoredWeight[]>();
  for (const weight of (await storedWeights(graph, file.weights)).filter(isNumeric))
    layers.set(weight.layer, [...(layers.get(weight.layer) ?? []), weight]);
  return layers;
}
