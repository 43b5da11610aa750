import type { WeightIndex, WeightStore } from '../../formats/modelFile';
import type { Graph, LayerEntry } from '../../graph/graph';
import { type CountsInFile, knowsAllWeights, withFileCounts } from '../../graph/parameters';
import { findWeights, objectPaths, type WeightKeys } from './weightKeys';
import { isTrainingState } from './weightPlaces';

/** Limit for listing a model, which every hover does: a small archive may unpack to gigabytes. */
const MAX_PACKED_BYTES = 2 ** 24;

/**
 * The graph with the parameters of layers that it does not know counted in the file, whose index of names and shapes is read
 * for them alone. Where the file has no such index, would have to be unpacked for it, or holds weights that belong to no layer of the graph, totals stay lower
 * bounds.
 */
export async function countUnknownWeights(graph: Graph, weights: WeightStore): Promise<Graph> {
  if (knowsAllWeights(graph.layers) || (weights.packed?.unpackedBytes ?? 0) > MAX_PACKED_BYTES) return graph;
  // A topology alone has no weights; a damaged file fails later, when they are needed.
  const index = await weights.index().catch(() => null);
  const counts = index && countsInFile(graph, index);
  return counts ? withFileCounts(graph, counts) : graph;
}

/** `null` if the file contains weights that belong to no known layer. */
function countsInFile(graph: Graph, index: WeightIndex): CountsInFile | null {
  const { byLayer, rest } = unknownLayerKeys(graph, index, findWeights(graph, index));
  if (rest.length > 0) return null;
  const sum = (keys: readonly string[]): number => keys.reduce((all, key) => all + sizeOf(index, key), 0);
  return new Map([...byLayer].map(([path, keys]) => [path, sum(keys)]));
}

/** The weights of a file that no known layer claims. */
interface UnclaimedKeys {
  /** Those of unknown layers, by path of the layer. */
  readonly byLayer: ReadonlyMap<string, readonly string[]>;
  /** Those that belong to no layer of the graph. */
  readonly rest: readonly string[];
}

/** Which weights of a file belong to the unknown layers of a graph, or to none. @param known those of its known layers */
export function unknownLayerKeys(graph: Graph, index: WeightIndex, known: WeightKeys): UnclaimedKeys {
  const claimed = new Set([...known.values()].flat().filter((key) => key !== null));
  // A file that does not describe its layers may name them as its Python code does.
  const isWeight = (key: string): boolean =>
    graph.layers.length === 0 ? !isTrainingState(key) : isOfLayer(key, index);
  const free = [...index.entries.keys()].filter((key) => !claimed.has(key) && isWeight(key));
  const byLayer = new Map<string, readonly string[]>();
  const folders = index.layout === 'keras3' ? objectPaths(graph.layers) : null;
  const unknown = unknownLayers(graph.layers);
  const folderOf = ({ path }: LayerEntry): string => folders?.get(path) ?? path;
  const inFolder = grouped(free, new Set(unknown.map(({ layer }) => folderOf(layer))), foldersOf);
  const named = grouped(free, new Set(unknown.map(({ layer }) => layer.name)), (key) => key.split('/'));
  for (const { layer, top } of unknown) {
    const group = index.groups.get(top.name);
    const own = inFolder.get(folderOf(layer));
    // HDF5 groups weights by the layers at top level; inside a group, and in TF.js, a layer's name is a part of the key.
    const byName = layer === top && group ? group : (named.get(layer.name) ?? []);
    const keys = (own ?? (folders ? [] : byName)).filter((key) => !claimed.has(key));
    for (const key of keys) claimed.add(key);
    byLayer.set(layer.path, keys);
  }
  return { byLayer, rest: free.filter((key) => !claimed.has(key)) };
}

/** The keys by those of `wanted` that `of` finds in them. */
function grouped(
  keys: readonly string[],
  wanted: ReadonlySet<string>,
  of: (key: string) => Iterable<string>,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    for (const name of new Set(of(key))) {
      if (!wanted.has(name)) continue;
      const group = groups.get(name);
      if (group) group.push(key);
      else groups.set(name, [key]);
    }
  }
  return groups;
}

/** `a` and `a/b` for `a/b/c`. */
function* foldersOf(key: string): Generator<string> {
  for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) yield key.slice(0, at);
}

/** An unknown layer, and the top-level layer that contains it. */
interface Unknown {
  readonly layer: LayerEntry;
  readonly top: LayerEntry;
}

const unknownLayers = (layers: readonly LayerEntry[], top?: LayerEntry): Unknown[] =>
  layers.flatMap((layer) =>
    layer.layers === null
      ? layer.weightsUnknown
        ? [{ layer, top: top ?? layer }]
        : []
      : unknownLayers(layer.layers, top ?? layer),
  );

/** Excludes the state of training and random numbers: optimizers, metrics and seeds are not parameters of a layer. */
function isOfLayer(key: string, { layout }: WeightIndex): boolean {
  if (layout === 'keras3' && !/^(layers|_layer_checkpoint_dependencies)\//.test(key)) return false;
  return !key.split('/').some((part) => /^seed_generator(_\d+)?$/.test(part));
}

const sizeOf = (index: WeightIndex, key: string): number =>
  (index.entries.get(key)?.shape ?? []).reduce((a, b) => a * b, 1);
