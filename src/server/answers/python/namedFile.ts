import { dirname, isAbsolute, resolve } from 'node:path';
import { isInside } from '../../io/companion';
import { realPathOf, statOf } from '../../io/openFile';

const MODEL_FILE = /\.(keras|h5|hdf5|json|pb)$/i;
/** As in `hover.ts`: merely looking up a path on another machine would make Windows sign in there. */
const REMOTE_PATH = /^[\\/]{2}/;

/**
 * The model file that code names, where it exists beside the code or under a folder of the workspace; `null` elsewhere. Links are
 * followed, and what they lead to must be there as well: code that is not trusted may name any file of this machine.
 * @param own path of the code; `null` for what is not a file
 */
export function namedFile(own: string | null, folders: readonly string[], name: string): string | null {
  if (REMOTE_PATH.test(name) || !MODEL_FILE.test(name)) return null;
  const places = [...(own === null ? [] : [dirname(own)]), ...folders];
  const real = places.map(realPathOf).filter((place) => place !== null);
  const candidates = isAbsolute(name) ? [resolve(name)] : places.map((place) => resolve(place, name));
  for (const path of candidates) {
    if (!places.some((place) => isInside(place, path))) continue;
    const target = realPathOf(path);
    const isThere = target !== null && real.some((place) => isInside(place, target));
    if (isThere && statOf(path)?.isFile()) return path;
  }
  return null;
}
