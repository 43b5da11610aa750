/**
 * `node bench/coldStart.mjs [--rounds N] [--backend wasm] [--threads N] [--pause MS] [dist ...]`: how long a new server takes to its first
 * explanation (sample 4), and the next ones. Several builds take turns, so that a busy machine is busy for all. Without a
 * `dist`, a production build of this clone. Prints medians and the
 * least; nothing is written.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inProject, main, Trouble } from '../scripts/lib.mjs';
import { buildProduct, dist } from './networks.mjs';
import { median } from './report.mjs';
import { connect } from './server.mjs';

const MIN_ROUNDS = 7;
const NEXT = 9;
const sample = (name) => inProject('samples', '4-cat-or-dog', name);

/** @returns milliseconds: from the start to each answer, and of the next explanations */
async function once(program, { backend, threads, pause }) {
  const start = performance.now();
  const since = () => performance.now() - start;
  const { ask, stop } = await connect(program, backend, threads);
  try {
    const initialized = since();
    const { modelId, layers } = await ask('layerglass/openModel', { path: sample('cat-or-dog.keras') });
    const opened = since();
    const explain = async (input, knownInput) => {
      const before = performance.now();
      const { inputKey } = await ask('layerglass/explain', {
        modelId,
        inputs: [input],
        knownInput,
        preprocessing: { name: '0..1' },
        method: 'grad-cam',
        layer: layers.defaultLayer,
        target: { index: 'auto', score: 'logit' },
      });
      return { ms: performance.now() - before, inputKey };
    };
    await new Promise((done) => setTimeout(done, pause));
    const cat = { kind: 'file', path: sample('cat.png') };
    const { ms: first, inputKey } = await explain(cat);
    const explained = since() - pause;
    const other = [];
    const again = [];
    for (let seed = 1; seed <= NEXT; seed++) other.push((await explain({ kind: 'random', seed })).ms);
    for (let i = 0; i < NEXT; i++) again.push((await explain(cat, inputKey)).ms);
    return {
      'start to initialized': initialized,
      'start to model opened': opened,
      'start to first explanation': explained,
      'first explanation': first,
      'new input': median(other),
      'same input': median(again),
    };
  } finally {
    await stop();
  }
}

/** Bytes of the files right in a folder, by name. */
const sizes = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ name, bytes: statSync(join(folder, name)).size }));

const asMegabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '11' },
      backend: { type: 'string', default: 'wasm' },
      threads: { type: 'string', default: '0' },
      // Between the model and the first question: a page takes about half a second to load.
      pause: { type: 'string', default: '0' },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < MIN_ROUNDS)
    throw new Trouble(`--rounds takes a whole number, ${MIN_ROUNDS} or more.`);
  if (positionals.length === 0) await buildProduct();
  const folders = positionals.length === 0 ? [dist] : positionals.map((folder) => resolve(folder));
  const results = folders.map(() => []);
  // The first round fills the page cache.
  for (let round = -1; round < rounds; round++) {
    for (const [i, folder] of folders.entries()) {
      const result = await once(join(folder, 'server.js'), {
        backend: values.backend,
        threads: Number(values.threads),
        pause: Number(values.pause),
      });
      if (round >= 0) results[i].push(result);
    }
  }
  for (const [i, folder] of folders.entries()) {
    const files = sizes(folder);
    const sum = files.reduce((total, { bytes }) => total + bytes, 0);
    console.log(`${folder}: ${asMegabytes(sum)}`);
    for (const { name, bytes } of files) console.log(`  ${name}  ${asMegabytes(bytes)}`);
    for (const name of Object.keys(results[i][0])) {
      const times = results[i].map((result) => result[name]);
      console.log(`  ${name}: ${median(times).toFixed(1)} ms, at least ${Math.min(...times).toFixed(1)} ms`);
    }
  }
});
