import type { WeightIndex } from '../../formats/modelFile';

/** A layer and one of its weights, as far as the keys of a file tell them. */
export interface WeightPlace {
  readonly layer: string;
  readonly name: string;
  /** The name of the layer's object in a Keras 3 file, which tells its class. */
  readonly object?: string;
}

/** Objects of a file that are not weights: the state of training and of random numbers. */
const STATE =
  /^(_?optimizer|_?metrics|_?compile_metrics|loss_tracker|_loss_tracker)\/|(^|\/)seed_generator(_\d+)?(\/|$)|(^|\/)(\.OPTIMIZER_SLOT|save_counter)(\/|$)/;

export const isTrainingState = (key: string): boolean => STATE.test(key);

/** The layer and the name of every weight in a file, from its keys alone: for a file that does not describe its layers. */
export function weightPlaces(index: WeightIndex): ReadonlyMap<string, WeightPlace> {
  if (index.layout === 'hdf5-legacy') return legacyPlaces(index);
  if (index.layout === 'keras3') return keras3Places(index);
  return new Map(
    [...index.entries.keys()].filter((key) => !isTrainingState(key)).map((key) => [key, namedPlace(key)]),
  );
}

/** For weights of the model itself, which belong to no layer. */
const MODEL_ITSELF = 'top_level_model_weights';

/** `/model_weights/vgg16/block1_conv1/kernel:0` in the group `vgg16` -> `vgg16/block1_conv1`, `kernel`. */
function legacyPlaces({ groups }: WeightIndex): ReadonlyMap<string, WeightPlace> {
  const places = new Map<string, WeightPlace>();
  for (const [group, keys] of groups) {
    for (const key of keys) {
      const start = [`/model_weights/${group}/`, `/${group}/`].find((one) => key.startsWith(one)) ?? '/';
      const parts = partsOf(key.slice(start.length));
      const scope = parts.slice(0, -1);
      const name = parts.at(-1) ?? key;
      // The scope repeats the layer's name, before that of a cell (`lstm/lstm_cell/kernel`), or names a layer of a nested model.
      const at = scope.indexOf(group);
      places.set(
        key,
        at >= 0
          ? { layer: group, name: [...scope.slice(at + 1), name].join('/') }
          : { layer: [group, ...scope].join('/'), name },
      );
    }
  }
  return places;
}

/**
 * The folder of the layer and the path below it: `layers/functional/layers/lstm`, `cell/vars/0`; outside of `layers`, where only
 * the names of Python attributes are known, `block/conv`, `vars/0`.
 */
function keras3Place(key: string): { readonly folder: readonly string[]; readonly name: string } {
  const parts = partsOf(key);
  const vars = parts.lastIndexOf('vars');
  const end = vars >= 0 ? vars : parts.length - 1;
  const container = end < 2 ? -1 : parts.lastIndexOf('layers', end - 2);
  const whole = container >= 0 ? container + 2 : end;
  return { folder: parts.slice(0, whole), name: parts.slice(whole).join('/') };
}

/** Layers by the names that Keras recorded, else by their objects (`conv2d_1`). */
function keras3Places(index: WeightIndex): ReadonlyMap<string, WeightPlace> {
  const names = index.objectNames?.() ?? new Map<string, string>();
  const folders = new Map<string, string>();
  const places = new Map<string, WeightPlace>();
  for (const key of index.entries.keys()) {
    if (isTrainingState(key)) continue;
    const { folder, name } = keras3Place(key);
    const isLayer = (i: number): boolean => folder[i] !== 'layers' || i === folder.length - 1;
    const named = folder.map((part, i) => names.get(folder.slice(0, i + 1).join('/')) ?? part);
    const objects = folder.filter((_, i) => isLayer(i)).join('/') || MODEL_ITSELF;
    const layer = named.filter((_, i) => isLayer(i)).join('/') || MODEL_ITSELF;
    // Two objects of one name keep those of their folders.
    const isTaken = (folders.get(layer) ?? objects) !== objects;
    if (!isTaken) folders.set(layer, objects);
    places.set(key, { layer: isTaken ? objects : layer, name, object: folder.at(-1) ?? '' });
  }
  return places;
}

/** `conv1/kernel` -> `conv1`, `kernel`. */
function namedPlace(key: string): WeightPlace {
  const parts = partsOf(key);
  return { layer: parts.slice(0, -1).join('/') || MODEL_ITSELF, name: parts.at(-1) ?? key };
}

const partsOf = (key: string): string[] =>
  key
    .replace(/\/\.ATTRIBUTES\/VARIABLE_VALUE$/, '')
    .replace(/:\d+$/, '')
    .split('/')
    .filter((part) => part !== '');
