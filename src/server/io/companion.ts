import { basename, dirname, resolve, sep } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { type Advice, type OpenFile, openFile, realPathOf, statOf } from './openFile';

/**
 * Files that belong to a model and that the user did not choose: shards, indexes, settings, inputs that settings name.
 * An untrusted folder must not make Layerglass read other files of this machine: their real paths must be in the real folder
 * of the model, which is that of the opened path or, if the user opened a link, that of its target.
 */

/**
 * The real path of `path`, which is absolute or relative to the folder of `model`.
 * Throws `path-escape` in place outside the folder, links followed, and `file-not-found`.
 */
export function companionPath(model: string, path: string): string {
  const absolute = resolve(dirname(model), path);
  const real = realPathOf(absolute);
  if (real === null) {
    return fail(
      'file-not-found',
      l10n.t('{0}, which belongs to {1}, is missing.', basename(absolute), basename(model)),
      {
        remedy: l10n.t('Copy it beside {0} again.', basename(model)),
        subject: absolute,
      },
    );
  }
  if (!foldersOf(model).some((folder) => isInside(folder, real))) {
    return fail(
      'path-escape',
      l10n.t(
        '{0}, which belongs to {1}, is outside its folder, through a link; it is not read.',
        basename(absolute),
        basename(model),
      ),
      { remedy: l10n.t('Replace the link by the file itself.'), subject: absolute },
    );
  }
  return real;
}

/** Like `companionPath`, but `null` instead of an error, and for anything but a regular file. */
export function companionFile(model: string, path: string): string | null {
  const real = realPathOf(resolve(dirname(model), path));
  if (real === null || !foldersOf(model).some((folder) => isInside(folder, real))) return null;
  return statOf(real)?.isFile() ? real : null;
}

/** Whether `path` is in the folder of `model`, with the links of existing paths followed. */
export function isInModelFolder(model: string, path: string): boolean {
  const folder = dirname(resolve(model));
  const absolute = resolve(folder, path);
  const real = realPathOf(absolute);
  return real === null ? isInside(folder, absolute) : foldersOf(model).some((one) => isInside(one, real));
}

/** Opens a file that belongs to `model`. Throws like `companionPath` and `openFile`. */
export function openCompanion(model: string, path: string, advice?: Advice): OpenFile {
  return openFile(companionPath(model, path), advice);
}

/** Whether a real path is in a real folder. */
export function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function foldersOf(model: string): string[] {
  const opened = realPathOf(dirname(model));
  const real = statOf(model)?.isFile() ? realPathOf(model) : null;
  return [opened, real === null ? null : dirname(real)].filter((folder) => folder !== null);
}
