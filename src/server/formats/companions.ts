import { basename, dirname, join } from 'node:path';
import { fail } from '../../shared/errors';
import { companionFile } from '../io/companion';
import { MAX_JSON_BYTES } from '../io/limits';
import { namesIn, openFile, readWhole, statOf } from '../io/openFile';
import { detect } from './detect';
import { isRecord, isTopology, parseJson } from './topology';

/** What the names of files that hold only weights end in. */
const WEIGHTS_ENDING = /(\.weights\.(h5|hdf5|json|bin)|_weights\.(h5|hdf5)|\.(h5|hdf5|bin))$/i;
const ONLY_WEIGHTS = /(\.weights|_weights|^weights)\.(h5|hdf5|json)$/i;
/** A shard of weights, which a `.weights.json` names. */
const SHARD = /_\d{5}\.weights\.h5$/i;

/**
 * The file beside `path`, a file of weights, that says which layers the model has: of the same name, or one that such
 * files are called; `null` when there is none.
 */
export function topologyBeside(path: string): string | null {
  const stem = basename(path).replace(WEIGHTS_ENDING, '');
  const names = [
    `${stem}.keras`,
    `${stem}.json`,
    `${stem}_architecture.json`,
    ...['model.json', 'config.json', 'architecture.json', 'topology.json', 'model.keras'],
  ];
  return beside(path, names).find(holdsTopology) ?? null;
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
  const others = namesIn(dirname(path)).filter((name) => ONLY_WEIGHTS.test(name) && !SHARD.test(name));
  const [only, ...more] = beside(path, others);
  return more.length === 0 ? (only ?? null) : null;
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

/** Those of `names` that are files in the folder of `path` and no links out of it. */
function beside(path: string, names: readonly string[]): string[] {
  return names
    .filter((name) => name !== basename(path) && companionFile(path, name) !== null)
    .map((name) => join(dirname(path), name));
}

function holdsTopology(path: string): boolean {
  try {
    const file = openFile(path);
    try {
      if (detect(file) !== 'json') return detect(file) === 'zip';
      const json = parseJson(new TextDecoder().decode(readWhole(file, MAX_JSON_BYTES)), path, 'its content');
      return isTopology(json) || (isRecord(json) && json.modelTopology !== undefined);
    } finally {
      file.close();
    }
  } catch {
    // A file that can't be read is none that could be offered.
    return false;
  }
}

/** Throws `weights-only`; where a topology lies beside the file, it offers to open that. @param otherwise the way out. */
export function failWeightsOnly(path: string, otherwise: string): never {
  const topology = topologyBeside(path);
  fail('weights-only', `${basename(path)} holds only weights: it does not say which layers the model has.`, {
    subject: path,
    ...(topology === null
      ? { remedy: otherwise }
      : { remedy: `Open ${basename(topology)} beside it.`, suggestion: { open: topology } }),
  });
}
