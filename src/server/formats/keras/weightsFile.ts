import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { MAX_JSON_BYTES } from '../../io/limits';
import { type OpenFile, openFile, readWhole } from '../../io/openFile';
import { detect } from '../detect';
import { type Hdf5File, openHdf5 } from '../hdf5/hdf5File';
import { hdf5Weights } from '../hdf5/hdf5Weights';
import { legacyIndex, legacyRoot } from '../hdf5/legacyHdf5';
import type { WeightIndex, WeightStore } from '../modelFile';
import { shardPath } from '../shards';
import { isRecord, parseJson } from '../topology';
import { keras3Index } from './keras3Hdf5';

/** The weights of a file that may contain nothing else, opened on first use. */
export interface WeightsFile extends WeightStore {
  close(): void;
}

/**
 * Weights as `model.save_weights` writes them: HDF5 by layer (Keras 1 and 2), HDF5 by object (Keras 3's `.weights.h5`),
 * or a `.weights.json` that names the shards of such an HDF5 file (`max_shard_size`).
 * Reading throws a Failure: `not-a-model`, `truncated`, `missing-shard`, `path-escape`, ...
 */
export function openWeightsFile(path: string): WeightsFile {
  let opening: Promise<WeightsFile> | null = null;
  const opened = (): Promise<WeightsFile> => {
    opening ??= open(path);
    // A failed opening may be tried again, e.g. after a missing shard was put back.
    opening.catch(() => {
      opening = null;
    });
    return opening;
  };
  return {
    index: async () => (await opened()).index(),
    read: async (key) => (await opened()).read(key),
    close: () => {
      opening?.then(
        (weights) => weights.close(),
        () => undefined,
      );
    },
  };
}

async function open(path: string): Promise<WeightsFile> {
  const file = openFile(path);
  try {
    switch (detect(file)) {
      case 'hdf5':
        return await oneFile(file);
      case 'json':
        return await shardedFile(path, shardsOf(file));
      default:
        return failNoWeights(path);
    }
  } catch (thrown) {
    file.close();
    throw thrown;
  }
}

/** The weights in an HDF5 file of Keras, by layer or by object. */
export function weightsIn(hdf5: Hdf5File, path: string): WeightStore {
  const root = legacyRoot(hdf5);
  return hdf5Weights(
    async () => hdf5,
    root === null ? keras3Index : (source) => legacyIndex(source, path, root),
  );
}

async function oneFile(file: OpenFile): Promise<WeightsFile> {
  const hdf5 = await openHdf5(file, file.path);
  return {
    ...weightsIn(hdf5, file.path),
    close() {
      hdf5.close();
      file.close();
    },
  };
}

/** Every shard is an HDF5 file with some of the objects (`saving_lib.ShardedH5IOStore` of Keras 3). */
async function shardedFile(path: string, names: readonly string[]): Promise<WeightsFile> {
  const shards: { hdf5: Hdf5File; file: OpenFile }[] = [];
  const close = (): void => {
    for (const { hdf5, file } of shards) {
      hdf5.close();
      file.close();
    }
  };
  try {
    for (const name of names) {
      const file = openFile(shardPath(path, name));
      shards.push({ hdf5: await openHdf5(file, file.path), file });
    }
  } catch (thrown) {
    close();
    throw thrown;
  }
  const readers = new Map<string, () => Float32Array>();
  const indexes = shards.map(({ hdf5 }) => {
    const { index, pathOf } = keras3Index(hdf5);
    for (const key of index.entries.keys()) readers.set(key, () => hdf5.read(pathOf(key)));
    return index;
  });
  const index: WeightIndex = {
    layout: 'keras3',
    entries: new Map(indexes.flatMap(({ entries }) => [...entries])),
    groups: new Map(),
  };
  return {
    index: async () => index,
    async read(key) {
      const read = readers.get(key);
      if (read !== undefined) return read();
      return fail('bad-weights', l10n.t('The shards of {0} contain no weight {1}.', basename(path), key), {
        remedy: l10n.t('The topology and the weights do not belong together; save both again.'),
        subject: path,
      });
    },
    close,
  };
}

/** Models have far fewer shards. */
const MAX_SHARDS = 1000;

function shardsOf(file: OpenFile): string[] {
  const { path } = file;
  if (file.size > MAX_JSON_BYTES) failNoWeights(path);
  const text = new TextDecoder().decode(readWhole(file, MAX_JSON_BYTES));
  file.close();
  const json = parseJson(text, path, l10n.t('its content'));
  const map = isRecord(json) ? json.weight_map : undefined;
  if (!isRecord(map)) return failNoWeights(path);
  const names = new Set<string>();
  for (const value of Object.values(map).flat()) {
    if (typeof value !== 'string' || names.size > MAX_SHARDS) return failNoWeights(path);
    names.add(value);
  }
  return [...names];
}

function failNoWeights(path: string): never {
  fail('bad-weights', l10n.t('{0} contains no weights that Keras wrote.', basename(path)), {
    remedy: l10n.t('Save them again with model.save_weights, or the whole model with model.save.'),
    subject: path,
  });
}
