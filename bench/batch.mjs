/**
 * `node bench/batch.mjs [--images 5000] [--backend onnx]`: `layerglass batch` on MobileNetV2 beside batched Keras (`batch_peer.py`), which neither
 * draws nor writes. A quarter, half and all of the images show how time and memory grow with their number, one of eight parts what a task of a
 * cluster takes; then a batch is killed midway and goes on. Images are made by seed in the cache folder. Linux only; written to docs/benchmarks.md.
 */
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inProject, main, run, say, Trouble } from '../scripts/lib.mjs';
import { buildProduct, commit, dist, folder, machine, NETWORKS, prepare } from './networks.mjs';
import { findPython } from './peer.mjs';
import { table, writeSection } from './report.mjs';

const NETWORK = 'MobileNetV2';
const PARTS = 8;
const PACE_MS = 50;

/** MiB that a process has had at most; null where it has ended. */
function peakOf(pid) {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    return null;
  }
}

const rowsIn = (out) => {
  try {
    return readFileSync(join(out, 'rows.jsonl'), 'utf8').split('\n').length - 2;
  } catch {
    return 0;
  }
};

/**
 * Runs the command to its end, or kills it when `killAt` rows are on disk.
 * @returns {Promise<{ seconds: number, peak: number }>} from start to end, and MiB
 */
async function batch(args, killAt = null, out = '') {
  const start = performance.now();
  const child = spawn(process.execPath, [join(dist, 'cli.js'), 'batch', ...args], { stdio: 'ignore' });
  let peak = 0;
  const timer = setInterval(() => {
    peak = peakOf(child.pid) ?? peak;
    if (killAt !== null && rowsIn(out) >= killAt) child.kill('SIGKILL');
  }, PACE_MS);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(timer);
  if (killAt === null && code !== 0) throw new Trouble(`batch ended with exit code ${code}.`);
  return { seconds: (performance.now() - start) / 1000, peak };
}

await main(async () => {
  const { values } = parseArgs({
    options: { images: { type: 'string', default: '5000' }, backend: { type: 'string', default: 'onnx' } },
  });
  const count = Number(values.images);
  if (!Number.isInteger(count) || count < PARTS * 4)
    throw new Trouble(`--images takes a whole number from ${PARTS * 4}.`);
  const python = await findPython();
  const { model, input } = prepare(python, NETWORK, count);
  await buildProduct();
  const work = mkdtempSync(join(folder, 'batch-'));
  const loadBefore = loadavg()[0];
  try {
    const counts = [Math.floor(count / 4), Math.floor(count / 2), count];
    for (const some of counts) {
      mkdirSync(join(work, String(some)));
      for (let i = 0; i < some; i++) linkSync(input(i), join(work, String(some), `${i}.png`));
    }
    const common = ['--preprocess', '0..1', '--backend', values.backend];
    const of = (some, out, ...more) => [
      ...[model, '--input', join(work, String(some)), '--out', join(work, out), ...common, ...more],
    ];
    const measured = { maps: [], none: [] };
    for (const some of counts) {
      for (const [kind, more] of [
        ['maps', ['--method', 'grad-cam']],
        ['none', ['--method', 'none']],
      ]) {
        say(`${some} images, ${kind}`);
        measured[kind].push(await batch(of(some, `${kind}-${some}`, ...more)));
      }
    }
    /** Images per second once everything is loaded: of those that all have more than a half. */
    const rate = ([, half, all]) => {
      if (all.seconds > half.seconds) return (counts[2] - counts[1]) / (all.seconds - half.seconds);
      throw new Trouble(
        'All images took no longer than half of them: the machine was not quiet, or they were too few.',
      );
    };
    say(`one of ${PARTS} parts`);
    const part = await batch(of(count, 'parts', '--method', 'grad-cam', '--shard', `1/${PARTS}`));
    say('killed and resumed');
    const killed = join(work, 'killed');
    await batch(of(count, 'killed', '--method', 'grad-cam'), Math.floor(count / 2), killed);
    const kept = rowsIn(killed);
    const resumed = await batch(of(count, 'killed', '--method', 'grad-cam', '--resume'));
    const csv = (out) => readFileSync(join(work, out, 'predictions.csv'), 'utf8');
    const isEqual = csv('killed') === csv(`maps-${count}`);
    say('Keras');
    const told = run(python, [
      ...[inProject('bench/batch_peer.py'), model, NETWORKS[NETWORK].layer],
      ...[join(work, String(count)), String(count)],
    ]);
    // TensorFlow greets on stderr.
    const keras = JSON.parse(told.split('\n').find((line) => line.startsWith('{')) ?? '');
    const ours = { maps: rate(measured.maps), none: rate(measured.none) };
    const text = `## Many inputs

Written by \`node bench/batch.mjs --images ${count}\` on ${new Date().toISOString().slice(0, 10)}, commit ${commit()}, backend ${values.backend}: ${machine()}, load average at start and end ${loadBefore.toFixed(1)} and ${loadavg()[0].toFixed(1)}.

\`layerglass batch\` on ${count} images of 224 x 224 with MobileNetV2. Ours draws and writes three pictures for each image (one without a method), Keras decodes and computes only.

${table(
  ['images per second', 'ours', 'Keras', 'ours / Keras'],
  [
    [
      'predictions (`predict`, batches of 32)',
      ours.none.toFixed(1),
      keras.predict.toFixed(1),
      `${(ours.none / keras.predict).toFixed(2)}x`,
    ],
    [
      'predictions, then Grad-CAM, compiled, batches of 32',
      ours.maps.toFixed(1),
      keras.then.toFixed(1),
      `${(ours.maps / keras.then).toFixed(2)}x`,
    ],
    [
      'both in one pass',
      ours.maps.toFixed(1),
      keras.one.toFixed(1),
      `${(ours.maps / keras.one).toFixed(2)}x`,
    ],
  ],
)}

${table(
  ['images', 'Grad-CAM, s', 'peak memory, MiB', 'predictions alone, s', 'peak memory, MiB'],
  [
    ...counts.map((some, i) => [
      String(some),
      measured.maps[i].seconds.toFixed(1),
      String(measured.maps[i].peak),
      measured.none[i].seconds.toFixed(1),
      String(measured.none[i].peak),
    ]),
    [`one of ${PARTS} parts of ${count}`, part.seconds.toFixed(1), String(part.peak), '', ''],
  ],
)}

Keras's peak is ${keras.peak} MiB. Killed with ${kept} of ${count} rows on disk, the batch went on in ${resumed.seconds.toFixed(1)} s, and its table is ${isEqual ? '' : 'not '}that of one that was not killed.
`;
    writeSection('batch', text);
    process.stdout.write(text);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
