import { dirname, isAbsolute, resolve } from 'node:path';
import { isInside } from '../../io/companion';
import { realPathOf, statOf } from '../../io/openFile';

const MODEL_FILE = /\.(keras|h5|hdf5|json|pb)$/i;
/**
 * A path on another machine (`\\server\share`, `//server/share`) or a device (`\\.\pipe\x`), with slashes of either kind:
 * merely looking it up would make Windows sign in to that server.
 */
const REMOTE_PATH = /^[\\/]{2}/;

/**
 * The model file that code names, where it exists beside the code or under a folder of the workspace; `null` elsewhere. A relative
 * name is looked up beside the code, in the folders around it up to that of the workspace, and in the workspace's others. Links are
 * followed, and what they lead to must be there as well: code that is not trusted may name any file of this machine.
 * @param own path of the code; `null` for what is not a file
 */
export function namedFile(own: string | null, folders: readonly string[], name: string): string | null {
  if (REMOTE_PATH.test(name) || !MODEL_FILE.test(name)) return null;
  const around = own === null ? [] : foldersAround(dirname(own), folders);
  const places = [...around, ...folders];
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

/** A folder, and those around it that are under a folder of the workspace. */
function foldersAround(folder: string, workspace: readonly string[]): string[] {
  const outer = dirname(folder);
  const goesOn = outer !== folder && workspace.some((one) => isInside(one, outer));
  return [folder, ...(goesOn ? foldersAround(outer, workspace) : [])];
}
