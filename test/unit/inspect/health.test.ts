import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { modelHealth } from '../../../src/server/inspect/health/modelHealth';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import { readSidecar } from '../../../src/server/session/sidecar';
import type { InputSource } from '../../../src/shared/inputs';
import type { HealthRow, ModelHealth } from '../../../src/shared/results/health';
import { readNumbers } from '../../conformance/npz';
import { type ChainLayer, chain, traceOf } from '../run/memoryModel';

const SAMPLES = join(import.meta.dirname, '../../../samples');
const FIXTURES = join(import.meta.dirname, '../../fixtures');
const OPTIONS = { nativePath: '', strict: true, threads: 1 } as const;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', ...OPTIONS });
});

async function healthOf(
  layers: readonly ChainLayer[],
  shape: number[],
  values: number[],
): Promise<ModelHealth> {
  const trace = await traceOf(runtime, chain(shape, layers), { shape, values });
  try {
    return await modelHealth(trace, NO_CONTROL);
  } finally {
    trace.dispose();
  }
}

const stageOf = ({ layers }: ModelHealth, path: string, stage: HealthRow['stage']): HealthRow | undefined =>
  layers.find((row) => row.path === path && row.stage === stage && row.output === 0);

/** Mean, standard deviation and the like, as NumPy defines them. */
function plainStatistics(values: ArrayLike<number>) {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const variance = list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length;
  return {
    ...{ min: Math.min(...list), max: Math.max(...list), mean, std: Math.sqrt(variance) },
    negative: list.filter((value) => value < 0).length,
    zero: list.filter((value) => value === 0).length,
  };
}

const BASE = { trainable: true } as const;
const normalization = (variance: readonly number[]): ChainLayer => ({
  className: 'BatchNormalization',
  config: { name: 'norm', ...BASE },
  weights: [[1, 1, 1], [0, 0, 0], [0, 0, 0], variance].map((values) => ({ shape: [3], values })),
});
const relu: ChainLayer = { className: 'ReLU', config: { name: 'relu' } };

