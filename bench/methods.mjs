/**
 * `node bench/methods.mjs [--network VGG16] [--size 224] [--rounds 5] [--method ID ...] [--backend native ...] [--threads N] [--option samples=64 ...]`:
 * the time of each explanation method beside plain Keras (`methods_peer.py`) in one run, everything loaded. All take turns on images that
 * nobody has seen. Keras runs the model as often as we did. Prints a table of medians and ratios and writes it to docs/benchmarks.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { cacheDir, inProject, isThere, main, run, say, Trouble } from '../scripts/lib.mjs';
import { startPeer } from './peer.mjs';
import { findPython } from './python.mjs';
import { median, ms, ratio, table, withSection } from './report.mjs';
import { startServer } from './server.mjs';

/** The last layer with height and width that is no pooling. */
const NETWORKS = { VGG16: 'block5_conv3', MobileNetV2: 'out_relu' };
const WARM_UPS = 1;
/** At most. */
const METHODS = 30;
const folder = join(cacheDir, 'bench');
const script = inProject('bench/methods_peer.py');
const imagePath = (i) => join(folder, `picture_${i}.png`);

/** Milliseconds of each contestant by round, and the forward passes; null where the method is not for this network. */
async function measure({ method, options, images }, layer, rounds, peer, servers) {
  const times = { keras: [], ...Object.fromEntries(servers.map(({ backend }) => [backend, []])) };
  let passes = 0;
  for (let round = -WARM_UPS; round < rounds; round++) {
    const image = images[round + WARM_UPS];
    for (const { backend, explain } of servers) {
      const answer = await explain(image, layer, method, options);
      ({ passes } = answer);
      if (round >= 0) times[backend].push(answer.ms);
    }
    const { ms: theirs } = await peer.explain(image, layer, method, passes);
    if (round >= 0) times.keras.push(theirs);
  }
  return { times, passes };
}

function rowOf(method, { times, passes }, backends) {
  const keras = median(times.keras);
  const isCompared = keras >= 0;
  return [
    method,
    String(passes),
    isCompared ? ms(keras) : '',
    ...backends.map((backend) => ms(median(times[backend]))),
    ...backends.map((backend) => (isCompared ? ratio(keras, median(times[backend])) : '')),
  ];
}

await main(async () => {
  const { values } = parseArgs({
    options: {
      network: { type: 'string', default: 'VGG16' },
      size: { type: 'string', default: '224' },
      rounds: { type: 'string', default: '5' },
      method: { type: 'string', multiple: true },
      backend: { type: 'string', multiple: true, default: ['native', 'wasm'] },
      threads: { type: 'string', default: '0' },
      option: { type: 'string', multiple: true, default: [] },
    },
  });
  const rounds = Number(values.rounds);
  const layer = NETWORKS[values.network];
  if (layer === undefined) throw new Trouble(`--network takes ${Object.keys(NETWORKS).join(' or ')}.`);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Trouble('--rounds takes a whole number from 1.');
  const python = await findPython();
  const model = join(folder, `${values.network}-${values.size}.keras`);
  const perMethod = rounds + WARM_UPS;
  if (![model, imagePath(perMethod * METHODS - 1)].every(isThere)) {
    say(`making ${values.network} with random weights and images in the cache folder`);
    mkdirSync(folder, { recursive: true });
    run(python, [script, 'make', values.network, values.size, folder, String(perMethod * METHODS)]);
  }
  const dist = join(folder, 'dist');
  await build({ production: true, dist });
  process.env.LAYERGLASS_NATIVE ||= inProject('.native');
  const listed = JSON.parse(
    execFileSync(process.execPath, [join(dist, 'cli.js'), 'methods', '--json'], { encoding: 'utf8' }),
  );
  const methods = listed.filter(({ id }) => values.method?.includes(id) ?? true);
  const given = values.option.map((text) => text.split('='));
  const servers = [];
  const peer = startPeer(python, script, model);
  const busy = loadavg()[0];
  try {
    for (const backend of values.backend) {
      servers.push(await startServer(join(dist, 'server.js'), backend, Number(values.threads)));
    }
    for (const server of servers) await server.open(model);
    const backends = servers.map(({ backend }) => backend);
    const rows = [];
    for (const [place, { id: method, options: known }] of methods.entries()) {
      say(method);
      const options = Object.fromEntries(
        given
          .filter(([name]) => known.some((option) => option.name === name))
          .map(([name, value]) => [name, Number(value)]),
      );
      // The server keeps the runs of images that it has seen.
      const images = Array.from({ length: perMethod }, (_, i) => imagePath(place * perMethod + i));
      try {
        rows.push(
          rowOf(method, await measure({ method, options, images }, layer, rounds, peer, servers), backends),
        );
      } catch (error) {
        // A method that is not for this network says so.
        if (!(error instanceof Trouble)) throw error;
        say(error.message);
      }
    }
    const header = [
      `${values.network}, ${values.size} x ${values.size}`,
      'forward passes',
      'Keras, ms',
      ...backends.map((backend) => `ours, ${backend}, ms`),
      ...backends.map((backend) => `Keras / ours, ${backend}`),
    ];
    const title = `Methods: ${values.network}, ${backends.join(' and ')}`;
    const changed =
      values.option.length === 0 ? '' : ` Instead of the defaults: ${values.option.join(', ')}.`;
    const text = `Written by \`node bench/methods.mjs\` on ${new Date().toISOString().slice(0, 10)}: an explanation at ${layer}, medians of ${rounds} rounds.${changed}
${cpus()[0]?.model ?? 'Unknown processor'}, ${cpus().length} cores, load average at start and end ${busy.toFixed(1)} and ${loadavg()[0].toFixed(1)}.

${table(header, rows)}
`;
    const page = inProject('docs/benchmarks.md');
    writeFileSync(page, withSection(readFileSync(page, 'utf8'), title, text));
    process.stdout.write(text);
  } finally {
    peer.stop();
    for (const server of servers) server.stop();
  }
});
