import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { WeightIndex, WeightStore } from '../../formats/modelFile';
import type { Graph, LayerEntry } from '../../graph/graph';
import type { WeightSpec } from '../../graph/layerRule';
import { objectFolders } from './objectFolders';

/** For each layer path, the keys of its weights in the file, in the order of its `WeightSpec`s; `null` for a missing one. */
export type WeightKeys = ReadonlyMap<string, readonly (string | null)[]>;

/** Replaces the key of a weight that the file omits on purpose. */
export const ABSENT = '';

interface WeightSlot {
  readonly entry: LayerEntry;
  readonly position: number;
  readonly spec: WeightSpec;
}

/**
 * Finds every layer's weights in a file, as Keras itself does for that generation of files: by position in `hdf5-legacy`, by
 * the path of the object in `keras3`, by name in `tfjs`, by the name of the constant in `graph`. Missing weights fail only
 * when their layer is used (`keysOf`), so that the others still work.
 */
export function findWeights(graph: Pick<Graph, 'layers'>, index: WeightIndex): WeightKeys {
  const found = new Map<string, (string | null)[]>();
  const put = (wanted: WeightSlot, key: string | undefined): void => {
    const list = found.get(wanted.entry.path) ?? [];
    list[wanted.position] = key ?? (wanted.spec.whenAbsent === undefined ? null : ABSENT);
    found.set(wanted.entry.path, list);
  };
  FINDERS[index.layout](graph.layers, index, put);
  return found;
}

type Put = (wanted: WeightSlot, key: string | undefined) => void;
type Finder = (layers: readonly LayerEntry[], index: WeightIndex, put: Put) => void;

const FINDERS: Readonly<Record<WeightIndex['layout'], Finder>> = {
  'hdf5-legacy': findLegacy,
  keras3: findKeras3,
  tfjs: (layers, index, put) => {
    for (const layer of layers) findByName(layer, [...index.entries.keys()], index, put, []);
  },
  graph: (layers, index, put) => {
    for (const wanted of layers.flatMap(slotsOf)) {
      const { at } = wanted.spec;
      put(wanted, at !== undefined && index.entries.has(at) ? at : undefined);
    }
  },
};

function slotsOf(entry: LayerEntry): WeightSlot[] {
  if (entry.layers !== null) return entry.layers.flatMap(slotsOf);
  return savingOrder(
    entry.weights.map((spec, position) => ({ entry, position, spec })),
    0,
  );
}

/** Keras's order of the weights of a layer with sublayers: its own, then those of each sublayer. */
function savingOrder(wanted: readonly WeightSlot[], depth: number): WeightSlot[] {
  const isOwn = ({ spec }: WeightSlot): boolean => (spec.holder?.length ?? 0) <= depth;
  const held = wanted.filter((one) => !isOwn(one));
  if (held.length === 0) return [...wanted];
  const byHolder = new Map<string, WeightSlot[]>();
  for (const one of held) {
    const holder = one.spec.holder?.[depth] ?? '';
    byHolder.set(holder, [...(byHolder.get(holder) ?? []), one]);
  }
  const inside = [...byHolder.values()].flatMap((list) => savingOrder(list, depth + 1));
  return [...wanted.filter(isOwn), ...inside];
}

/**
 * Keras's order in HDF5 (`_legacy_weights`): all trainable weights of a top-level layer, then the others; a frozen
 * layer's in plain order.
 */
function legacyOrder(entry: LayerEntry): WeightSlot[] {
  const wanted = slotsOf(entry);
  if (!entry.trainable) return wanted;
  const trains = (w: WeightSlot): boolean => w.spec.trainable && w.entry.trainable;
  return [...wanted.filter(trains), ...wanted.filter((w) => !trains(w))];
}

function findLegacy(layers: readonly LayerEntry[], index: WeightIndex, put: Put): void {
  for (const [layer, keys] of legacyGroups(layers, index)) {
    const order = legacyOrder(layer);
    const isFit = fits(order, keys, index);
    const named = byName(layer, keys, index);
    const isWhole = named.every(([, key]) => key !== undefined);
    const isNamed = order.every(({ entry }, i) => parts(keys[i] ?? '').includes(entry.name));
    if (isFit && (isNamed || !isWhole)) {
      for (const [i, wanted] of order.entries()) put(wanted, keys[i]);
    } else {
      // An unknown layer inside a nested model shifts the positions, and sublayers of a layer that was frozen before it was
      // built stay trainable: then positions are ambiguous and names decide.
      for (const [wanted, key] of named) put(wanted, key);
    }
  }
}

function byName(
  layer: LayerEntry,
  keys: readonly string[],
  index: WeightIndex,
): [WeightSlot, string | undefined][] {
  const found: [WeightSlot, string | undefined][] = [];
  findByName(layer, keys, index, (wanted, key) => found.push([wanted, key]), []);
  return found;
}

/**
 * The layers that have a group in the file, with its keys. In Keras 1 the branches of a merging Sequential have no group,
 * but each of their layers has one. Nested Sequentials are saved without a name: they get the remaining groups, in order.
 */
