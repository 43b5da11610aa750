/** `node threadedNetwork.js THREADS [FILE]`: prints what the wasm backend says about itself and the values of a network on it. */
import { startWasm } from '../../../src/server/run/backends/wasm';
import { type ChainLayer, chain, traceOf, type Values } from './memoryModel';

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
/** Values without a pattern, the same in every run. */
const filled = (shape: readonly number[], scale: number): Values => ({
  shape,
  values: Array.from({ length: size(shape) }, (_, i) => scale * Math.sin(1 + 0.7 * i + 1e-4 * i * i)),
});

const SIDE = 40;
const CHANNELS = 24;
const weights = (...shapes: number[][]): Values[] => shapes.map((shape) => filled(shape, 0.1));
const LAYERS: ChainLayer[] = [
  {
    className: 'Conv2D',
    config: { name: 'a', filters: CHANNELS, kernel_size: 3, activation: 'relu' },
    weights: weights([3, 3, 3, CHANNELS], [CHANNELS]),
  },
  {
    className: 'DepthwiseConv2D',
    config: { name: 'b', kernel_size: 5, padding: 'same', activation: 'relu6' },
    weights: weights([5, 5, CHANNELS, 1], [CHANNELS]),
  },
  {
    className: 'Conv2D',
    config: { name: 'c', filters: 64, kernel_size: 1, activation: 'swish' },
    weights: weights([1, 1, CHANNELS, 64], [64]),
  },
  { className: 'MaxPooling2D', config: { name: 'd', pool_size: 2 } },
  {
    className: 'Conv2D',
    config: { name: 'e', filters: 64, kernel_size: 3, strides: 2, padding: 'same', activation: 'elu' },
    weights: weights([3, 3, 64, 64], [64]),
  },
  { className: 'Flatten', config: { name: 'f' } },
  {
    className: 'Dense',
    config: { name: 'g', units: 10, activation: 'softmax' },
    weights: weights([10 * 10 * 64, 10], [10]),
  },
];

async function main(): Promise<void> {
  const [threads, threadFile] = process.argv.slice(2);
  const { tf, detail } = await startWasm({
    threads: Number(threads),
    ...(threadFile === undefined ? {} : { threadFile }),
  });
  const runtime = { tf, status: { name: 'wasm', reason: '', version: detail } } as const;
  const input = filled([SIDE, SIDE, 3], 1);
  const trace = await traceOf(runtime, chain(input.shape, LAYERS), input);
  const values = LAYERS.map(({ config }) => [...(trace.at(config.name).outputs[0]?.dataSync() ?? [])]);
  process.stdout.write(JSON.stringify({ detail, values }));
}

void main();
