import type { WeightEntry, WeightIndex, WeightStore } from '../../formats/modelFile';
import type { Graph, LayerEntry } from '../../graph/graph';
import type { WeightSpec } from '../../graph/layerRule';
import { classOfObject, namesOfClass } from './guessedNames';
import { type LegacyLayout, legacyLayout } from './legacyWeights';
import { checkPacked } from './packedWeights';
import { unknownLayerKeys } from './unknownWeightCounts';
import { ABSENT, findWeights, objectPaths } from './weightKeys';
import { weightPlaces } from './weightPlaces';

/** A weight that a model's file contains. */
export interface StoredWeight {
  /** Path of its layer in the model, without call numbers. */
  readonly layer: string;
  /** `null` where neither the model nor the file tells it. */
  readonly className: string | null;
  /** Keras's variable name, with the sublayers that lead to it: `kernel`, `forward_layer/cell/kernel`. */
  readonly name: string;
  /** In the layer's own layout. */
  readonly shape: readonly number[];
  /** As stored. */
  readonly dtype: string;
  /** The values, row-major, cast to float32. Read anew each time. @throws Failure `bad-weights`, `truncated`, ... */
  read(): Promise<Float32Array>;
}

/**
 * Every weight in the file of a model, in the order of the layers, then those of no layer of the model: also for layers that cannot
 * be computed, and for a file that does not describe its layers, whose graph is empty. Reads names and shapes only.
 * State of the optimizer, of metrics and of random numbers is left out.
 * @throws Failure of a store without weights: `no-weights`, `too-large`, ...
 */
export async function storedWeights(graph: Graph, store: WeightStore): Promise<readonly StoredWeight[]> {
  checkPacked(graph.params, store);
  const index = await store.index();
  const { layers, converters } = legacyLayout(graph.layers, index);
  const keys = findWeights({ layers }, index);
  const unknown = unknownLayerKeys(graph, index, keys);
  const folders = index.layout === 'keras3' ? objectPaths(graph.layers) : null;
  const ofLayer = (layer: LayerEntry): StoredWeight[] => {
    if (layer.layers !== null) return layer.layers.flatMap(ofLayer);
    const { path, className, weightsUnknown } = layer;
    const found = keys.get(path) ?? [];
    const convert = converters.get(path);
    if (convert !== undefined) return converted(layer, found, { convert, index, store });
    if (weightsUnknown) {
      const own = unknown.byLayer.get(path) ?? [];
      const guess = folders === null ? null : namesOfClass(className, own.length);
      return own.flatMap((key, i) =>
        stored(index.entries.get(key), store, {
          layer: path,
          className,
          name: guess?.[i] ?? nameBelow(key, folders?.get(path) ?? layer.name),
        }),
      );
    }
    return layer.weights.flatMap((spec, i) =>
      stored(index.entries.get(found[i] ?? ABSENT), store, { layer: path, className, name: labelOf(spec) }),
    );
  };
  const listed = graph.layers.flatMap(ofLayer);
  return [...listed, ...unplaced(unknown.rest, index, store)];
}

type Names = Pick<StoredWeight, 'layer' | 'className' | 'name'>;

const stored = (entry: WeightEntry | undefined, store: WeightStore, names: Names): StoredWeight[] =>
  entry === undefined
    ? []
    : [{ ...names, shape: entry.shape, dtype: entry.dtype, read: () => store.read(entry.key) }];

/** The weights of a layer whose file has another layout: each needs all arrays of the layer. */
function converted(
  layer: LayerEntry,
  found: readonly (string | null)[],
  file: {
    readonly convert: NonNullable<ReturnType<LegacyLayout['converters']['get']>>;
    readonly index: WeightIndex;
    readonly store: WeightStore;
  },
): StoredWeight[] {
  const present = found.filter((key) => key !== null && key !== ABSENT);
  if (present.length !== found.length) return [];
  const readAll = async (): Promise<Float32Array[]> => {
    const all: Float32Array[] = [];
    for (const key of present) all.push(await file.store.read(key ?? ABSENT));
    return file.convert(all);
  };
  const dtype = file.index.entries.get(present[0] ?? ABSENT)?.dtype ?? 'float32';
  return layer.weights.map((spec, i) => ({
    layer: layer.path,
    className: layer.className,
    name: labelOf(spec),
    shape: spec.shape,
    dtype,
    read: async () => (await readAll())[i] ?? new Float32Array(),
  }));
}

/** Weights of no layer of the model, under the paths that the file gives them. */
function unplaced(keys: readonly string[], index: WeightIndex, store: WeightStore): StoredWeight[] {
  const places = weightPlaces(index);
  const byLayer = new Map<string, string[]>();
  for (const key of keys) {
    const layer = places.get(key)?.layer;
    if (layer !== undefined) byLayer.set(layer, [...(byLayer.get(layer) ?? []), key]);
  }
  return [...byLayer].flatMap(([layer, own]) => {
    const guess = classOfObject(places.get(own[0] ?? '')?.object ?? '');
    const names = guess === null ? null : namesOfClass(guess, own.length);
    return own.flatMap((key, i) =>
      stored(index.entries.get(key), store, {
        layer,
        className: names === null ? null : guess,
        name: names?.[i] ?? places.get(key)?.name ?? key,
      }),
    );
  });
}

/** The part of a key below the folder or the group of its layer. */
function nameBelow(key: string, layer: string): string {
  const path = key.replace(/:\d+$/, '');
  const at = path.lastIndexOf(`${layer}/`);
  return at < 0 ? path : path.slice(at + layer.length + 1);
}

/** With the sublayers that lead to it, as a Keras 3 file names them, or else as the user's module does. */
function labelOf({ holder = [], name, at = '' }: WeightSpec): string {
  const inside = /^(.+)\/vars\/\d+$/.exec(at)?.[1];
  return [...(inside === undefined ? holder : [inside]), name].join('/');
}
