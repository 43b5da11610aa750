import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { fail } from '../../shared/errors';
import { isInside } from '../io/companion';
import { realPathOf, statOf } from '../io/openFile';

/**
 * The folders that tools may read: those that a user opened or named. A language model chooses the paths, and what it read before may
 * have told it which, so that nothing outside is opened or even looked for: whether a file there exists is not told.
 */
export class Roots {
  /** Real paths. */
  private readonly folders: readonly string[];

  /** @param folders absolute paths; those that do not exist are left out. */
  constructor(folders: readonly string[]) {
    this.folders = [
      ...new Set(folders.map((folder) => realPathOf(folder)).filter((folder) => folder !== null)),
    ];
  }

  /**
   * The real path, links followed, of a file or folder inside one of the roots. A relative path starts at the first root that has it.
   * @throws Failure `path-escape`.
   */
  inside(path: string): string {
    const [first] = this.folders;
    const beside = isAbsolute(path)
      ? undefined
      : this.folders.find((folder) => statOf(resolve(folder, path)) !== null);
    const real = realOf(resolve(beside ?? first ?? '/', path));
    if (this.folders.some((folder) => real === folder || isInside(folder, real))) return real;
    return fail('path-escape', `${path} is outside the folders that may be read.`, {
      subject: path,
      remedy:
        first === undefined
          ? 'No folder is open: ask the user to open one.'
          : `These are: ${this.folders.join(', ')}. Ask the user to open or name the folder of the file.`,
    });
  }
}

/** The real path of what exists; of what does not, that of the deepest folder above it that does. */
function realOf(path: string): string {
  const real = realPathOf(path);
  if (real !== null) return real;
  const parent = dirname(path);
  return parent === path ? path : join(realOf(parent), basename(path));
}
