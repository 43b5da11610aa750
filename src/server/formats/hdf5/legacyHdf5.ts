import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { WeightEntry, WeightIndex } from '../modelFile';
import type { Hdf5File } from './hdf5File';
import type { Hdf5Index } from './hdf5Weights';

/** The group of the weights in a file of `model.save`; the root of a file of `model.save_weights` is such a group itself. */
export const WEIGHTS = '/model_weights';

export const SAVE_WHOLE_MODEL = l10n.t("Save the whole model with model.save('model.keras') and open that.");

/** The group that contains the weights by layer name; `null` for a file of another kind. */
export function legacyRoot(hdf5: Hdf5File): string | null {
  return (
    [WEIGHTS, '/'].find((root) => hdf5.kind(root) === 'group' && list(hdf5, root, 'layer_names') !== null) ??
    null
  );
}

/** The weights below `root`, by layer in the order of the file. @throws Failure `no-weights`. */
export function legacyIndex(hdf5: Hdf5File, path: string, root: string = WEIGHTS): Hdf5Index {
  const layers = hdf5.kind(root) === 'group' ? list(hdf5, root, 'layer_names') : null;
  if (layers === null) {
    fail('no-weights', l10n.t('{0} contains a topology but no weights (no {1}).', basename(path), root), {
      remedy: SAVE_WHOLE_MODEL,
      subject: path,
    });
  }
  const entries = new Map<string, WeightEntry>();
  const groups = new Map<string, readonly string[]>();
  // Keras 3 keeps the variables that belong to the model itself in a group of that name.
  const own = 'top_level_model_weights';
  const folder = root === '/' ? root : `${root}/`;
  const all = layers.includes(own) || hdf5.kind(`${folder}${own}`) !== 'group' ? layers : [...layers, own];
  for (const layer of all) {
    const group = `${folder}${layer}`;
    const names = hdf5.kind(group) === 'group' ? (list(hdf5, group, 'weight_names') ?? []) : [];
    const keys = names.map((name) => `${group}/${name}`);
    groups.set(layer, keys);
    for (const key of keys) {
      const { shape, type } = hdf5.dataset(key);
      entries.set(key, { key, shape, dtype: type });
    }
  }
  const origin = originOf(hdf5, root, groups);
  return { index: { layout: 'hdf5-legacy', entries, groups, origin }, pathOf: (key) => key };
}

/** Keras 1 does not record its backend, but TensorFlow's weight names end in `:0` and Theano's do not. */
function originOf(
  hdf5: Hdf5File,
  root: string,
  groups: ReadonlyMap<string, readonly string[]>,
): NonNullable<WeightIndex['origin']> {
  const version = legacyVersion(hdf5, root);
  // Files without a version are from the first releases of Keras 1.
  const kerasMajor = Number.parseInt(version ?? '1', 10);
  const backend = joined(hdf5, root, 'backend') ?? joined(hdf5, '/', 'backend');
  const names = [...groups.values()].flat().map((key) => key.slice(key.lastIndexOf('/') + 1));
  const isNamed =
    names.some((name) => /_(W|b)(_|$)/.test(name)) && names.every((name) => !name.includes(':'));
  return { kerasMajor, isTheano: backend === null ? kerasMajor === 1 && isNamed : backend === 'theano' };
}

/**
 * The strings of an attribute. Keras splits a list that exceeds an HDF5 object header into `name0`, `name1`, ...
 * (`legacy_h5_format.save_attributes_to_hdf5_group`). `null` when neither exists.
 */
export function list(hdf5: Hdf5File, group: string, name: string): string[] | null {
  const whole = hdf5.strings(group, name);
  if (whole !== null) return whole;
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = hdf5.strings(group, `${name}${i}`);
    if (part === null) return i === 0 ? null : parts;
    parts.push(...part);
  }
}

/** The strings of an attribute as one. */
export function joined(hdf5: Hdf5File, group: string, name: string): string | null {
  return list(hdf5, group, name)?.join('') ?? null;
}

/** The version of Keras that wrote the file; `null` where it is not recorded. */
export function legacyVersion(hdf5: Hdf5File, root: string = WEIGHTS): string | null {
  return (
    joined(hdf5, '/', 'keras_version') ??
    (hdf5.kind(root) === 'group' ? joined(hdf5, root, 'keras_version') : null)
  );
}
