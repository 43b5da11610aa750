import { basename, dirname, join } from 'node:path';
import { fail } from '../../shared/errors';
import { companionFile } from '../io/companion';
import { MAX_JSON_BYTES } from '../io/limits';
import { listFolder, type OpenFile, openFile, readWhole, statOf } from '../io/openFile';
import { entriesOf, openZip, unpack } from '../io/zip/zip';
import { detect } from './detect';
import { holdsLayers, isRecord, isTopology, parseJson } from './topology';

/** What the names of files that hold only weights end in. */
const WEIGHTS_ENDING = /(\.weights\.(h5|hdf5|json|bin)|_weights\.(h5|hdf5)|\.(h5|hdf5|bin))$/i;
const ONLY_WEIGHTS = /(\.weights|_weights|^weights)\.(h5|hdf5|json)$/i;
/** What a file of weights may be called: `mnist_weights_only.h5`, `weights-improvement-10-0.85.hdf5`. */
const OF_WEIGHTS = /weights[^/]*\.(h5|hdf5)$/i;
const HDF5 = /\.(h5|hdf5)$/i;
/** A shard of weights, which a `.weights.json` names. */
const SHARD = /_\d{5}\.weights\.h5$/i;

/**
 * The file beside `path`, a file of weights, that says which layers the model has: of the same name, or one that such
 * files are called; `null` when there is none.
 */
export async function topologyBeside(path: string): Promise<string | null> {
  const found = await kindsBeside(path);
  return found.find(({ kind }) => kind === 'layers')?.path ?? null;
}

type Kind = 'layers' | 'code';

/** The files beside `path` that describe a model: by layers, or as a subclassed one, whose structure is Python code. */
async function kindsBeside(path: string): Promise<{ path: string; kind: Kind }[]> {
  const found: { path: string; kind: Kind }[] = [];
  for (const other of namedBeside(path)) {
    const kind = await kindOf(other);
    if (kind !== null) found.push({ path: other, kind });
  }
  return found;
}

function namedBeside(path: string): string[] {
  const stem = basename(path).replace(WEIGHTS_ENDING, '');
  const names = [
    `${stem}.keras`,
    `${stem}.json`,
    `${stem}_architecture.json`,
    ...['model.json', 'config.json', 'architecture.json', 'topology.json', 'model.keras'],
  ];
  return beside(path, names);
}

/**
 * The file of weights beside `path`, a topology: of the same name, or the one such file of the folder; `null` when there
 * is none or it is not plain which.
 */
export function weightsBeside(path: string): string | null {
  const stem = basename(path).replace(/\.json$/i, '');
  const endings = ['.weights.h5', '_weights.h5', '.weights.hdf5', '.weights.json', '.h5', '.hdf5'];
  const [own] = beside(
    path,
    endings.map((ending) => stem + ending),
  );
  if (own !== undefined) return own;
  const names = listFolder(dirname(path)).filter((name) => !SHARD.test(name));
  for (const pattern of [ONLY_WEIGHTS, OF_WEIGHTS]) {
    const [only, another] = beside(
      path,
      names.filter((name) => pattern.test(name)),
      2,
    );
    if (only !== undefined) return another === undefined ? only : null;
  }
  return null;
}

/** Of a folder of thousands of files not each is looked at for a sentence. */
export const MAX_NAMED = 100;

/** Names of the HDF5 files beside `path`, a topology, of which none is plainly that of its weights. */
export function hdf5Beside(path: string): string[] {
  const names = listFolder(dirname(path)).filter((name) => HDF5.test(name) && !SHARD.test(name));
  return beside(path, names, MAX_NAMED).map((other) => basename(other));
}

/** The file that says which layers a model has, in a folder that was saved as one; `null` for anything else. */
export function modelIn(path: string): string | null {
  if (!statOf(path)?.isDirectory()) return null;
  return (
    ['config.json', 'model.json', 'saved_model.pb']
      .map((name) => join(path, name))
      .find((file) => statOf(file) !== null) ?? null
  );
}

/** Those of `names` that are files in the folder of `path` and no links out of it, at most `count`. */
function beside(path: string, names: readonly string[], count = names.length): string[] {
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
      const json = parseJson(await configIn(file), path, 'its content');
      if (isTopology(json)) return holdsLayers(json) ? 'layers' : 'code';
      return isRecord(json) && json.modelTopology !== undefined ? 'layers' : null;
    } finally {
      file.close();
    }
  } catch {
    // A file that can't be read is none that could be offered.
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

/** Throws `weights-only`; where a topology lies beside the file, it offers to open that. @param otherwise the way out. */
export async function failWeightsOnly(path: string, otherwise: string): Promise<never> {
  const found = await kindsBeside(path);
  const topology = found.find(({ kind }) => kind === 'layers')?.path;
  const [code] = found;
  const remedy =
    code === undefined
      ? otherwise
      : `${basename(code.path)} beside it is a subclassed model, whose structure is Python code: rebuild it as a Functional or Sequential model and save that.`;
  return fail(
    'weights-only',
    `${basename(path)} holds only weights: it does not say which layers the model has.`,
    {
      subject: path,
      ...(topology === undefined
        ? { remedy }
        : { remedy: `Open ${basename(topology)} beside it.`, suggestion: { open: topology } }),
    },
  );
}
