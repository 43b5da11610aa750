import { beforeAll, describe, expect, test } from 'vitest';
import { channelMap } from '../../../src/server/answers/layer/channelMap';
import { layerChannels } from '../../../src/server/answers/layer/channels';
import { channelTiles } from '../../../src/server/answers/layer/channelTiles';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import type { Run } from '../../../src/server/session/runs';
import type { WireTensor } from '../../../src/shared/model';
import type { Stage } from '../../../src/shared/view';
import { type ChainLayer, chain, traceOf } from '../run/memoryModel';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});

const identity: ChainLayer = { className: 'Activation', config: { name: 'same', activation: 'linear' } };
const params = { modelId: '', inputs: [], preprocessing: { name: 'none' } } as const;
const bytesOf = ({ data }: WireTensor): number[] => [...Buffer.from(data, 'base64')];
function floatsOf({ data }: WireTensor): number[] {
  const bytes = Buffer.from(data, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}

/** Calls `ask` with a run of one layer, on values. */
async function withLayer<T>(
  layer: ChainLayer,
  shape: number[],
  values: readonly number[],
  ask: (run: Run) => Promise<T>,
): Promise<T> {
  const trace: Trace = await traceOf(runtime, chain(shape, [layer]), { shape, values });
  try {
    const run: Pick<Run, 'trace' | 'inputs'> & { model: Pick<Run['model'], 'graph'> } = {
      ...{ trace, inputs: [] },
      model: { graph: trace.graph },
    };
    return await ask(run as Run);
  } finally {
    trace.dispose();
  }
}
const described = (layer: ChainLayer, shape: number[], values: readonly number[], stage: Stage = 'post') =>
  withLayer(layer, shape, values, (run) =>
    layerChannels(run, { ...params, layer: layer.config.name, stage }, NO_CONTROL),
  );
const counted = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('tiles', () => {
  const tiles = (shape: number[], values: readonly number[], channels = [0], side = 64, slice = 0) =>
    withLayer(identity, shape, values, (run) =>
      channelTiles(run, { ...params, layer: 'same', stage: 'post', slice, channels, side }),
    );

  test('each goes from its own smallest to its own largest value; NaN has a byte of its own', async () => {
    const values = [-1, 10, 0, Number.NaN, 1, Number.POSITIVE_INFINITY, 0, 30];
    const { rows, columns, channels, values: bytes } = await tiles([2, 2, 2], values, [1, 0, 7]);
    expect({ rows, columns, channels }).toEqual({ rows: 2, columns: 2, channels: [1, 0] });
    expect(bytesOf(bytes)).toEqual([0, 255, 254, 254, 0, 127, 254, 127]);
  });

  test('of a large map every n-th row and column is kept, and its range is that of all values', async () => {
    const { rows, columns, values } = await tiles([100, 50, 1], counted(5000), [0], 20);
    expect([rows, columns]).toEqual([20, 17]);
    const bytes = bytesOf(values);
    expect(bytes[0]).toBe(0);
    // Row 95, column 48.
    expect(bytes.at(-1)).toBe(Math.round(((95 * 50 + 48) / 4999) * 254));
  });

  test('of a volume they are of one slice, in the range of all', async () => {
    const { values } = await tiles([2, 1, 3, 2], counted(12), [1], 64, 1);
    // Channel 1 has 1, 3, 5 in the first slice and 7, 9, 11 in the second one.
    expect(bytesOf(values)).toEqual([6, 8, 10].map((size) => Math.round((size / 10) * 254)));
  });
});

describe('channels', () => {
  test('have their ranges and means over the finite values', async () => {
    const values = [-1, 10, 0, Number.NaN, 1, Number.POSITIVE_INFINITY, 0, 30];
    const { kind, total, rows, columns, ranges } = await described(identity, [2, 2, 2], values);
    expect({ kind, total, rows, columns }).toEqual({ kind: 'maps', total: 2, rows: 2, columns: 2 });
    expect(floatsOf(ranges)).toEqual([-1, 10, 1, 30, 0, 20]);
  });

  test('are looked at by what they are', async () => {
    expect(await described(identity, [3], [1, 2, 3])).toMatchObject({ kind: 'units', total: 3 });
    expect(await described(identity, [4, 2], counted(8))).toMatchObject({
      ...{ kind: 'sequence', total: 1, rows: 4, columns: 2 },
    });
    const pool: ChainLayer = { className: 'MaxPooling1D', config: { name: 'pool', pool_size: 2 } };
    expect(await described(pool, [4, 3], counted(12))).toMatchObject({
      ...{ kind: 'strips', total: 3, rows: 1, columns: 2 },
    });
    expect(await described(identity, [2, 3, 4, 5], counted(120))).toMatchObject({
      ...{ kind: 'maps', total: 5, slices: 2, rows: 3, columns: 4 },
    });
    expect(await described(identity, [2, 1, 1, 1, 1], [1, 2])).toMatchObject({ kind: null, total: 0 });
  });

  test('are those of the output where the layer has no other stage', async () => {
    const pool: ChainLayer = { className: 'MaxPooling1D', config: { name: 'pool', pool_size: 2 } };
    expect(await described(pool, [4, 1], counted(4), 'pre')).toMatchObject({
      stage: 'post',
      stages: ['post'],
    });
    const relu: ChainLayer = { className: 'Activation', config: { name: 'a', activation: 'relu' } };
    const { stage, stages, ranges } = await described(relu, [2], [-3, 4], 'pre');
    expect({ stage, stages }).toEqual({ stage: 'pre', stages: ['pre', 'post'] });
    expect(floatsOf(ranges)).toEqual([-3, 4, -3, 4, -3, 4]);
  });
});

describe('one channel', () => {
  const map = (layer: ChainLayer, shape: number[], values: readonly number[], channel: number, slice = 0) =>
    withLayer(layer, shape, values, (run) =>
      channelMap(run, { ...params, layer: layer.config.name, stage: 'post', channel, slice, source: true }),
    );

  test('has its own values, and says what they see of the input', async () => {
    const pool: ChainLayer = { className: 'MaxPooling2D', config: { name: 'pool', pool_size: [2, 2] } };
    const found = await map(pool, [4, 4, 2], counted(32), 1);
    expect(floatsOf(found.values)).toEqual([11, 15, 27, 31]);
    expect(found.source).toEqual({
      ...{ input: 'x', size: [4, 4], image: null },
      field: {
        ...{ kind: 'window', gate: null },
        axes: [
          { size: 2, stride: 2, padding: 0 },
          { size: 2, stride: 2, padding: 0 },
        ],
      },
    });
  });

  test('of thousands of rows is sent by every n-th, and one that does not exist is refused', async () => {
    const found = await map(identity, [3000, 2, 1], counted(6000), 0);
    expect(found).toMatchObject({ rows: 3000, columns: 2, step: { rows: 3, columns: 1 } });
    expect(floatsOf(found.values).slice(0, 4)).toEqual([0, 1, 6, 7]);
    await expect(map(identity, [2, 2, 1], counted(4), 1)).rejects.toThrow(/has 1 channels, not a channel 1/);
  });
});
