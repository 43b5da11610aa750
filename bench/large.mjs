/**
 * `node bench/large.mjs [--backend onnx] [--rounds 5] [--part wide ...]`: what is large in one way: a layer of 2,048 channels, a model of 1,000 layers, a
 * graph of 10,000 operations, and VGG16's file of 553 MB. Times of requests over LSP as the pages send them, of the graph page in
 * Chromium, and the peak memory of the server and its compute process (Linux only). Written to docs/benchmarks.md with 5 rounds or more.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inProject, main, run, say, Trouble } from '../scripts/lib.mjs';
import { pageHarness } from '../scripts/vscodeHarness.mjs';
import { operations, residual, writeWide } from './madeModels.mjs';
import { buildProduct, commit, dist, folder, machine, prepare } from './networks.mjs';
import { peaksOf } from './peaks.mjs';
import { findPython } from './peer.mjs';
import { MIN_ROUNDS, median, ms, ratio, table, writeSection } from './report.mjs';
import { connect } from './server.mjs';

const CHANNELS = 2048;
/** What a page of 1440 x 900 shows at once, and the side of its images. */
const TILES = 40;
const TILE_SIDE = 64;
/** As between two clicks: what the server prepares meanwhile is over by then. */
const PAUSE_MS = 500;
/** What a page waits between two looks whether something is there. */
const POLL_MS = 2;
const WINDOW = { width: 1440, height: 900 };
const random = (seed) => ({ inputs: [{ kind: 'random', seed }], preprocessing: { name: 'none' } });

/** Once a page was opened. */
let browser = null;

/** Collects the times of each row, in the order in which they come first. */
class Rows {
  times = new Map();
  peaks = new Map();
  peers = new Map();

  /** Times some work, unless the round only warms up. */
  async time(name, round, work) {
    const start = performance.now();
    const value = await work();
    if (round >= 0) this.add(name, performance.now() - start);
    return value;
  }

  add(name, took) {
    this.times.set(name, [...(this.times.get(name) ?? []), took]);
  }
}

async function withServer(backend, work) {
  const server = await connect(join(dist, 'server.js'), backend);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** The images of some channels, as the layer page asks for them. */
const tiles = (ask, params, channels) =>
  ask('layerglass/channelTiles', { ...params, stage: 'post', slice: 0, side: TILE_SIDE, channels });
const upTo = (count, from = 0) => Array.from({ length: count }, (_, i) => from + i);

async function wide(rows, { backend, rounds }) {
  const path = writeWide(join(folder, 'wide'), CHANNELS);
  await withServer(backend, async ({ pid, ask }) => {
    const { modelId } = await ask('layerglass/openModel', { path });
    for (let round = -1; round < rounds; round++) {
      const params = { modelId, layer: 'wide', ...random(round + 1) };
      await rows.time('2,048 channels: first images, with the run', round, async () => {
        await ask('layerglass/channels', { ...params, stage: 'post' });
        await tiles(ask, params, upTo(TILES));
      });
      await rows.time('2,048 channels: scrolled through', round, async () => {
        for (let from = TILES; from < CHANNELS; from += TILES)
          await tiles(ask, params, upTo(Math.min(TILES, CHANNELS - from), from));
      });
      await wait(PAUSE_MS);
    }
    rows.peaks.set('2,048 channels', peaksOf(pid));
  });
}

/** Opens a model on the graph page, unfolds all of it where that is possible, moves and searches. */
async function graph(rows, { backend, rounds }, { name, model, last, unfolds }) {
  const path = join(folder, 'graph', 'model.json');
  mkdirSync(join(folder, 'graph'), { recursive: true });
  writeFileSync(path, JSON.stringify(model));
  const { PageHarness } = await pageHarness();
  const harness = await PageHarness.get();
  for (let round = -1; round < rounds; round++) {
    await withServer(backend, async ({ pid, ask }) => {
      const { modelId, summary } = await rows.time(`${name}: opened, for the tree`, round, () =>
        ask('layerglass/openModel', { path }),
      );
      if (summary.layers.length === 0) throw new Trouble(`${name} has no layers.`);
      const nothing = async () => undefined;
      const choice = { modelPath: path, layer: null };
      const start = performance.now();
      const opened = await harness.open(
        'graph',
        {
          ready: async () => ({
            ok: true,
            value: { fileName: 'model.json', choice, graph: await ask('layerglass/viewGraph', { modelId }) },
          }),
          ...{ mark: nothing, openLayer: nothing, retry: nothing, cancel: nothing },
        },
        WINDOW,
      );
      const { page } = opened;
      browser = page.context().browser();
      page.setDefaultTimeout(60_000);
      try {
        await page.locator('.stage canvas[data-scale]').waitFor();
        await painted(page);
        if (round >= 0) rows.add(`${name}: graph page drawn`, performance.now() - start);
        await rows.time(`${name}: found by its name`, round, async () => {
          await page.getByLabel('Search the graph').fill(last);
          await page.keyboard.press('Enter');
          while (!opened.calls.some(({ name: call }) => call === 'mark')) await wait(POLL_MS);
          await painted(page);
        });
        if (unfolds)
          await rows.time(`${name}: all unfolded`, round, async () => {
            await page.getByRole('button', { name: 'Unfold All' }).click();
            await painted(page);
          });
        await page.locator('.stage').focus();
        await rows.time(`${name}: moved ten times`, round, async () => {
          for (let i = 0; i < 10; i++) {
            await page.keyboard.press(i % 2 === 0 ? 'Shift+ArrowDown' : 'Shift+ArrowUp');
            await painted(page);
          }
        });
        rows.peaks.set(name, peaksOf(pid));
      } finally {
        await opened.close();
      }
    });
  }
}

/** Until the page has drawn what it has to draw. */
const painted = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function largeFile(rows, { backend, rounds }) {
  const python = await findPython();
  const { model: path } = prepare(python, 'VGG16', 1);
  const name = 'VGG16, 553 MB';
  for (let round = -1; round < rounds; round++) {
    const { wall } = JSON.parse(
      run(python, [inProject('bench/measure.py'), python, inProject('bench/peer.py'), 'list', path]),
    );
    if (round >= 0) rows.peers.set(name, [...(rows.peers.get(name) ?? []), wall * 1000]);
    await withServer(backend, async ({ ask }) => {
      await rows.time(`${name}: opened by a new server, for the tree`, round, () =>
        ask('layerglass/openModel', { path }),
      );
    });
  }
  const layers = ['block1_conv1', 'block2_conv2', 'block3_conv3', 'block4_conv3', 'block5_conv3'];
  await withServer(backend, async ({ pid, ask }) => {
    const { modelId } = await ask('layerglass/openModel', { path });
    for (let round = -1; round < rounds; round++) {
      const question = { modelId, insist: true, ...random(round + 1) };
      await rows.time(`${name}: prediction explained`, round, () =>
        ask('layerglass/explain', {
          ...question,
          ...{ method: 'grad-cam', layer: 'auto', target: { index: 'auto', score: 'logit' } },
        }),
      );
      for (const layer of layers) {
        await wait(PAUSE_MS);
        await rows.time(`${name}: click on ${layer} to its picture`, round, async () => {
          await ask('layerglass/channels', { ...question, layer, stage: 'post' });
          await tiles(ask, { ...question, layer }, upTo(TILES));
        });
      }
    }
    rows.peaks.set(name, peaksOf(pid));
  });
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    await withServer(backend, async ({ pid, ask }) => {
      const { modelId } = await ask('layerglass/openModel', { path });
      const weight = { modelId, layer: 'fc1', weight: 0 };
      await rows.time(`${name}: weights of fc1 listed`, round, () =>
        ask('layerglass/layerWeights', { modelId, layer: 'fc1' }),
      );
      let isDone = false;
      const statistics = rows
        .time(`${name}: statistics of its kernel, 411 MB`, round, () =>
          ask('layerglass/weightStatistics', weight),
        )
        .finally(() => {
          isDone = true;
        });
      let longest = 0;
      while (!isDone) {
        const start = performance.now();
        await ask('layerglass/readSidecar', { modelId });
        longest = Math.max(longest, performance.now() - start);
        await wait(POLL_MS);
      }
      await statistics;
      rows.add(`${name}: longest wait of another request meanwhile`, longest);
      rows.peaks.set(`${name}, weights`, peaksOf(pid));
    });
  }
}

