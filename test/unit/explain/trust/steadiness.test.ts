import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../../../src/server/explain/explain';
import { shifted, shiftsOf } from '../../../../src/server/explain/trust/steadiness';
import { examine } from '../../../../src/server/explain/trust/trust';
import { type Runtime, startBackend } from '../../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../../src/server/run/control';
import type { Trace } from '../../../../src/server/run/trace';
import type { Trust } from '../../../../src/shared/results/trust';
import { type ChainLayer, chain, type MemoryModel, traceOf, walksOf } from '../../run/memoryModel';

let runtime: Runtime;
const traces: Trace[] = [];
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
afterAll(() => {
  for (const trace of traces) trace.dispose();
});

const LENGTH = 64;
/** Flat but for a bump. */
const sequence = Array.from({ length: LENGTH }, (_, i) => [1, 2, 4, 2][i - 20] ?? 0);

async function examined(layers: readonly ChainLayer[]): Promise<Trust> {
  const model: MemoryModel = chain([LENGTH, 1], layers);
  const trace = await traceOf(runtime, model, { shape: [LENGTH, 1], values: sequence });
  traces.push(trace);
  const walks = walksOf(trace);
  const question = {
    method: 'occlusion',
    layer: 'auto',
    target: { index: 'auto' },
    labels: [],
    insist: true,
  } as const;
  const readArray = async (): Promise<never> => {
    throw new Error('No file.');
  };
  const found = await explain(trace, walks, question, NO_CONTROL, readArray);
  return examine({ trace, walks, question, found, readArray, control: NO_CONTROL });
}

/** One sigmoid unit over all positions. */
const unit = (kernel: readonly number[], bias: number): ChainLayer => ({
  className: 'Dense',
  config: { name: 'out', units: 1, activation: 'sigmoid' },
  weights: [
    { shape: [kernel.length, 1], values: kernel },
    { shape: [1], values: [bias] },
  ],
});

describe('the prediction as the input moves', () => {
  test('a model that finds the bump anywhere keeps it', async () => {
    const trust = await examined([
      { className: 'GlobalMaxPooling1D', config: { name: 'pool' } },
      unit([2], -4),
    ]);
    expect(trust.certainty).toBeCloseTo(1 / (1 + Math.exp(-4)), 5);
    expect(trust.steadiness).toBeCloseTo(1, 5);
    expect(trust.reasons.join()).not.toContain('Moving the input');
  });

  test('a model that knows the very positions loses it, and its map is doubted', async () => {
    const kernel = sequence.map((value) => (value > 0 ? value / 2 : -2));
    const trust = await examined([{ className: 'Flatten', config: { name: 'flatten' } }, unit(kernel, -9)]);
    expect(trust).toMatchObject({ verdict: 'doubt', steadiness: expect.any(Number) });
    expect(trust.steadiness).toBeLessThan(0.1);
    expect(trust.reasons[0]).toMatch(
      /^Moving the input by \d positions? leaves 0 % of the probability: what the model goes by/,
    );
  });

  test('a prediction of one half is undecided', async () => {
    const trust = await examined([
      { className: 'GlobalMaxPooling1D', config: { name: 'pool' } },
      unit([2], -7.9),
    ]);
    expect(trust.verdict).toBe('doubt');
    expect(trust.reasons[0]).toBe(
      'The model is undecided: of this class and the next it gives this one 52 % of the probability.',
    );
  });
});

test('an input moves by shares of each axis that is long enough, both ways', () => {
  expect(shiftsOf([100, 4], [50, 2])).toEqual(
    [1, 2, 4, 8].flatMap((by) => [
      [-by, 0],
      [by, 0],
    ]),
  );
  expect(shiftsOf([12], [6])).toEqual([[-1], [1]]);
});

test('the strongest position of the map is not pushed out', () => {
  expect(shiftsOf([100], [98])).toEqual([[-1], [1], [-2], [-4], [-8]]);
  expect(shiftsOf([100], [0])).toEqual([[1], [2], [4], [8]]);
});

test('moved values repeat the edge, in either order of the channels', () => {
  const cells = { cells: 3, channels: 2, channelsFirst: false };
  const last = { shape: [3, 2], values: Float32Array.of(1, 10, 2, 20, 3, 30) };
  expect([...shifted({ value: last, spatial: [3], cells }, [1])]).toEqual([1, 10, 1, 10, 2, 20]);
  const first = { shape: [2, 3], values: Float32Array.of(1, 2, 3, 10, 20, 30) };
  const firstCells = { ...cells, channelsFirst: true };
  expect([...shifted({ value: first, spatial: [3], cells: firstCells }, [-1])]).toEqual([
    2, 3, 3, 20, 30, 30,
  ]);
  const image = { shape: [2, 2, 1], values: Float32Array.of(1, 2, 3, 4) };
  const square = { cells: 4, channels: 1, channelsFirst: false };
  expect([...shifted({ value: image, spatial: [2, 2], cells: square }, [0, 1])]).toEqual([1, 1, 3, 3]);
});
