import { Failure } from '../../shared/errors';
import { openFile } from '../io/openFile';
import { countNeeded } from './arrays/arrayInput';
import { bytesNeeded } from './arrays/npy';
import type { InputSpec } from './loadedInput';

/** Headers are a few hundred bytes. */
const HEADER_BYTES = 4096;
const NPY = /\.npy$/i;

/**
 * Whether a file can be an input, as far as its first bytes say: an array of another shape cannot. Everything else may be one; what is
 * wrong with it is said when it is used.
 */
export function fitsInput(path: string, spec: InputSpec): boolean {
  if (!NPY.test(path)) return true;
  try {
    const file = openFile(path);
    try {
      const start = Buffer.alloc(Math.min(HEADER_BYTES, file.size));
      file.read(start, 0);
      bytesNeeded(start, file.size, path, (header) => {
        countNeeded(header, path, spec);
        return 0;
      });
      return true;
    } finally {
      file.close();
    }
  } catch (thrown) {
    return !(thrown instanceof Failure && thrown.error.kind === 'wrong-shape');
  }
}
