import { openPromise } from 'yauzl';

/** More arrays than this are not offered. */
const MAX_MEMBERS = 1000;

/**
 * The names of the arrays in an `.npz` file, as in `numpy.load(path).files`. Reads only the archive's directory. Empty for a
 * file that cannot be read: the server reports the reason when the file is used.
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
