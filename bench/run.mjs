/**
 * `npm run bench [-- --rounds N]`: the same work done by us and by plain Keras/TensorFlow (and tf-keras-vis, where it
 * is installed) in one run, on VGG16 with random weights. Whoever is measured takes turns, so that a busy machine is
 * busy for all. Prints its tables and writes them to docs/benchmarks.md.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, type as systemType, totalmem } from 'node:os';
import { join } from 'node:path';
import { build } from '../scripts/build.mjs';
import { cacheDir, inProject, isThere, main, run, say, Trouble } from '../scripts/lib.mjs';
import { startPeer } from './peer.mjs';
import { findPython } from './python.mjs';
import { methodSections, page } from './report.mjs';
import { startServer } from './server.mjs';

const MIN_ROUNDS = 5;
const WARM_UPS = 2;
const FIRST = 'block5_conv3';
/** Layers asked for next on the same input: the neighbour of the first one, and the last of the block before. */
const OTHERS = ['block5_conv2', 'block4_conv3'];

const folder = join(cacheDir, 'bench');
/** A production build of its own, as the VSIX has it: a rebuild of the clone does not disturb a run. */
const dist = join(folder, 'dist');
const imagePath = (i) => join(folder, `picture_${i}.png`);
const peerScript = inProject('bench/peer.py');

function rounds() {
  const at = process.argv.indexOf('--rounds');
  const given = at < 0 ? MIN_ROUNDS : Number(process.argv[at + 1]);
  if (!Number.isInteger(given) || given < MIN_ROUNDS)
    throw new Trouble(`--rounds takes a whole number, ${MIN_ROUNDS} or more.`);
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
      const result = await work();
      if (turn >= 0) results[name].push(result);
    }
  }
  return results;
}

function coldStart(times, python, model, backends) {
  const out = join(folder, 'map.png');
  const ours = (backend) => () =>
    measure(python, [
      ...[
        process.execPath,
        join(dist, 'cli.js'),
        'explain',
        model,
        '--input',
        imagePath(0),
        '--layer',
        FIRST,
      ],
      ...['--preprocess', '0..1', '--backend', backend, '--out', out],
    ]);
  return turns(times, {
    keras: () => measure(python, [python, peerScript, 'explain', model, imagePath(0), out]),
    ...Object.fromEntries(backends.map((backend) => [backend, ours(backend)])),
  });
}

function listing(times, python, model) {
  return turns(times, {
    keras: () => measure(python, [python, peerScript, 'list', model]),
    layerglass: () => measure(python, [process.execPath, join(dist, 'cli.js'), 'inspect', model, '--json']),
  });
}

/**
 * New inputs and other layers, everything loaded. Every round takes an image that nobody has seen.
 * @returns milliseconds by layer and contestant, and how far our raw maps are from Keras's
 */
async function warm(times, python, model, servers, hasVis) {
  const peer = startPeer(python, peerScript, model);
  const contestants = {
    keras: (image, layer) => peer.explain(image, layer, 'eager'),
    compiled: (image, layer) => peer.explain(image, layer, 'compiled'),
    ...(hasVis ? { vis: (image, layer) => peer.explain(image, layer, 'vis') } : {}),
  };
  for (const server of servers) {
    await server.open(model);
    contestants[server.backend] = server.explain;
  }
  const names = Object.keys(contestants);
  const layers = [FIRST, ...OTHERS];
  const results = Object.fromEntries(
    layers.map((layer) => [layer, Object.fromEntries(names.map((name) => [name, []]))]),
  );
  const farthest = Object.fromEntries(servers.map(({ backend }) => [backend, 0]));
  for (let round = -WARM_UPS; round < times; round++) {
    const image = imagePath(round + WARM_UPS);
    const maps = Object.fromEntries(layers.map((layer) => [layer, {}]));
    for (const [name, explain] of Object.entries(contestants)) {
      for (const layer of layers) {
        const { ms, map } = await explain(image, layer);
        if (round >= 0) results[layer][name].push(ms);
        maps[layer][name] = map;
      }
    }
    for (const layer of layers) {
      for (const { backend } of servers)
        farthest[backend] = Math.max(farthest[backend], distance(maps[layer][backend], maps[layer].keras));
    }
  }
  peer.stop();
  return { results, farthest };
}

/** Largest difference as a share of the largest value. */
function distance(ours, theirs) {
  if (ours.length !== theirs.length) throw new Trouble('The two sides made maps of different sizes.');
  const largest = theirs.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return ours.reduce((worst, value, i) => Math.max(worst, Math.abs(value - theirs[i])), 0) / largest;
}

/** Our servers, one for each of native and wasm that is really there. */
async function startServers() {
  const program = join(dist, 'server.js');
  const asked = ['native', 'wasm'];
  const started = await Promise.all(asked.map((backend) => startServer(program, backend)));
  return started.filter((server, i) => {
    if (server.backend === asked[i]) return true;
    say(`the ${asked[i]} backend is not there (npm run native sets it up); going on without it`);
    server.stop();
    return false;
  });
}

function describe(versions) {
  const processors = cpus();
  return {
    system: `${systemType()} ${release()}`,
    processor: `${processors[0]?.model ?? 'unknown'}, ${processors.length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    node: process.version,
    ...versions,
  };
}

await main(async () => {
  const times = rounds();
  const python = await findPython();
  // TensorFlow may greet on stderr, before or after.
  const said = run(python, [peerScript, 'versions']).split('\n');
  const versions = JSON.parse(said.find((line) => line.startsWith('{')) ?? '');
  const models = { keras: join(folder, 'vgg16.keras'), h5: join(folder, 'vgg16.h5') };
  if (![models.keras, models.h5, imagePath(times + WARM_UPS - 1)].every(isThere)) {
    say('making VGG16 with random weights (553 MB, twice) and images in the cache folder');
    mkdirSync(folder, { recursive: true });
    run(python, [inProject('bench/make_vgg16.py'), folder, String(times + WARM_UPS)], { show: true });
  }
  await build({ production: true, dist });
  // The build stands outside the clone, so it is told where the native backend is.
  process.env.LAYERGLASS_NATIVE ||= inProject('.native');
  const busyBefore = loadavg()[0];
  const servers = await startServers();
  try {
    say('warm: new inputs and other layers');
    const { results, farthest } = await warm(
      times,
      python,
      models.keras,
      servers,
      versions.tfKerasVis !== null,
    );
    const backends = servers.map((server) => server.backend);
    for (const server of servers) server.stop();
    say('listing the structure');
    const listings = {
      'vgg16.keras': await listing(times, python, models.keras),
      'vgg16.h5': await listing(times, python, models.h5),
    };
    say('cold start to a PNG');
    const cold = await coldStart(times, python, models.keras, backends);
    rmSync(join(folder, 'map.png'), { force: true });
    const text = page({
      rounds: times,
      machine: describe(versions),
      date: new Date().toISOString().slice(0, 10),
      busy: [busyBefore, loadavg()[0]],
      listings,
      cold,
      warm: results,
      first: FIRST,
      others: OTHERS,
      farthest,
    });
    const file = inProject('docs/benchmarks.md');
    writeFileSync(file, text + methodSections(readFileSync(file, 'utf8')));
    process.stdout.write(text);
  } finally {
    for (const server of servers) server.stop();
  }
});
