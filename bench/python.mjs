/** The Python that plays the peer: LAYERGLASS_PYTHON, else a virtual environment made once under the cache folder. */
import { join } from 'node:path';
import { cached } from '../scripts/cached.mjs';
import { isThere, isWindows, run, say, Trouble, which } from '../scripts/lib.mjs';

const PACKAGES = ['tensorflow==2.21.0', 'keras==3.15.1', 'pillow'];
const NAME = 'bench-python-tensorflow-2.21.0-keras-3.15.1';

/** @returns {Promise<string>} path of a Python that has TensorFlow, Keras and Pillow */
export async function findPython() {
  const given = process.env.LAYERGLASS_PYTHON;
  if (given) {
    if (!isThere(given)) throw new Trouble(`LAYERGLASS_PYTHON names ${given}, which is not there.`);
    return given;
  }
  const base = which('python3.11') ?? which('python3') ?? which('python');
  if (!base)
    throw new Trouble('The benchmark needs Python 3.10 or newer: install it or set LAYERGLASS_PYTHON.');
  const { folder } = await cached(NAME, async (workshop) => {
    say('installing TensorFlow and Keras into a virtual environment of the benchmark (once)');
    // A virtual environment knows its own path, so it stands where it will be used and not in the workshop.
    const home = `${join(workshop, '..', NAME)}-env`;
    run(base, ['-m', 'venv', '--clear', home], { show: true });
    run(programIn(home), ['-m', 'pip', 'install', '--quiet', '--retries', '0', ...PACKAGES], { show: true });
    return { home };
  });
  return programIn(`${folder}-env`);
}

const programIn = (home) => join(home, ...(isWindows ? ['Scripts', 'python.exe'] : ['bin', 'python']));
