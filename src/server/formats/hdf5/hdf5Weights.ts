import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { WeightIndex, WeightStore } from '../modelFile';
import type { Hdf5File } from './hdf5File';

/** The weights in an HDF5 file and their paths in it. */
export interface Hdf5Index {
  readonly index: WeightIndex;
  /** The absolute path in the file of a key, or of a group by the prefix of the keys in it. */
  pathOf(key: string): string;
}

/** A weight store over an HDF5 file that is opened on first use; `indexOf` lists the weights in it. */
export function hdf5Weights(
  open: () => Promise<Hdf5File>,
  indexOf: (hdf5: Hdf5File) => Hdf5Index,
): WeightStore {
  let cached: Hdf5Index | null = null;
  const indexed = async (): Promise<Hdf5Index> => {
    const hdf5 = await open();
    cached ??= indexOf(hdf5);
    return cached;
  };
  const pathOf = async (key: string): Promise<string> => {
    const { index, pathOf } = await indexed();
    if (!index.entries.has(key)) {
      fail('bad-weights', l10n.t('The model file contains no weight {0}.', key), {
        remedy: l10n.t('The topology and the weights do not belong together; save the whole model again.'),
        subject: key,
      });
    }
    return pathOf(key);
  };
  return {
    index: async () => (await indexed()).index,
    async read(key) {
      const path = await pathOf(key);
      return (await open()).read(path);
    },
    async stream(key, take) {
      const path = await pathOf(key);
      (await open()).stream(path, take);
    },
  };
}
