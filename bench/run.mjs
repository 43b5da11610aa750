/**
 * `npm run bench [-- --rounds N]`: the same work done by us and by plain Keras/TensorFlow in one run, on VGG16 with
 * random weights. Whoever is measured takes turns, so that a busy machine is busy for all. Prints a table and writes
 * it to docs/benchmarks.md.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, type as systemType, totalmem } from 'node:os';
import { join } from 'node:path';
import { cacheDir, inProject, isThere, main, run, say, Trouble } from '../scripts/lib.mjs';
import { startPeer } from './peer.mjs';
import { findPython } from './python.mjs';
import { page } from './report.mjs';
import { startServer } from './server.mjs';

const LEAST_ROUNDS = 5;
const WARM_UPS = 2;
const FIRST = 'block5_conv3';
/** Layers asked for on the same input, each a fresh one: next to the first one, and the last of the block before. */
const OTHERS = ['block5_conv2', 'block4_conv3'];

const folder = join(cacheDir, 'bench');
const picture = (i) => join(folder, `picture_${i}.png`);
const cli = inProject('dist/cli.js');

function rounds() {
  const at = process.argv.indexOf('--rounds');
  const given = at < 0 ? LEAST_ROUNDS : Number(process.argv[at + 1]);
  if (!Number.isInteger(given) || given < LEAST_ROUNDS)
    throw new Trouble(`--rounds takes a whole number, ${LEAST_ROUNDS} or more.`);
  return given;
}

/** What one run of a program took: { wall, cpu } in seconds, { peak } in MB. */
const measure = (python, command) =>
  JSON.parse(run(python, [inProject('bench/measure.py'), ...command]).trim());

/** `times` turns of every contestant, one after the other; a first turn of each is thrown away (page cache). */
async function turns(times, contestants) {
  const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let turn = -1; turn < times; turn++) {
    for (const [name, work] of Object.entries(contestants)) {
      const result = await work(turn);
      if (turn >= 0) results[name].push(result);
    }
  }
  return results;
}

function coldStart(times, python, model) {
  const out = join(folder, 'map.png');
  const ours = (backend) => () =>
    measure(python, [
      ...[process.execPath, cli, 'explain', model, '--input', picture(0), '--layer', FIRST],
      ...['--preprocess', '0..1', '--backend', backend, '--out', out],
    ]);
  return turns(times, {
    keras: () => measure(python, [python, inProject('bench/peer.py'), 'explain', model, picture(0), out]),
    native: ours('native'),
    wasm: ours('wasm'),
  });
}

function listing(times, python, model) {
  return turns(times, {
    keras: () => measure(python, [python, inProject('bench/peer.py'), 'list', model]),
    layerglass: () => measure(python, [process.execPath, cli, 'inspect', model, '--json']),
  });
}

/**
 * New inputs and other layers, everything loaded. Every round takes a picture that nobody has seen.
 * @returns milliseconds by layer and contestant, and how far our raw maps are from Keras's
 */
async function warm(times, python, model) {
  const peer = startPeer(python, model);
  const native = await startServer('native', model);
  const wasm = await startServer('wasm', model);
  const contestants = {
    keras: (image, layer) => peer.explain(image, layer, false),
    compiled: (image, layer) => peer.explain(image, layer, true),
    native: native.explain,
    wasm: wasm.explain,
  };
  const layers = [FIRST, ...OTHERS];
  const results = Object.fromEntries(
    layers.map((layer) => [layer, Object.fromEntries(Object.keys(contestants).map((name) => [name, []]))]),
  );
  let farthest = 0;
  try {
    for (let round = -WARM_UPS; round < times; round++) {
      const image = picture(round + WARM_UPS);
      const maps = Object.fromEntries(layers.map((layer) => [layer, {}]));
      for (const [name, explain] of Object.entries(contestants)) {
        for (const layer of layers) {
          const { ms, map } = await explain(image, layer);
          if (round >= 0) results[layer][name].push(ms);
          maps[layer][name] = map;
        }
      }
      for (const layer of layers) {
        for (const name of ['native', 'wasm'])
          farthest = Math.max(farthest, distance(maps[layer][name], maps[layer].keras));
      }
    }
  } finally {
    peer.stop();
    native.stop();
    wasm.stop();
  }
  return { results, farthest };
}

/** Largest difference as a share of the largest value. */
function distance(ours, theirs) {
  if (ours.length !== theirs.length) throw new Trouble('The two sides made maps of different sizes.');
  const largest = theirs.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return ours.reduce((worst, value, i) => Math.max(worst, Math.abs(value - theirs[i])), 0) / largest;
}

function machine(python) {
  const processors = cpus();
  return {
    system: `${systemType()} ${release()}`,
    processor: `${processors[0]?.model ?? 'unknown'}, ${processors.length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    node: process.version,
    ...JSON.parse(
      run(python, [inProject('bench/peer.py'), 'versions'])
        .trim()
        .split('\n')
        .at(-1),
    ),
  };
}

await main(async () => {
  const times = rounds();
  if (!isThere(cli)) run(process.execPath, [inProject('scripts/build.mjs')], { show: true });
  const python = await findPython();
  const models = { keras: join(folder, 'vgg16.keras'), h5: join(folder, 'vgg16.h5') };
  const needed = [models.keras, models.h5, picture(times + WARM_UPS - 1)];
  if (!needed.every(isThere)) {
    say('making VGG16 with random weights (553 MB, twice) and pictures in the cache folder');
    mkdirSync(folder, { recursive: true });
    run(python, [inProject('bench/make_vgg16.py'), folder, String(times + WARM_UPS)], { show: true });
  }
  const busyBefore = loadavg()[0];
  say('listing the structure');
  const listings = {
    keras: await listing(times, python, models.keras),
    h5: await listing(times, python, models.h5),
  };
  say('cold start to a PNG');
  const cold = await coldStart(times, python, models.keras);
  say('warm: new inputs and other layers');
  const { results, farthest } = await warm(times, python, models.keras);
  rmSync(join(folder, 'map.png'), { force: true });
  const text = page({
    times,
    machine: machine(python),
    date: new Date().toISOString().slice(0, 10),
    busy: [busyBefore, loadavg()[0]],
    listings,
    cold,
    warm: results,
    first: FIRST,
    others: OTHERS,
    farthest,
  });
  writeFileSync(inProject('docs/benchmarks.md'), text);
  process.stdout.write(text);
});
