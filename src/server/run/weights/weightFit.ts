import * as l10n from '@vscode/l10n';
import { Failure } from '../../../shared/errors';
import type { WeightIndex, WeightStore } from '../../formats/modelFile';
import type { Graph, LayerEntry } from '../../graph/graph';
import { legacyLayout } from './legacyWeights';
import { unknownLayerKeys } from './unknownWeightCounts';
import { findWeights, keysOf, objectPaths } from './weightKeys';

/**
 * Why a file does not contain the weights of a model, as one sentence that names both files and the first layer or array that does
 * not fit; `null` where every layer finds its weights, in its shapes, and none is left over.
 */
export function misfitOf(
  graph: Graph,
  index: WeightIndex,
  beside: NonNullable<WeightStore['beside']>,
): string | null {
  const { layers } = legacyLayout(graph.layers, index);
  const keys = findWeights({ layers }, index);
  const folders = index.layout === 'keras3' ? objectPaths(layers) : null;
  const leaves = (layer: LayerEntry): readonly LayerEntry[] => layer.layers?.flatMap(leaves) ?? [layer];
  try {
    for (const layer of layers.flatMap(leaves)) {
      if (layer.weights.length > 0) keysOf(layer, keys, index, { folder: folders?.get(layer.path), beside });
    }
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.error.message;
    throw thrown;
  }
  const { byLayer, rest } = unknownLayerKeys(graph, index, keys);
  const [other] = rest;
  const { weights, topology } = beside;
  if (other !== undefined)
    return l10n.t(
      '{0} does not fit {1}: it also holds weights of other layers, such as {2}.',
      weights,
      topology,
      other,
    );
  const found = [...keys.values()].flat().length + [...byLayer.values()].flat().length;
  return found === 0
    ? l10n.t('{0} does not fit {1}, whose layers have no weights.', weights, topology)
    : null;
}
