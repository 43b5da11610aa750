/** The Python that the benchmarks compare with, and its processes. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cached } from '../scripts/cached.mjs';
import { isThere, isWindows, run, say, Trouble, which } from '../scripts/lib.mjs';

const PACKAGES = ['tensorflow==2.21.0', 'keras==3.15.1', 'pillow'];
const NAME = 'bench-python-tensorflow-2.21.0-keras-3.15.1';
/** Of what it writes to stderr; TensorFlow greets there. */
const MAX_SAID = 4000;

/** @returns {Promise<string>} path of a Python that has TensorFlow, Keras and Pillow: LAYERGLASS_PYTHON, else one made once in the cache folder */
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

/**
 * Loads a model into one Python process.
 * @param {string} script path of peer.py or methods_peer.py, whose `serve` states the questions and the answers
 * @returns {{ ask(question: object): Promise<any>, stop(): Promise<void> }}
 */
export function startPeer(python, script, model) {
  const child = spawn(python, [script, 'serve', model], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-MAX_SAID);
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  // A process that ended is noticed by its missing answer.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Trouble(`The Python peer ended before it answered:\n${said}`);
      return JSON.parse(value);
    },
    /** Until it is gone: it would take memory and time from what comes next. */
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Numbers out of float32 in base64. */
export const floats = (text) => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
