import { fail } from '../../shared/errors';
import type { Hdf5File } from './hdf5File';
import type { WeightIndex, WeightStore } from './modelFile';

/**
 * A weight store over an HDF5 file that is opened on first use; `indexOf` lists the weights in it.
 * The store names its keys itself, so `toPath` gives the absolute path of a key in the file.
 */
export function hdf5Weights(
  open: () => Promise<Hdf5File>,
  indexOf: (hdf5: Hdf5File) => WeightIndex,
  toPath: (key: string) => string = (key) => key,
): WeightStore {
  let index: WeightIndex | null = null;
  const indexed = async (): Promise<WeightIndex> => {
    const hdf5 = await open();
    index ??= indexOf(hdf5);
    return index;
  };
  const holding = async (key: string): Promise<Hdf5File> => {
    if (!(await indexed()).entries.has(key)) {
      fail('bad-weights', `The model file holds no weight ${key}.`, {
        remedy: 'The topology and the weights do not belong together; save the whole model again.',
        subject: key,
      });
    }
    return open();
  };
  return {
    index: indexed,
    read: async (key) => (await holding(key)).read(toPath(key)),
    stream: async (key, take) => (await holding(key)).stream(toPath(key), take),
  };
}