describe.each(['cpu', 'onnx'] as const)('on %s, statistics are those of the values of Keras', (backend) => {
  test.each([
    ['4-cat-or-dog/cat-or-dog.keras', ['4-cat-or-dog/cat.png'], '4-cat.npz'],
    ['5-sigmoid/scores.keras', ['5-sigmoid/sure.npy'], '5-sigmoid-sure.npz'],
    [
      '9-two-inputs/plates.keras',
      ['9-two-inputs/cracked.png', '9-two-inputs/calm.csv'],
      '9-two-inputs-cracked-calm.npz',
    ],
  ])('%s', async (file, inputs, arrays) => {
    const session = new Session({ backend, ...OPTIONS, customLayers: [] });
    const model = await session.open(join(SAMPLES, file));
    const sources = inputs.map((path): InputSource => ({ kind: 'file', path: join(SAMPLES, path) }));
    const preprocessing = readSidecar(model.path)?.preprocessing ?? model.defaultPreprocessing;
    const health = await session.run(model.id, sources, preprocessing, NO_CONTROL, ({ trace }) =>
      modelHealth(trace, NO_CONTROL),
    );
    session.close(model.id);
    let compared = 0;
    for (const [name, { values, shape }] of await readNumbers(join(FIXTURES, 'samples', arrays))) {
      const [, stage, path = ''] = /^(pre|post):(.*)$/.exec(name) ?? [];
      if (stage === undefined) continue;
      const row = stageOf(health, path, stage as HealthRow['stage']);
      const wanted = plainStatistics(values);
      expect(row?.shape, name).toEqual(shape);
      for (const key of ['min', 'max', 'mean', 'std'] as const) {
        const error = Math.abs((row?.[key] ?? Number.NaN) - wanted[key]);
        expect(
          error / Math.max(1, Math.abs(wanted.max), Math.abs(wanted.min)),
          `${name} ${key}`,
        ).toBeLessThan(1e-5);
      }
      expect(row, name).toMatchObject({ nan: 0, inf: 0 });
      // A value beside 0 may be rounded to the other side.
      expect(Math.abs((row?.negative ?? 0) - wanted.negative), name).toBeLessThanOrEqual(1);
      expect(Math.abs((row?.zero ?? 0) - wanted.zero), name).toBeLessThanOrEqual(1);
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(5);
    expect(health.firstBad).toBeNull();
  });
});

test('the compiled backend computes all values in one run more', async () => {
  const session = new Session({ backend: 'onnx', ...OPTIONS, customLayers: [] });
  const model = await session.open(join(SAMPLES, '4-cat-or-dog/cat-or-dog.keras'));
  const source: InputSource = { kind: 'file', path: join(SAMPLES, '4-cat-or-dog/cat.png') };
  await session.run(model.id, [source], model.defaultPreprocessing, NO_CONTROL, async ({ trace }) => {
    const { lazy } = trace.runtime;
    const tensors = [...trace.values.values()].flatMap(({ pre, outputs }) =>
      pre ? [pre, ...outputs] : outputs,
    );
    const runs = new Set<number>();
    let asked = 0;
    if (!lazy) throw new Error('onnx is not lazy');
    const counted = Object.assign(Object.create(lazy), {
      computeAlong: async (...args: Parameters<typeof lazy.computeAlong>) => {
        asked++;
        await lazy.computeAlong(...args);
        runs.add(tensors.filter((tensor) => lazy.isComputed(tensor)).length);
      },
      isComputed: lazy.isComputed.bind(lazy),
    });
    const watched = Object.assign(Object.create(trace), { runtime: { ...trace.runtime, lazy: counted } });
    await modelHealth(watched, NO_CONTROL);
    expect(asked).toBe(1);
    expect([...runs]).toEqual([tensors.length]);
  });
  session.close(model.id);
});

test('dead channels, saturated values, negative and zero values of each stage', async () => {
  // Channels: -1 and -2, 3 and -4, 0 and 5.
  const health = await healthOf(
    [relu, { className: 'Activation', config: { name: 'squash', activation: 'sigmoid' } }],
    [2, 3],
    [-1, 3, 0, -2, -4, 25],
  );
  expect(stageOf(health, 'relu', 'pre')).toMatchObject({ negative: 3, zero: 1, deadChannels: null });
  expect(stageOf(health, 'relu', 'post')).toMatchObject({
    negative: 0,
    zero: 4,
    deadChannels: 1,
    channels: 3,
  });
  expect(stageOf(health, 'squash', 'post')).toMatchObject({ deadChannels: null, saturated: 1 / 6 });
  expect(stageOf(health, 'squash', 'pre')).toMatchObject({ min: 0, max: 25, saturated: null });
});

describe('the first NaN or infinity is named with its cause', () => {
  test('a negative variance', async () => {
    const health = await healthOf([normalization([1, 1, -1]), relu], [2, 3], [1, 2, 3, 4, 5, 6]);
    expect(health.firstBad).toEqual({ path: 'norm', why: 'NaN: channel 2, moving_variance = -1' });
    expect(stageOf(health, 'norm', 'post')).toMatchObject({ nan: 2, inf: 0 });
    expect(stageOf(health, 'relu', 'post')).toMatchObject({ nan: 2 });
  });

  test('a weight', async () => {
    const dense: ChainLayer = {
      className: 'Dense',
      config: { name: 'dense', units: 2 },
      weights: [
        { shape: [3, 2], values: [1, 2, 3, Number.NEGATIVE_INFINITY, 5, 6] },
        { shape: [2], values: [0, 0] },
      ],
    };
    expect((await healthOf([dense], [3], [1, 2, 3])).firstBad).toEqual({
      path: 'dense',
      why: '-∞: weight kernel[1, 1] = -∞',
    });
  });

  test('the input', async () => {
    const { firstBad } = await healthOf([relu], [2, 2], [1, 2, Number.NaN, 4]);
    expect(firstBad).toEqual({ path: 'x', why: 'NaN: the input holds NaN at [1, 0]' });
  });

  test('an activation', async () => {
    const exponential: ChainLayer = {
      className: 'Activation',
      config: { name: 'e', activation: 'exponential' },
    };
    expect((await healthOf([exponential], [2], [1, 1000])).firstBad).toEqual({
      path: 'e',
      why: '+∞: its activation gives +∞ at [1] from 1000',
    });
  });

  test('an operation', async () => {
    const overflow: ChainLayer = { className: 'Rescaling', config: { name: 'scale', scale: 1e30 } };
    expect((await healthOf([overflow], [2], [1, -1e30])).firstBad).toEqual({
      path: 'scale',
      why: '-∞: Rescaling gives -∞ from -1e30 at [1]',
    });
  });
});