const PARTS = {
  wide,
  layers: (rows, options) =>
    graph(rows, options, {
      ...{ name: '1,000 layers', model: residual(1000), last: 'layer_990', unfolds: false },
    }),
  operations: (rows, options) =>
    graph(rows, options, {
      name: '10,000 operations',
      model: operations(10_000),
      last: 'op_9990',
      unfolds: true,
    }),
  file: largeFile,
};

await main(async () => {
  const { values } = parseArgs({
    options: {
      backend: { type: 'string', default: 'onnx' },
      rounds: { type: 'string', default: String(MIN_ROUNDS) },
      part: { type: 'string', multiple: true, default: Object.keys(PARTS) },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Trouble('--rounds takes a whole number from 1.');
  const unknown = values.part.find((part) => !Object.hasOwn(PARTS, part));
  if (unknown !== undefined) throw new Trouble(`--part takes ${Object.keys(PARTS).join(', ')}.`);
  await buildProduct();
  const rows = new Rows();
  const before = loadavg()[0];
  try {
    for (const part of values.part) {
      say(part);
      await PARTS[part](rows, { backend: values.backend, rounds });
    }
  } finally {
    await browser?.close();
  }
  const lines = [...rows.times].map(([name, times]) => [
    name,
    `${ms(median(times))} (${ms(Math.min(...times))} to ${ms(Math.max(...times))})`,
  ]);
  const peaks = [...rows.peaks].map(([name, [server, compute]]) => [
    name,
    String(server),
    String(compute ?? ''),
  ]);
  const peers = [...rows.peers].map(([name, times]) => {
    const ours = rows.times.get(`${name}: opened by a new server, for the tree`) ?? [];
    return `Keras loads the same file and prints its summary in ${ms(median(times))} ms, in the same run: **${ratio(median(times), median(ours))}**.`;
  });
  const text = [
    `Written by \`node bench/large.mjs\` on ${new Date().toISOString().slice(0, 10)}, commit ${commit()}, ${rounds} rounds, backend ${values.backend}: ${machine()}, load average at start and end ${before.toFixed(1)} and ${loadavg()[0].toFixed(1)}.`,
    'Medians, least and most. Requests are those of the pages, there and back; the graph page is timed in Chromium until it is drawn, two frames of the screen included.',
    table(['', 'ms'], lines),
    table(['Peak memory, MiB', 'server', 'compute process'], peaks),
    ...peers,
  ].join('\n\n');
  process.stdout.write(`${text}\n`);
  if (rounds >= MIN_ROUNDS && values.part.length === Object.keys(PARTS).length)
    writeSection('large', `## What is large\n\n${text}`);
  return 0;
});
