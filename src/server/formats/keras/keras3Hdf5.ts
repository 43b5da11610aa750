import type { Hdf5File } from '../hdf5/hdf5File';
import type { Hdf5Index } from '../hdf5/hdf5Weights';
import type { WeightEntry } from '../modelFile';
import { keras3Paths } from './keras3Paths';

/**
 * The weights of Keras 3's HDF5 (`saving_lib.H5IOStore`): every data set by its path, such as `layers/dense/vars/0`.
 * Files of Keras 2 with the same layout get the same paths.
 */
export function keras3Index(hdf5: Hdf5File): Hdf5Index {
  const datasets = hdf5.datasets('/').map((path) => path.slice(1));
  const elsewhere = keras3Paths([...hdf5.groups('/').map((path) => path.slice(1)), ...datasets]);
  const keys = new Map([...elsewhere].map(([key, path]) => [path, key]));
  const entries = new Map<string, WeightEntry>();
  for (const path of datasets) {
    const key = keys.get(path) ?? path;
    const { shape, type } = hdf5.dataset(`/${path}`);
    entries.set(key, { key, shape, dtype: type });
  }
  return {
    index: { layout: 'keras3', entries, groups: new Map(), objectNames: () => objectNames(hdf5) },
    pathOf: (key) => `/${elsewhere.get(key) ?? key}`,
  };
}

const VARS = '/vars';

/** The attribute `name` of every object's group of variables. */
function objectNames(hdf5: Hdf5File): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const group of hdf5.groups('/')) {
    if (!group.endsWith(VARS)) continue;
    const [name] = hdf5.strings(group, 'name') ?? [];
    if (name !== undefined) names.set(group.slice(1, -VARS.length), name);
  }
  return names;
}
