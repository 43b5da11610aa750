import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CounterfactualRequest,
  counterfactual,
} from '../../../../src/server/explain/whatIf/counterfactual';
import type { Runtime } from '../../../../src/server/run/backends/backend';
import { startBackend } from '../../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../../src/server/run/control';
import type { Trace } from '../../../../src/server/run/trace';
import { type ChainLayer, chain, traceOf, type Values } from '../../run/memoryModel';

let runtime: Runtime;
const traces: Trace[] = [];
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
afterAll(() => {
  for (const trace of traces) trace.dispose();
});

async function ask(
  layers: readonly ChainLayer[],
  input: Values,
  question: Partial<CounterfactualRequest> = {},
) {
  const trace = await traceOf(runtime, chain(input.shape, layers), input);
  traces.push(trace);
  const request = { target: { index: 'auto' as const }, labels: [], ...question };
  return counterfactual(trace, request, NO_CONTROL, async () => {
    throw new Error('no files');
  });
}

/** @param kernel [columns][units] */
const dense = (
  kernel: readonly (readonly number[])[],
  bias: readonly number[],
  activation: string,
): ChainLayer => ({
  className: 'Dense',
  config: { name: 'out', units: bias.length, activation },
  weights: [
    { shape: [kernel.length, bias.length], values: kernel.flat() },
    { shape: [bias.length], values: bias },
  ],
});
const TABLE = { shape: [4], values: [1, 1, 1, 1] };
/** Class 0 leads by 1 + 4 + 2 - 3 - 2 = 2: the second column alone decides. */
const SOFTMAX = dense(
  [
    [1, 0],
    [4, 0],
    [2, 0],
    [0, 3],
  ],
  [0, 2],
  'softmax',
);

test('the column that decides is removed, and one more run verifies it', async () => {
  const found = await ask([SOFTMAX], TABLE, { labels: ['a', 'b'] });
  expect(found).toMatchObject({ removed: [1], isFound: true, isVerified: true, groups: 4, baseline: 'zero' });
  expect(found.decision).toMatchObject({ index: 0, goal: 'lose' });
  expect(found.before[0]).toMatchObject({ index: 0, label: 'a', logit: 7 });
  expect(found.after[0]).toMatchObject({ index: 1, label: 'b', logit: 5 });
  expect(found.after[0]?.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  expect(found.cells).toEqual([
    { input: 'x', inputIndex: 0, groups: 4, removedGroups: 1, shape: [4], mask: Uint8Array.of(0, 1, 0, 0) },
  ]);
  // The first pass, each column once, and the last one alone.
  expect(found.passes).toBe(6);
});

test('a class that is not predicted is made so, also as the one to compare with', async () => {
  for (const target of [{ index: 1 }, { index: 0, versus: 1 }]) {
    const found = await ask([SOFTMAX], TABLE, { target });
    expect(found.decision).toMatchObject({ index: 1, goal: 'win' });
    expect(found).toMatchObject({ removed: [1], isVerified: true });
  }
});

test('both classes of a single sigmoid can be lost', async () => {
  const positive = await ask([dense([[1], [3], [1], [0]], [-2], 'sigmoid')], TABLE);
  // Without the second column z is 0, which still is class 1.
  expect(positive).toMatchObject({ removed: [1, 0], isVerified: true });
  const strict = await ask([dense([[1], [3], [1], [0]], [-2.5], 'sigmoid')], TABLE);
  expect(strict).toMatchObject({ removed: [1], isVerified: true });
  const negative = await ask([dense([[1], [-3], [0], [0]], [0.5], 'sigmoid')], TABLE);
  expect(negative.decision).toMatchObject({ index: 0, goal: 'lose' });
  expect(negative).toMatchObject({ removed: [1], isVerified: true });
});

test('a label that does not exclude others crosses its own threshold', async () => {
  const found = await ask(
    [
      dense(
        [
          [1, 9],
          [2, 0],
          [0, 0],
          [0, 0],
        ],
        [-2.5, 0],
        'sigmoid',
      ),
    ],
    TABLE,
    {
      target: { index: 0 },
    },
  );
  expect(found).toMatchObject({ removed: [1], isVerified: true });
  expect(found.decision).toMatchObject({ index: 0, goal: 'lose' });
});

test('what no removal changes is said so, and its nearest set is named', async () => {
  const found = await ask(
    [
      dense(
        [
          [1, 0],
          [0, 1],
          [1, 0],
          [0, 0],
        ],
        [9, 0],
        'softmax',
      ),
    ],
    TABLE,
  );
  expect(found).toMatchObject({ removed: [0, 2], isFound: false, isVerified: false });
});

test('superpixels of an image: the bright square that makes the class', async () => {
  const values = Array.from({ length: 256 }, (_, i) => (i % 16 < 4 && i < 64 ? 1 : 0));
  const layers: ChainLayer[] = [
    { className: 'GlobalAveragePooling2D', config: { name: 'gap' } },
    dense([[100, 0]], [0, 2], 'softmax'),
  ];
  const found = await ask(
    layers,
    { shape: [16, 16, 1], values },
    { options: { groups: 'grid', segments: 16, fuse: 'mean' } },
  );
  expect(found).toMatchObject({ isVerified: true, groups: 16, removed: [0] });
  expect(found.cells[0]?.shape).toEqual([16, 16]);
  expect(Array.from(found.cells[0]?.mask ?? [])).toEqual(values);
});

test('where nothing is decided, it is refused with a way out', async () => {
  await expect(ask([dense([[1], [1], [1], [1]], [0], 'linear')], TABLE)).rejects.toThrow(
    'The output is a single value, which has no class that could change.',
  );
  await expect(ask([SOFTMAX], TABLE, { target: { index: 2 } })).rejects.toThrow('there is no class 2');
  await expect(ask([SOFTMAX], TABLE, { target: { index: 0, unit: 'out' } })).rejects.toThrow(
    'A unit of layer "out" is not a prediction',
  );
  const convolution: ChainLayer = {
    className: 'Conv2D',
    config: { name: 'map', filters: 2, kernel_size: 1, activation: 'softmax' },
    weights: [
      { shape: [1, 1, 1, 2], values: [1, 0] },
      { shape: [2], values: [0, 0] },
    ],
  };
  await expect(ask([convolution], { shape: [2, 2, 1], values: [1, 1, 1, 1] })).rejects.toThrow(
    'The output has 4 predictions, and this question is about one.',
  );
});
