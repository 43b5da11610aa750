import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { companionFile } from '../io/companion';
import { MAX_JSON_BYTES } from '../io/limits';
import { listFolder, type OpenFile, openFile, readWhole, statOf } from '../io/openFile';
import { entriesOf, openZip, unpack } from '../io/zip/zip';
import { detect } from './detect';
import { hasLayers, isRecord, isTopology, parseJson } from './topology';

/** Endings of the names of weight files. */
const WEIGHTS_ENDING = /(\.weights\.(h5|hdf5|json|bin)|_weights\.(h5|hdf5)|\.(h5|hdf5|bin))$/i;
/** Names that only a file of weights has. */
const ONLY_WEIGHTS = /(\.weights|_weights|^weights)\.(h5|hdf5|json)$/i;
/** Names that a file of weights may have: `mnist_weights_only.h5`, `weights-improvement-10-0.85.hdf5`. */
const OF_WEIGHTS = /weights[^/]*\.(h5|hdf5)$/i;
const HDF5 = /\.(h5|hdf5)$/i;
/** A shard of weights that a `.weights.json` names. */
const SHARD = /_\d{5}\.weights\.h5$/i;

/**
 * The file beside `path`, a file of weights, that describes the layers of the model: one of the same name or of a usual name;
 * `null` when there is none.
 */
export async function findTopology(path: string): Promise<string | null> {
  const found = await findDescriptions(path);
  return found.find(({ kind }) => kind === 'layers')?.path ?? null;
}

/** Names of JSON files that may describe a model, so that no other JSON is parsed. */
const DESCRIBES = /(model|config|architecture|topology)[^/]*\.json$/i;
/** Files that are looked at for the layers of a file of weights. */
const MAX_ARCHITECTURES = 40;

/**
 * The files beside `path`, a file of weights, that may describe the layers of its model, likeliest first: those of the same name or
 * of a usual one, then other models in the folder.
 */
export function architecturesBeside(path: string): string[] {
  const usual = findTopologyNames(path);
  const others = listFolder(dirname(path))
    .filter(
      (name) => /\.keras$/i.test(name) || DESCRIBES.test(name) || (HDF5.test(name) && !OF_WEIGHTS.test(name)),
    )
    .filter((name) => !SHARD.test(name) && !/\.layerglass\.json$/i.test(name))
    .sort();
  return [...new Set([...usual, ...existing(path, others, MAX_ARCHITECTURES)])].slice(0, MAX_ARCHITECTURES);
}

type Kind = 'layers' | 'code';

/** The files beside `path` that describe a model: by its layers, or as a subclassed model, whose structure is Python code. */
async function findDescriptions(path: string): Promise<{ path: string; kind: Kind }[]> {
  const found: { path: string; kind: Kind }[] = [];
  for (const other of findTopologyNames(path)) {
    const kind = await kindOf(other);
    if (kind !== null) found.push({ path: other, kind });
  }
  return found;
}

function findTopologyNames(path: string): string[] {
  const stem = basename(path).replace(WEIGHTS_ENDING, '');
  const names = [
    `${stem}.keras`,
    `${stem}.json`,
    `${stem}_architecture.json`,
    ...['model.json', 'config.json', 'architecture.json', 'topology.json', 'model.keras'],
  ];
  return existing(path, names);
}

/**
 * The file of weights beside `path`, a topology: one of the same name, or the only such file in the folder; `null` when there
 * is none or more than one.
 */
export function findWeights(path: string): string | null {
  const stem = basename(path).replace(/\.json$/i, '');
  const endings = ['.weights.h5', '_weights.h5', '.weights.hdf5', '.weights.json', '.h5', '.hdf5'];
  const [own] = existing(
    path,
    endings.map((ending) => stem + ending),
  );
  if (own !== undefined) return own;
  const names = listFolder(dirname(path)).filter((name) => !SHARD.test(name));
  for (const pattern of [ONLY_WEIGHTS, OF_WEIGHTS]) {
    const [only, another] = existing(
      path,
      names.filter((name) => pattern.test(name)),
      2,
    );
    if (only !== undefined) return another === undefined ? only : null;
  }
  return null;
}

/** Files that are looked at in a folder of thousands, for a message that names a few. */
export const MAX_LISTED_FILES = 100;

/** Names of the HDF5 files beside `path`, a topology, when none of them is clearly its weights. */
export function findHdf5Files(path: string): string[] {
  const names = listFolder(dirname(path)).filter((name) => HDF5.test(name) && !SHARD.test(name));
  return existing(path, names, MAX_LISTED_FILES).map((other) => basename(other));
}

/** The file that describes the layers of a model that is given as its folder, or the index of a checkpoint; any other path as it is. */
export function modelFileAt(path: string): string {
  const stat = statOf(path);
  // TensorFlow names a checkpoint without an ending.
  if (stat === null && statOf(`${path}.index`)?.isFile()) return `${path}.index`;
  if (!stat?.isDirectory()) return path;
  const files = ['config.json', 'model.json', 'saved_model.pb'].map((name) => join(path, name));
  return files.find((file) => statOf(file) !== null) ?? path;
}

/** Paths of at most `count` of `names` that are files in the folder of `path`; links that lead out of it are left out. */
function existing(path: string, names: readonly string[], count = names.length): string[] {
  const found: string[] = [];
  for (const name of names) {
    if (found.length >= count) break;
    if (name !== basename(path) && companionFile(path, name) !== null) found.push(join(dirname(path), name));
  }
  return found;
}

async function kindOf(path: string): Promise<Kind | null> {
  try {
    const file = openFile(path);
    try {
      const json = parseJson(await configIn(file), path, l10n.t('its content'));
      if (isTopology(json)) return hasLayers(json) ? 'layers' : 'code';
      return isRecord(json) && json.modelTopology !== undefined ? 'layers' : null;
    } finally {
      file.close();
    }
  } catch {
    // A file that cannot be read is not offered.
    return null;
  }
}

/** The text of a JSON file, or of the config in a `.keras` file. */
async function configIn(file: OpenFile): Promise<string> {
  if (detect(file) !== 'zip') return new TextDecoder().decode(readWhole(file, MAX_JSON_BYTES));
  const zip = await openZip(file);
  const entry = (await entriesOf(zip, file.path)).get('config.json');
  if (entry === undefined) return '';
  return new TextDecoder().decode(await unpack(zip, entry, MAX_JSON_BYTES, file));
}

/**
 * Fails because a file contains only weights, and offers to open the topology beside it.
 * @param otherwise the remedy where there is no such file.
 * @throws Failure `weights-only`.
 */
export async function failWeightsOnly(path: string, otherwise: string): Promise<never> {
  const found = await findDescriptions(path);
  const topology = found.find(({ kind }) => kind === 'layers')?.path;
  const [subclassed] = found;
  const remedy =
    subclassed === undefined
      ? otherwise
      : l10n.t(
          '{0} beside it is a subclassed model, whose structure is Python code: rebuild it as a Functional or Sequential model and save that.',
          basename(subclassed.path),
        );
  return fail(
    'weights-only',
    l10n.t('{0} contains only weights: it does not describe the layers of the model.', basename(path)),
    {
      subject: path,
      ...(topology === undefined
        ? { remedy }
        : { remedy: l10n.t('Open {0} beside it.', basename(topology)), suggestion: { open: topology } }),
    },
  );
}