function legacyGroups(
  layers: readonly LayerEntry[],
  index: WeightIndex,
): (readonly [LayerEntry, readonly string[]])[] {
  const named = (layer: LayerEntry): LayerEntry[] => {
    const inner = index.groups.has(layer.name) ? [] : (layer.layers ?? []).flatMap(named);
    return inner.some(({ name }) => index.groups.has(name)) ? inner : [layer];
  };
  const all = layers.flatMap(named);
  const claimed = new Set(all.map(({ name }) => name));
  const left =
    index.origin?.kerasMajor === 1
      ? [...index.groups].filter(([name, keys]) => !claimed.has(name) && keys.length > 0)
      : [];
  return all
    .filter((layer) => slotsOf(layer).length > 0)
    .map((layer) => [layer, index.groups.get(layer.name) ?? left.shift()?.[1] ?? []] as const);
}

/** Whether the keys match `order` one by one: by shape, and by name if the names are Keras's. */
function fits(order: readonly WeightSlot[], keys: readonly string[], index: WeightIndex): boolean {
  const names = new Set(order.map((wanted) => wanted.spec.name));
  return (
    order.length === keys.length &&
    order.every(({ spec }, i) => {
      const key = keys[i] ?? '';
      const name = parts(key).at(-1) ?? '';
      return sameShape(spec.shape, index.entries.get(key)?.shape) && (name === spec.name || !names.has(name));
    })
  );
}

const sameShape = (a: readonly number[], b: readonly number[] | undefined): boolean =>
  b !== undefined && a.length === b.length && a.every((size, i) => size === b[i]);

/** `keras.src.saving.saving_lib`: layers by the names of their objects. */
function findKeras3(layers: readonly LayerEntry[], index: WeightIndex, put: Put): void {
  for (const [layer, path] of objectFolders(layers)) {
    if (path === null) continue;
    for (const [position, spec] of layer.weights.entries()) {
      const now = `${path}/${spec.at ?? `vars/${position}`}`;
      // Sub-layers got a property beside their attribute (`query_dense`, `_query_dense`) in the course of Keras 3.
      const before = now.replace(/([^/]+\/vars\/\d+)$/, '_$1');
      put(
        { entry: layer, position, spec },
        [now, before].find((key) => index.entries.has(key)),
      );
    }
  }
}

/** By layer path, the layer's folder in a `.keras` file. */
export const objectPaths = (layers: readonly LayerEntry[]): ReadonlyMap<string, string> =>
  new Map(
    [...objectFolders(layers)].flatMap(([layer, folder]) => (folder === null ? [] : [[layer.path, folder]])),
  );

/**
 * Names such as `vgg16/block1_conv1/kernel`, `lstm/lstm_cell/kernel:0` or `conv1/kernel`: a weight belongs to a layer
 * when the layer's name is one part of its path; nested models narrow the choice if they are named, too.
 */
function findByName(
  layer: LayerEntry,
  keys: readonly string[],
  index: WeightIndex,
  put: Put,
  around: readonly string[],
): void {
  if (layer.layers !== null) {
    const named = keys.filter((key) => parts(key).includes(layer.name));
    for (const inner of layer.layers) {
      const narrow = named.filter((key) => parts(key).includes(inner.name));
      findByName(inner, narrow.length > 0 ? narrow : keys, index, put, [...around, layer.name]);
    }
    return;
  }
  const named = keys.filter((key) => parts(key).includes(layer.name));
  // A nested model may contain a layer of the same name: if names are whole paths, the path decides.
  const exact = keys.filter((key) => key.startsWith(`${[...around, layer.name].join('/')}/`));
  const own = exact.length > 0 ? exact : named;
  const order = legacyOrder(layer);
  if (fits(order, own, index)) {
    for (const [i, wanted] of order.entries()) put(wanted, own[i]);
    return;
  }
  for (const wanted of order) {
    const candidates = own.filter((key) => parts(key).at(-1) === wanted.spec.name);
    put(wanted, candidates.length === 1 ? candidates[0] : undefined);
  }
}

const parts = (key: string): string[] => key.replace(/:\d+$/, '').split('/');

/**
 * The keys of one layer, checked against the shapes that its config implies.
 * @param about for messages: the layer's folder in a `.keras` file, and the two files that make up the model.
 */
