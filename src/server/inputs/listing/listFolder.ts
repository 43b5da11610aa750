import { basename, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { withoutExports } from '../../../shared/sources/exportedFiles';
import { folderEntries } from '../../io/folderEntries';
import { type Classes, classOf } from './trueClasses';

/** Names of one folder that are read. */
const MAX_NAMES = 50_000;
/** Folders in a folder that are looked at: more than any data set has classes. */
const MAX_FOLDERS = 2000;
const SKIPPED = new Set(['node_modules', '__pycache__']);
/** The folders of a SavedModel. */
const OF_MODEL = new Set(['assets', 'variables', 'fingerprint.pb']);
/** Files of names that lie beside models. */
const LABEL_NAMES = new Set(['labels.txt', 'class_names.txt']);

/** Files of a folder, with the class that the name of their folder says. */
export interface FolderFiles {
  readonly paths: readonly string[];
  readonly truth: number | null;
}

export interface FoundFolder {
  readonly files: readonly FolderFiles[];
  readonly notices: readonly string[];
}

const { compare } = new Intl.Collator('en', { numeric: true });

/**
 * The files of a folder and of the folders in it whose names have one of the extensions, as people count: first its own, then folder by folder.
 * A folder that is named as a class of the model says the class of its files. Without names, as many folders as the model has classes
 * are the classes in the order of their names, as `keras.utils.image_dataset_from_directory` takes them.
 *
 * @param isModels the folder of the model, of which only folders that are classes are looked at
 */
export async function listFolder(
  folder: string,
  extensions: ReadonlySet<string>,
  classes: Classes,
  isModels: boolean,
): Promise<FoundFolder> {
  const notices: string[] = [];
  const own = await folderEntries(folder, MAX_NAMES);
  if (own.isCut) notices.push(cutText(folder));
  const isSavedModel = own.files.includes('saved_model.pb');
  const names = own.folders.filter(
    (name) => !name.startsWith('.') && !SKIPPED.has(name) && !(isSavedModel && OF_MODEL.has(name)),
  );
  if (names.length > MAX_FOLDERS)
    notices.push(
      l10n.t(
        'Only {0} of the {1} folders in {2} are looked at.',
        MAX_FOLDERS,
        names.length,
        basename(folder),
      ),
    );
  const inside: { readonly name: string; readonly paths: readonly string[] }[] = [];
  for (const name of names.sort().slice(0, MAX_FOLDERS)) {
    const entries = await folderEntries(join(folder, name), MAX_NAMES);
    if (entries.isCut) notices.push(cutText(join(folder, name)));
    if (entries.files.includes('saved_model.pb')) continue;
    const paths = inputsIn(join(folder, name), entries.files, extensions);
    if (paths.length > 0) inside.push({ name, paths });
  }
  const truthOf = classFolders(
    inside.map(({ name }) => name),
    classes,
  );
  const shown = inside.filter(({ name }) => !isModels || truthOf(name) !== null);
  if (shown.length > 1 && shown.every(({ name }) => truthOf(name) === null)) {
    notices.push(
      l10n.t(
        'The folders in {0} are not named as classes of the model, so that they say nothing about what is true.',
        basename(folder),
      ),
    );
  }
  const byOrder = classes.names.length === 0 && shown.some(({ name }) => classOf(name, classes) === null);
  if (byOrder && shown.some(({ name }) => truthOf(name) !== null)) {
    notices.push(
      l10n.t(
        'The folders in {0} are taken as the classes in the order of their names, as Keras does.',
        basename(folder),
      ),
    );
  }
  return {
    files: [
      {
        paths: inputsIn(folder, own.files, extensions),
        truth: isModels ? null : classOf(basename(folder), classes),
      },
      ...shown.map(({ name, paths }) => ({ paths, truth: truthOf(name) })),
    ],
    notices,
  };
}

/** The class that a folder's name says. */
function classFolders(names: readonly string[], classes: Classes): (name: string) => number | null {
  const isByOrder =
    classes.names.length === 0 &&
    names.length === classes.count &&
    names.some((name) => classOf(name, classes) === null);
  // `names` are in the order of their code units, as in Python.
  return isByOrder ? (name) => names.indexOf(name) : (name) => classOf(name, classes);
}

function inputsIn(folder: string, names: readonly string[], extensions: ReadonlySet<string>): string[] {
  const wanted = names.filter(
    (name) =>
      !name.startsWith('.') &&
      !LABEL_NAMES.has(name.toLowerCase()) &&
      extensions.has(name.slice(name.lastIndexOf('.') + 1).toLowerCase()),
  );
  return withoutExports(wanted.sort(compare).map((name) => join(folder, name)));
}

const cutText = (folder: string): string =>
  l10n.t(
    '{0} holds more than {1} files; the others are not looked at.',
    basename(folder),
    MAX_NAMES.toLocaleString('en-US'),
  );
