import type { Hdf5File } from './hdf5File';
import type { WeightEntry, WeightIndex } from './modelFile';

/** The weights of Keras 3's HDF5 (`saving_lib.H5IOStore`): every data set by its path, such as `layers/dense/vars/0`. */
export function keras3Index(hdf5: Hdf5File): WeightIndex {
  const entries = new Map<string, WeightEntry>();
  for (const path of hdf5.datasets('/')) {
    const key = path.slice(1);
    const { shape, type } = hdf5.dataset(path);
    entries.set(key, { key, shape, dtype: type });
  }
  return { layout: 'keras3', entries, groups: new Map() };
}
