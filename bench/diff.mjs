/**
 * `node bench/diff.mjs [--backend onnx] [--rounds 5]`: two models compared, as the page asks for it over LSP: VGG16 (553 MB) with itself but for one
 * weight, with and without an input, and two models of 1,000 layers, whose names are the same or have nothing in common. Times there and back
 * and the peak memory of the server and its compute process (Linux only). Written to docs/benchmarks.md with 5 rounds or more.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inProject, isThere, main, run, say, Trouble } from '../scripts/lib.mjs';
import { residual } from './madeModels.mjs';
import { buildProduct, commit, dist, folder, machine, prepare } from './networks.mjs';
import { peaksOf } from './peaks.mjs';
import { findPython } from './peer.mjs';
import { MIN_ROUNDS, median, ms, table, writeSection } from './report.mjs';
import { connect } from './server.mjs';

const CHANGED = 'block3_conv2';
const LAYERS = 1000;
/** A layer of the deep models that differs. */
const OTHER = 500;
/** As between two clicks. */
const PAUSE_MS = 500;

/** Paths of a deep model and of one that differs from it in an activation, under the same names and under others. */
function deepModels() {
  const write = (name, model) => {
    mkdirSync(join(folder, 'diff', name), { recursive: true });
    const path = join(folder, 'diff', name, 'model.json');
    writeFileSync(path, JSON.stringify(model));
    return path;
  };
  const changed = residual(LAYERS + 1);
  changed.config.layers[OTHER + 1].config.activation = 'tanh';
  const renamed = JSON.parse(JSON.stringify(changed).replaceAll('"layer_', '"other_'));
  return {
    a: write('a', residual(LAYERS + 1)),
    same: write('same', changed),
    renamed: write('renamed', renamed),
  };
}

/** VGG16, and VGG16 with one other weight. */
async function networks() {
  const python = await findPython();
  const { model } = prepare(python, 'VGG16', 1);
  const other = join(folder, `VGG16-${CHANGED}.keras`);
  if (!isThere(other)) {
    say(`making ${other}`);
    run(python, [inProject('bench/peer.py'), 'change', model, other, CHANGED]);
  }
  return { a: model, b: other };
}

await main(async () => {
  const { values } = parseArgs({
    options: {
      backend: { type: 'string', default: 'onnx' },
      rounds: { type: 'string', default: String(MIN_ROUNDS) },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Trouble('--rounds takes a whole number from 1.');
  const deep = deepModels();
  const vgg16 = await networks();
  await buildProduct();
  const input = { kind: 'random', seed: 1 };
  const cases = [
    {
      name: 'VGG16 and VGG16 with one other weight: layers and weights',
      ...vgg16,
      inputs: [],
      first: CHANGED,
    },
    { name: 'VGG16 and VGG16 with one other weight, on an input', ...vgg16, inputs: [input], first: CHANGED },
    {
      name: '1,000 layers, the same names',
      a: deep.a,
      b: deep.same,
      inputs: [],
      first: `layer_${OTHER + 1}`,
    },
    {
      name: '1,000 layers, other names',
      a: deep.a,
      b: deep.renamed,
      inputs: [],
      first: `layer_${OTHER + 1}`,
    },
  ];
  const before = loadavg()[0];
  const rows = [];
  for (const { name, a, b, inputs, first } of cases) {
    say(name);
    const { pid, ask, stop } = await connect(join(dist, 'server.js'), values.backend);
    try {
      const times = [];
      for (let round = 0; round <= rounds; round++) {
        const start = performance.now();
        const { modelId } = await ask('layerglass/openModel', { path: a });
        const { modelId: otherModelId } = await ask('layerglass/openModel', { path: b });
        const found = await ask('layerglass/compare', {
          ...{ modelId, otherModelId, inputs, preprocessing: { name: 'none' }, insist: true },
        });
        times.push(performance.now() - start);
        if (found.firstDifference?.path !== first)
          throw new Trouble(`${name}: the first difference is ${found.firstDifference?.path}, not ${first}.`);
        await wait(PAUSE_MS);
      }
      const [fresh, ...again] = times;
      const [server = '', compute = ''] = peaksOf(pid);
      const cells = [
        ms(fresh),
        `${ms(median(again))} (${ms(Math.min(...again))} to ${ms(Math.max(...again))})`,
      ];
      rows.push([name, ...cells, String(server), String(compute)]);
    } finally {
      await stop();
    }
  }
  const text = [
    `Written by \`node bench/diff.mjs\` on ${new Date().toISOString().slice(0, 10)}, commit ${commit()}, ${rounds} rounds, backend ${values.backend}: ${machine()}, load average at start and end ${before.toFixed(1)} and ${loadavg()[0].toFixed(1)}.`,
    'Both models are opened and compared, there and back, as the page of two models asks for it: once by a new server, then again (median, least and most). Each comparison named the layer that differs.',
    table(
      ['', 'first time, ms', 'again, ms', 'peak memory of the server, MiB', 'of its compute process'],
      rows,
    ),
  ].join('\n\n');
  process.stdout.write(`${text}\n`);
  if (rounds >= MIN_ROUNDS) writeSection('diff', `## Two models compared\n\n${text}`);
  return 0;
});
