import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Entry, ZipFile } from 'yauzl';
import { fail } from '../../../shared/errors';
import { type ByteSource, inMemory, slice } from '../../io/byteSource';
import { MAX_ASSET_BYTES, MAX_JSON_BYTES } from '../../io/limits';
import type { OpenFile } from '../../io/openFile';
import { entriesOf, openZip, storedDataOffset, unpack } from '../../io/zip/zip';
import { type Hdf5File, openHdf5 } from '../hdf5/hdf5File';
import { type Hdf5Index, hdf5Weights } from '../hdf5/hdf5Weights';
import type { LayerPlace, ModelFile, WeightStore } from '../modelFile';
import { isRecord, parseJson, requireTopology } from '../topology';
import { subclassedNotice, weightsOnlyFile } from '../weightsOnly';
import { keras3Index } from './keras3Hdf5';

const CONFIG = 'config.json';
const METADATA = 'metadata.json';
const WEIGHTS = 'model.weights.h5';
const ASSETS = 'assets/';

/** Size in memory of an unpacked `model.weights.h5`. Keras itself stores it uncompressed. */
const MAX_UNPACKED_WEIGHTS = 2 ** 31;

/**
 * Opens a Keras 3 `.keras` file (`saving_lib.save_model`): a zip of `config.json`, `metadata.json` and
 * `model.weights.h5`. The weights are opened on first use; stored uncompressed, they are read in place. Nothing is written to disk.
 * Owns `file`: it is closed with the model, and when this throws.
 * @throws Failure `truncated`, `path-escape`, `too-large`, `not-a-model`, `bad-config`.
 */
export async function openKerasZip(file: OpenFile): Promise<ModelFile> {
  const { path } = file;
  try {
    const zip = await openZip(file);
    const entries = await entriesOf(zip, path);
    const config = entries.get(CONFIG);
    const weights = lazyWeights(file, zip, entries);
    const store: WeightStore = {
      ...hdf5Weights(weights.open, weights.indexOf),
      asset: weights.asset,
      ...packedWeights(entries.get(WEIGHTS)),
    };
    if (config === undefined) {
      if (!entries.has(WEIGHTS)) failNoModel(path);
      return weightsOnlyFile(path, store, () => weights.close());
    }
    const metadata = entries.get(METADATA);
    const topology = parseJson(await text(zip, config, file), path, CONFIG);
    const about = metadata && parseJson(await text(zip, metadata, file), path, METADATA);
    const version = isRecord(about) ? about.keras_version : undefined;
    const described = requireTopology(topology, path, CONFIG);
    return {
      path,
      format: 'keras',
      kerasVersion: typeof version === 'string' ? version : null,
      topology: described,
      ...subclassedNotice(described, path),
      training: described.compile_config,
      weights: store,
      close: () => weights.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * The weights file inside, opened once, on first use, and the assets beside it. `close` also closes `file`, which both are
 * read from.
 */
function lazyWeights(file: OpenFile, zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
  let opening: Promise<Hdf5File> | null = null;
  let closed = false;
  let index: Hdf5Index | null = null;
  const indexOf = (hdf5: Hdf5File): Hdf5Index => {
    index ??= keras3Index(hdf5);
    return index;
  };
  const open = (): Promise<Hdf5File> => {
    checkOpen();
    opening ??= weightBytes(file, zip, entries).then((source) => openHdf5(source, file.path));
    return opening;
  };
  const checkOpen = (): void => {
    if (!closed) return;
    fail('closed', l10n.t('{0} was closed while it was being read.', basename(file.path)), {
      remedy: l10n.t('Open the model again.'),
      subject: file.path,
    });
  };
  return {
    /** Found by its exact name in the archive, so that no path leads anywhere else. */
    async asset(name: string, { folder }: LayerPlace): Promise<string | null> {
      checkOpen();
      const entry =
        entries.get(`${ASSETS}${folder}/${name}`) ??
        // Keras 2 named some layers differently; assets have the same paths as weights.
        entries.get(
          `assets${indexOf(await open())
            .pathOf(folder)
            .replaceAll('\\', '/')}/${name}`,
        );
      if (entry === undefined) return null;
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
        await unpack(zip, entry, MAX_ASSET_BYTES, file),
      );
    },
    open,
    indexOf,
    close(): void {
      if (closed) return;
      closed = true;
      if (opening === null) file.close();
      // Open, or still being opened: the file is closed last. The request for the weights reports a failure.
      else
        opening
          .then((hdf5) => hdf5.close())
          .catch(() => undefined)
          .finally(() => file.close());
    },
  };
}

const isStored = (entry: Entry): boolean => entry.compressionMethod === 0 && !entry.isEncrypted();

const packedWeights = (entry: Entry | undefined): Pick<WeightStore, 'packed'> =>
  entry === undefined || isStored(entry)
    ? {}
    : { packed: { bytes: entry.compressedSize, unpackedBytes: entry.uncompressedSize } };

async function weightBytes(
  file: OpenFile,
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
): Promise<ByteSource> {
  const name = basename(file.path);
  const entry = entries.get(WEIGHTS);
  if (entry === undefined) {
    fail('no-weights', l10n.t('{0} contains a topology but no {1}.', name, WEIGHTS), {
      remedy: l10n.t("Save the whole model again with model.save('model.keras')."),
      subject: file.path,
    });
  }
  if (!isStored(entry)) return inMemory(await unpack(zip, entry, MAX_UNPACKED_WEIGHTS, file));
  return slice(file, await storedDataOffset(zip, entry, file), entry.compressedSize);
}

async function text(zip: ZipFile, entry: Entry, file: OpenFile): Promise<string> {
  return new TextDecoder().decode(await unpack(zip, entry, MAX_JSON_BYTES, file));
}

function failNoModel(path: string): never {
  fail(
    'not-a-model',
    l10n.t('{0} is a zip archive, but not a Keras model (no {1} in it).', basename(path), CONFIG),
    {
      remedy: l10n.t('Choose a .keras file as model.save writes it; unpack other archives first.'),
      subject: path,
    },
  );
}
