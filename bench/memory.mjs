/**
 * `node bench/memory.mjs [--backend onnx] [--others 20]`: whether memory returns. VGG16 is open and explained while other networks are
 * opened, explained and closed, each from a file of its own; then the resident memory of the server's compute process is compared
 * with that before. Linux only; written to docs/benchmarks.md.
 */
import { execFileSync } from 'node:child_process';
import { linkSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { main, say } from '../scripts/lib.mjs';
import { buildProduct, commit, dist, folder, machine, prepare } from './networks.mjs';
import { findPython } from './peer.mjs';
import { table, writeSection } from './report.mjs';
import { connect } from './server.mjs';

const OTHERS = ['MobileNetV2', 'ResNet50', 'EfficientNetV2B0', 'GRU'];
/** A model that is no longer referenced stays open for ten seconds. */
const LINGER_MS = 15_000;

/** The next question is prepared by then. */
const IDLE_MS = 2000;

/** MiB of the compute process of the server that was built in `dist`. */
function residentMemory() {
  const lines = execFileSync('ps', ['-eo', 'rss=,args='], { encoding: 'utf8' }).split('\n');
  const own = lines.filter((line) => line.includes(join(dist, 'server.js')) && line.includes('--compute'));
  return Math.round(Math.max(...own.map((line) => Number.parseInt(line, 10))) / 1024);
}

await main(async () => {
  const { values } = parseArgs({
    options: {
      backend: { type: 'string', default: 'onnx' },
      others: { type: 'string', default: '20' },
    },
  });
  const python = await findPython();
  const large = prepare(python, 'VGG16', 1).model;
  const networks = OTHERS.map((name) => prepare(python, name, 1).model);
  await buildProduct();
  const copies = mkdtempSync(join(folder, 'copies-'));
  const { ask, stop } = await connect(join(dist, 'server.js'), values.backend);
  const open = async (path) => (await ask('layerglass/openModel', { path })).modelId;
  const explain = (modelId) =>
    ask('layerglass/explain', {
      ...{ modelId, inputs: [{ kind: 'random', seed: 1 }], preprocessing: { name: 'none' }, insist: true },
      ...{ method: 'saliency', layer: 'auto', target: { index: 'auto', score: 'logit' } },
    });
  try {
    const kept = await open(large);
    await explain(kept);
    // What another question about it would need is computed when nobody asks.
    await wait(IDLE_MS);
    const before = residentMemory();
    let most = before;
    for (let i = 0; i < Number(values.others); i++) {
      const path = join(copies, `${i}.keras`);
      linkSync(networks[i % networks.length], path);
      const modelId = await open(path);
      await explain(modelId);
      await ask('layerglass/closeModel', { modelId });
      await explain(kept);
      most = Math.max(most, residentMemory());
      say(`${i + 1} others: ${residentMemory()} MiB`);
    }
    await wait(LINGER_MS);
    await explain(kept);
    await wait(IDLE_MS);
    const row = [values.backend, values.others, before, most, residentMemory()].map(String);
    const head = ['Backend', 'others', 'before, MiB', 'most, MiB', 'after, MiB'];
    process.stdout.write(`${row.join('\t')}\n`);
    writeSection(
      `memory ${values.backend}`,
      `## Memory returns: ${values.backend}

VGG16 (528 MiB) stays open and is explained after each of the others (${OTHERS.join(', ')} in turn), which are opened, explained and closed.
Written by \`node bench/memory.mjs\` on ${new Date().toISOString().slice(0, 10)}, commit ${commit()}: ${machine()}.

${table(head, [row])}`,
    );
  } finally {
    await stop();
    rmSync(copies, { recursive: true });
  }
});
