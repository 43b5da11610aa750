/**
 * `node bench/methods.mjs [--network VGG16] [--size 224] [--rounds 5] [--method ID ...] [--backend native ...] [--option samples=64 ...]`:
 * the time of each explanation method beside plain Keras (`methods_peer.py`) in one run, everything loaded. All take turns on images that
 * nobody has seen. Keras runs the model as often as we did. Each row is printed, recorded in methods.jsonl in the cache folder and, with 5
 * rounds or more, written to docs/benchmarks.md as soon as it is measured; rows of earlier runs with the same arguments stay.
 */
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inProject, main, say, Trouble } from '../scripts/lib.mjs';
import { buildProduct, contestants, dist, machine, NETWORKS, prepare, records, SIZE } from './networks.mjs';
import { findPython, startPeer } from './peer.mjs';
import { MIN_ROUNDS, median, ms, ratio, table, writeSection } from './report.mjs';
import { startServer } from './server.mjs';

const WARM_UPS = 1;
/** At most. */
const METHODS = 30;
const results = records('methods.jsonl');

/** Milliseconds of each contestant, and the forward passes; `keras` is null where Keras has no such method. */
async function measure({ method, options, inputs }, { layer, preprocess }, peer, servers) {
  const times = { keras: [], ...Object.fromEntries(servers.map(({ name }) => [name, []])) };
  let passes = 0;
  for (const [round, input] of inputs.entries()) {
    const isCounted = round >= WARM_UPS;
    for (const { name, explain } of servers) {
      const answer = await explain({ input, layer, preprocess, method, options });
      ({ passes } = answer);
      if (isCounted) times[name].push(answer.ms);
    }
    const { ms: theirs } = await peer.ask({ input, layer, how: method, passes });
    if (isCounted) times.keras.push(theirs);
  }
  const { keras, ...ours } = times;
  return {
    passes,
    keras: keras.includes(null) ? null : median(keras),
    ours: Object.fromEntries(Object.entries(ours).map(([name, values]) => [name, median(values)])),
  };
}

const cells = ({ method, passes, keras, ours }) => [
  method,
  String(passes),
  keras === null ? '' : ms(keras),
  ...Object.values(ours).map(ms),
  ...Object.values(ours).map((value) => (keras === null ? '' : ratio(keras, value))),
];

/** The section of what was measured with the same arguments: of each method the latest row. */
function section(key, { network, size, layer, names, changed }) {
  const rows = results.read().filter((one) => one.key === key && one.rounds >= MIN_ROUNDS);
  const newest = new Map(rows.map((one) => [one.method, one]));
  const days = [...newest.values()].map(({ at }) => at.slice(0, 10)).sort();
  const loads = [...newest.values()].map(({ load }) => load);
  const header = [
    `${network}, ${size} x ${size}`,
    'forward passes',
    'Keras, ms',
    ...names.map((name) => `ours, ${name}, ms`),
    ...names.map((name) => `Keras / ours, ${name}`),
  ];
  return `## Methods: ${[network, ...names].join(', ')}

Explanations at ${layer}, medians, measured from ${days[0]} to ${days.at(-1)} by \`node bench/methods.mjs\`.${changed}
${rows.at(-1)?.machine}, load average from ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}.

${table(header, [...newest.values()].map(cells))}`;
}

await main(async () => {
  const { values } = parseArgs({
    options: {
      network: { type: 'string', default: 'VGG16' },
      size: { type: 'string', default: String(SIZE) },
      rounds: { type: 'string', default: String(MIN_ROUNDS) },
      method: { type: 'string', multiple: true },
      backend: { type: 'string', multiple: true },
      option: { type: 'string', multiple: true, default: [] },
    },
  });
  const rounds = Number(values.rounds);
  const size = Number(values.size);
  const network = NETWORKS[values.network];
  const images = Object.keys(NETWORKS).filter((name) => NETWORKS[name].preprocess !== 'none');
  if (!images.includes(values.network)) throw new Trouble(`--network takes ${images.join(', ')}.`);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Trouble('--rounds takes a whole number from 1.');
  const ours = contestants().filter(
    ({ name, backend }) => !values.backend || values.backend.some((given) => [name, backend].includes(given)),
  );
  const python = await findPython();
  const perMethod = rounds + WARM_UPS;
  const { model, input } = prepare(python, values.network, perMethod * METHODS, size);
  await buildProduct();
  const listed = JSON.parse(
    execFileSync(process.execPath, [join(dist, 'cli.js'), 'methods', '--json'], { encoding: 'utf8' }),
  );
  const given = values.option.map((text) => text.split('='));
  const servers = [];
  const peer = startPeer(python, inProject('bench/methods_peer.py'), model);
  try {
    for (const one of ours) {
      const server = await startServer(join(dist, 'server.js'), one, model);
      if (server) servers.push(server);
      else say(`the backend ${one.backend} is not there; going on without it`);
    }
    const names = servers.map(({ name }) => name);
    const changed =
      values.option.length === 0 ? '' : ` Instead of the defaults: ${values.option.join(', ')}.`;
    const key = `methods ${[values.network, size, ...names, ...values.option].join(', ')}`;
    for (const [place, { id: method, options: known }] of listed.entries()) {
      if (!(values.method?.includes(method) ?? true)) continue;
      const options = Object.fromEntries(
        given
          .filter(([name]) => known.some((option) => option.name === name))
          .map(([name, value]) => [name, Number(value)]),
      );
      // The server keeps the runs of images that it has seen.
      const inputs = Array.from({ length: perMethod }, (_, i) => input(place * perMethod + i));
      try {
        const found = await measure({ method, options, inputs }, network, peer, servers);
        const at = new Date().toISOString();
        const row = { key, at, machine: machine(), load: loadavg()[0], rounds, method, ...found };
        results.add(row);
        process.stdout.write(`${cells(row).join('\t')}\n`);
        if (rounds >= MIN_ROUNDS)
          writeSection(
            key,
            section(key, { network: values.network, size, layer: network.layer, names, changed }),
            true,
          );
      } catch (error) {
        // A method that is not for this network says so.
        if (!(error instanceof Trouble)) throw error;
        say(`${method}: ${error.message}`);
      }
    }
  } finally {
    await Promise.all([peer, ...servers].map((one) => one.stop()));
  }
});
