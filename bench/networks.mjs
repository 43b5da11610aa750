/** What the benchmarks work on: networks with random weights, inputs that nobody has seen, and a build of this clone. */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, type as systemType, totalmem } from 'node:os';
import { join } from 'node:path';
import { build } from '../scripts/build.mjs';
import { cacheDir, inProject, isThere, run, say } from '../scripts/lib.mjs';

export const folder = join(cacheDir, 'bench');
/** A production build of its own, as the VSIX has it: a rebuild of the clone does not disturb a run. */
export const dist = inProject('.cache', 'bench');

const image = { input: (i) => `image_${i}.png`, preprocess: '0..1', window: 28, stride: 28 };
const tokens = { input: (i) => `tokens_${i}.npy`, preprocess: 'none', window: 11, stride: 3 };

/**
 * By the name that peer.py makes them under. `layer`: the last one with height and width, or time, that is no pooling; `other`: one further
 * from the output. `window` and `stride` give 64 windows.
 */
export const NETWORKS = {
  VGG16: { layer: 'block5_conv3', other: 'block4_conv3', ...image },
  ResNet50: { layer: 'conv5_block3_out', other: 'conv4_block6_out', ...image },
  MobileNetV2: { layer: 'out_relu', other: 'block_13_expand_relu', ...image },
  EfficientNetV2B0: { layer: 'top_activation', other: 'block5e_add', ...image },
  GRU: { layer: 'gru_1', other: 'embedding', ...tokens },
  Transformer: { layer: 'block_2', other: 'block_1', ...tokens },
};

export const SIZE = 224;
const modelName = (network, size) => (size === SIZE ? `${network}.keras` : `${network}-${size}.keras`);

/**
 * Makes a network and `count` inputs in the cache folder where they are not there.
 * @returns {{ model: string, input(i: number): string }} paths
 */
export function prepare(python, network, count, size = SIZE) {
  const model = join(folder, modelName(network, size));
  const input = (i) => join(folder, NETWORKS[network].input(i));
  if (![model, input(count - 1)].every(isThere)) {
    say(`making ${network} with random weights and inputs in ${folder}`);
    mkdirSync(folder, { recursive: true });
    run(python, [inProject('bench/peer.py'), 'make', network, folder, String(count), String(size)]);
  }
  return { model, input };
}

export const buildProduct = () => build({ production: true, dist });

/** The backends that can be compared, the plain JavaScript one left out; wasm with one thread and with all. */
export function contestants() {
  const { properties } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')).contributes
    .configuration;
  const cores = availableParallelism();
  return properties['layerglass.backend'].enum
    .filter((backend) => !['auto', 'cpu'].includes(backend))
    .flatMap((backend) =>
      backend === 'wasm'
        ? [...new Set([1, cores])].map((threads) => ({
            name: `wasm, ${threads} thread${threads > 1 ? 's' : ''}`,
            backend,
            threads,
          }))
        : [{ name: backend, backend, threads: 0 }],
    );
}

/** A file of JSON lines in the cache folder: what is measured is written at once, so that an interrupted run loses nothing. */
export function records(name) {
  const file = join(folder, name);
  return {
    file,
    add(record) {
      mkdirSync(folder, { recursive: true });
      appendFileSync(file, `${JSON.stringify(record)}\n`);
    },
    read() {
      if (!isThere(file)) return [];
      // The last line of a run that was killed may be half.
      return readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line)] : []));
    },
  };
}

export const machine = () => {
  const processors = cpus();
  return `${processors[0]?.model ?? 'Unknown processor'}, ${processors.length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${systemType()} ${release()}`;
};

export const commit = () => run('git', ['describe', '--always', '--dirty']).trim();