export function keysOf(
  entry: Pick<LayerEntry, 'path' | 'name' | 'className' | 'weights'>,
  keys: WeightKeys,
  index: WeightIndex,
  about: { readonly folder?: string | undefined; readonly beside?: WeightStore['beside'] } = {},
): readonly string[] {
  const { folder, beside } = about;
  const found = keys.get(entry.path) ?? [];
  const own = found.filter((key) => key !== null);
  const isDeclared = entry.weights.some(({ declaredIn }) => declaredIn !== undefined);
  const apart = isDeclared ? undefined : beside;
  if (own.length !== entry.weights.length) {
    if (apart !== undefined) {
      failMismatchedFiles(
        entry,
        apart,
        l10n.t(
          '{0} does not fit {1}: of the weights of layer "{2}" ({3}), it holds none.',
          apart.weights,
          apart.topology,
          entry.path,
          entry.className,
        ),
      );
    }
    return failMissing(entry, found, index, folder);
  }
  for (const [i, key] of own.entries()) {
    const expected = entry.weights[i]?.shape ?? [];
    if (key === ABSENT) continue;
    const { shape, dtype } = index.entries.get(key) ?? {};
    if ((dtype === 'int8' || dtype === 'uint8') && entry.weights[i]?.stored === undefined) {
      fail(
        'bad-weights',
        l10n.t(
          'Layer "{0}": the file holds weight "{1}" as {2}, but its config does not say how it is scaled.',
          entry.path,
          String(entry.weights[i]?.name),
          dtype,
        ),
        { subject: entry.path, remedy: l10n.t('Open the model as it was before model.quantize().') },
      );
    }
    if (!sameShape(expected, shape)) {
      if (apart !== undefined) {
        const name = entry.weights[i]?.name;
        failMismatchedFiles(
          entry,
          apart,
          l10n.t(
            '{0} does not fit {1}: of the weights of layer "{2}" ({3}), "{4}" has shape ({5}) instead of ({6}).',
            apart.weights,
            apart.topology,
            entry.path,
            entry.className,
            String(name),
            String(shape?.join(', ')),
            expected.join(', '),
          ),
        );
      }
      failShape(entry, entry.weights[i], shape);
    }
  }
  return own;
}

function failMissing(
  { path, name, className, weights }: Pick<LayerEntry, 'path' | 'name' | 'className' | 'weights'>,
  found: readonly (string | null)[],
  index: WeightIndex,
  folder: string | undefined,
): never {
  const missing = weights.find((_, i) => (found[i] ?? null) === null);
  if (missing?.declaredIn === undefined) {
    return fail('bad-weights', l10n.t('The file holds no weights for layer "{0}" ({1}).', path, className), {
      subject: path,
      remedy: l10n.t('Save the whole model again with Keras; values up to this layer are available.'),
    });
  }
  const { shape, declaredIn } = missing;
  return fail(
    'bad-weights',
    l10n.t(
      'The file holds no weight "{0}" ({1}) for layer "{2}" ({3}), as {4} declares it.',
      labelOf(missing),
      shape.join(', '),
      path,
      className,
      declaredIn,
    ),
    {
      subject: path,
      remedy: l10n.t('Correct "weights" in {0}. {1}', declaredIn, listStoredWeights(name, index, folder)),
    },
  );
}

/** Lists a layer's weights in the file, as help for declaring them. */
function listStoredWeights(name: string, index: WeightIndex, folder: string | undefined): string {
  const all = [...index.entries.values()];
  const below = all.filter(({ key }) => folder !== undefined && key.startsWith(`${folder}/`));
  const own = below.length > 0 ? below : all.filter(({ key }) => parts(key).includes(name));
  const listed = own.slice(0, MAX_LISTED).map(({ key, shape }) => {
    const short = below.length > 0 ? key.slice((folder?.length ?? 0) + 1) : key;
    return `${short} (${shape.join(', ')})`;
  });
  if (listed.length === 0) return l10n.t('The file holds no weights for this layer at all.');
  const list = own.length > MAX_LISTED ? [...listed, '...'] : listed;
  return l10n.t('The file holds for this layer: {0}.', list.join('; '));
}

const MAX_LISTED = 12;

/** A weight's name with the path of sublayers that leads to it. */
const labelOf = ({ holder = [], name }: WeightSpec): string => [...holder, name].join('/');

function failShape(
  { path }: Pick<LayerEntry, 'path'>,
  spec: WeightSpec | undefined,
  shape: readonly number[] | undefined,
): never {
  const by = spec?.declaredIn;
  const label = String(spec && labelOf(spec));
  const [wanted, held] = [String(spec?.shape.join(', ')), String(shape?.join(', '))];
  return fail(
    'bad-weights',
    by === undefined
      ? l10n.t(
          'Layer "{0}": weight "{1}" should have shape ({2}) but the file holds ({3}).',
          path,
          label,
          wanted,
          held,
        )
      : l10n.t(
          'Layer "{0}": weight "{1}" should have shape ({2}) by {3}, but the file holds ({4}).',
          path,
          label,
          wanted,
          by,
          held,
        ),
    {
      subject: path,
      remedy:
        by === undefined
          ? l10n.t('The config and the weights in the file are of different models; save it again.')
          : l10n.t('Correct "weights" in {0}.', by),
    },
  );
}

/** The topology and the weights file beside it belong to different models. */
function failMismatchedFiles(
  entry: { readonly path: string },
  { topology }: NonNullable<WeightStore['beside']>,
  message: string,
): never {
  return fail('bad-weights', message, {
    subject: entry.path,
    remedy: l10n.t(
      'Put the weights of this model beside it, as {0}.weights.h5.',
      topology.replace(/\.json$/i, ''),
    ),
  });
}
