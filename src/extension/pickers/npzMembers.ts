import { openPromise } from 'yauzl';

/** More arrays than this nobody chooses from; the rest is left out. */
const MAX_MEMBERS = 1000;

/**
 * The names of the arrays in an `.npz` file, as `numpy.load(path).files` gives them. Reads the archive's
 * directory only. A file that cannot be read has none: the server says why when it is used.
 */
export async function npzMembers(path: string): Promise<readonly string[]> {
  try {
    const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
    try {
      const names: string[] = [];
      for await (const { fileName } of zip.eachEntry()) {
        if (fileName.endsWith('.npy')) names.push(fileName.slice(0, -'.npy'.length));
        if (names.length === MAX_MEMBERS) break;
      }
      return names;
    } finally {
      zip.close();
    }
  } catch {
    return [];
  }
}
