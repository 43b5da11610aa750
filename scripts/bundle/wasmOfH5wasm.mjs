/**
 * An esbuild plugin: h5wasm carries its 4 MB of WebAssembly inside a JavaScript string, which every start of the command
 * line would read and scan, also for files that are no HDF5. It is taken out into a file of its own, read when needed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { Trouble } from '../lib.mjs';

const FILE = 'h5wasm.wasm';
const HEAD = 'function findWasmBinary(){return binaryDecode(';
const TAIL = ')}';

/** @param {string} wasmFolder where the `.wasm` file goes; the bundle looks for it in `wasm/` beside itself */
export function wasmOfH5wasm(wasmFolder) {
  return {
    name: 'wasm-of-h5wasm',
    setup(build) {
      build.onLoad({ filter: /h5wasm[\\/]dist[\\/]esm[\\/]hdf5_util\.js$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const start = source.indexOf(HEAD);
        const quote = source[start + HEAD.length];
        const end = source.indexOf(quote + TAIL, start + HEAD.length + 1);
        if (start < 0 || end < 0)
          throw new Trouble(`${path} does not hold its WebAssembly where it used to.`);
        const literal = source.slice(start + HEAD.length, end + 1);
        // As its own binaryDecode: NUL is written as U+0100, so that the text has no zero bytes.
        const text = runInNewContext(literal);
        const bytes = Uint8Array.from(text, (letter) => (~letter.charCodeAt(0) >> 8) & letter.charCodeAt(0));
        if (!WebAssembly.validate(bytes))
          throw new Trouble(`The WebAssembly in ${path} could not be taken out.`);
        mkdirSync(wasmFolder, { recursive: true });
        writeFileSync(join(wasmFolder, FILE), bytes);
        const read = `function findWasmBinary(){return new Uint8Array(require('node:fs').readFileSync(require('node:path').join(__dirname,'wasm','${FILE}')))}`;
        return {
          contents: source.slice(0, start) + read + source.slice(end + 1 + TAIL.length),
          loader: 'js',
        };
      });
    },
  };
}
