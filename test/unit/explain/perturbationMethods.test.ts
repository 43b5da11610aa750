import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { findKind } from '../../../src/server/kinds/registry';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward, type Trace } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { chain, type MemoryModel, storeOf, traceOf, type Values } from '../run/memoryModel';
import { askWith, captumModel, file, linearModel, ones, type Question } from './perturbationModels';

let runtime: Runtime;
const traces: Trace[] = [];
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
afterAll(() => {
  for (const trace of traces) trace.dispose();
});

async function traced(model: MemoryModel, input: Values): Promise<Trace> {
  const trace = await traceOf(runtime, model, input);
  traces.push(trace);
  return trace;
}

const raw = async (trace: Trace, question: Question): Promise<number[]> => [
  ...(await askWith(trace, question)).raw.values,
];

const close = (values: readonly number[], digits = 3) => values.map((value) => expect.closeTo(value, digits));

describe('a table', () => {
  let trace: Trace;
  beforeAll(async () => {
    trace = await traced(captumModel(), { shape: [3], values: [20, 50, 30] });
  });

  test('KernelSHAP is exact to 1e-5 and adds up', async () => {
    const { raw: map, header } = await askWith(trace, { method: 'kernel-shap' });
    expect([...map.values].map((value) => value / 100)).toEqual(close([230 / 300, 590 / 300, 350 / 300], 5));
    expect(header.completeness).toBeLessThan(1e-5);
    expect(header.cost).toEqual({ forward: 1 + 8, backward: 0 });
  });

  test('LIME says how well its model fits and how certain it is', async () => {
    const { header } = await askWith(trace, { method: 'lime' });
    expect(header.notices).toEqual([
      expect.stringMatching(/^The linear model explains \d+ % of the variation of the score \(R² = /),
      expect.stringMatching(
        /^Chance moves the values by up to ±[\d.]+ \(standard error\) after 1,000 samples\.$/,
      ),
    ]);
  });

  test('a file that does not fit is refused by name', async () => {
    await expect(
      askWith(trace, { method: 'occlusion', options: { baseline: 'file.npy' }, file: file(1, 2) }),
    ).rejects.toThrow('The baseline has the shape 2 and input "x" has 3.');
    await expect(
      askWith(trace, { method: 'lime', options: { groups: 'file.npy' }, file: file(1, 2) }),
    ).rejects.toThrow('The groups have the shape 2 and input "x" has 3.');
    await expect(
      askWith(trace, { method: 'lime', options: { groups: 'file.npy' }, file: file(1, 2, 0.5) }),
    ).rejects.toThrow('Groups are given as whole numbers, and the file has others.');
  });

  test('what a table has not is refused', async () => {
    await expect(askWith(trace, { method: 'rise', options: { baseline: 'mean' } })).rejects.toThrow(
      'Input "x" has no positions over which a mean could be taken.',
    );
    await expect(askWith(trace, { method: 'lime', options: { groups: 'superpixels' } })).rejects.toThrow(
      'Input "x" is not an image, so it has no superpixels.',
    );
  });
});

describe('images', () => {
  /** 4 x 4 x 2; the score is the sum of the first channel of the top row, less that of the bottom row. */
  const kernel = ones(32, 0).map((_, i) => (i % 2 === 1 ? 0 : i < 8 ? 1 : i >= 24 ? -1 : 0));
  const image = { shape: [4, 4, 2], values: ones(32, 0).map((_, i) => (i % 2 === 0 ? 1 : 7)) };
  const shown = async (question: Question): Promise<number[]> => {
    const trace = await traced(linearModel(image.shape, kernel), image);
    const { raw: map, map: drawn } = await askWith(trace, question);
    expect(map.shape).toEqual(image.shape);
    expect(map.values.every((value, i) => value === map.values[i - (i % 2)])).toBe(true);
    // Drawn is the value of a position, not its sum over the channels, and no negative one.
    expect([...drawn.values]).toEqual(ones(16, 0).map((_, i) => Math.max(0, map.values[2 * i] ?? 0)));
    return Array.from({ length: 16 }, (_, i) => map.values[2 * i] ?? Number.NaN);
  };
  const ROWS = [...ones(4, 1), ...ones(8, 0), ...ones(4, -1)];

  test('channels are covered together and have one value', async () => {
    expect(await shown({ method: 'occlusion', options: { window: 1 } })).toEqual(close(ROWS));
    expect(await shown({ method: 'feature-ablation', options: { segments: 16 } })).toEqual(close(ROWS));
    expect(await shown({ method: 'kernel-shap', options: { groups: 'grid', segments: 4 } })).toEqual(
      close([2, 2, 2, 2, 2, 2, 2, 2, -2, -2, -2, -2, -2, -2, -2, -2].map((value) => value * 1)),
    );
  });

  // PAIR's saliency, saliency/core/occlusion_test.py
  test.each([
    ['sum', [3, 6, 6, 3, 0, 6, 15, 18, 12, 3, 6, 18, 24, 18, 6, 3, 12, 18, 15, 6, 0, 3, 6, 6, 3]],
    ['mean', [3, 3, 2, 1.5, 0, 3, 3.75, 3, 3, 1.5, 2, 3, 8 / 3, 3, 2, 1.5, 3, 3, 3.75, 3, 0, 1.5, 2, 3, 3]],
  ])('the %s of overlapping windows', async (overlap, expected) => {
    const input = ones(25, 0).map((_, i) => (i === 6 || i === 18 ? 1 : 0));
    const trace = await traced(linearModel([5, 5, 1], ones(25, 3)), { shape: [5, 5, 1], values: input });
    const options = { window: 3, stride: 1, overlap };
    expect(await raw(trace, { method: 'occlusion', options })).toEqual(close(expected));
  });

  test('more than 11 groups: a linear score is found by samples, too', async () => {
    const values = await shown({ method: 'kernel-shap', options: { segments: 16, samples: 600 } });
    expect(values).toEqual(close(ROWS));
  });

  test('channels first: the positions are covered, not the channels', async () => {
    const model = chain(
      [2, 4, 4],
      [
        {
          className: 'Conv2D',
          config: {
            name: 'conv',
            filters: 1,
            kernel_size: 1,
            data_format: 'channels_first',
            use_bias: false,
          },
          weights: [{ shape: [1, 1, 2, 1], values: [1, 0] }],
        },
        { className: 'Flatten', config: { name: 'flatten' } },
        {
          className: 'Dense',
          config: { name: 'out', units: 1, use_bias: false },
          weights: [{ shape: [16, 1], values: ROWS }],
        },
      ],
    );
    const values = [...ones(16), ...ones(16, 7)];
    const trace = await traced(model, { shape: [2, 4, 4], values });
    const questions: readonly Question[] = [
      { method: 'occlusion', options: { window: 1 } },
      { method: 'feature-ablation', options: { segments: 16 } },
    ];
    for (const question of questions) {
      const { raw: map, map: drawn } = await askWith(trace, question);
      expect(map.shape).toEqual([2, 4, 4]);
      expect([...map.values]).toEqual(close([...ROWS, ...ROWS]));
      expect([...drawn.values]).toEqual(close(ROWS.map((value) => Math.max(0, value))));
    }
  });

  test('RISE finds what supports and what opposes, the same for the same seed', async () => {
    const question: Question = { method: 'rise', options: { samples: 1000, grid: 4 } };
    const values = await shown(question);
    for (let x = 0; x < 4; x++) {
      expect(values[x]).toBeGreaterThan(0.1);
      expect(values[12 + x]).toBeLessThan(-0.1);
    }
    expect(await shown(question)).toEqual(values);
    expect(await shown({ ...question, options: { ...question.options, seed: 1 } })).not.toEqual(values);
  });

  test('RISE ends when the ranking is stable, and otherwise says that it is not', async () => {
    const trace = await traced(linearModel(image.shape, kernel), image);
    const stable = await askWith(trace, { method: 'rise', options: { samples: 20_000, grid: 4 } });
    expect(stable.header.cost.forward).toBeLessThan(20_000);
    expect(stable.header.notices.join()).not.toContain('not stable');
    const unstable = await askWith(trace, { method: 'rise', options: { samples: 30, grid: 4 } });
    expect(unstable.header.cost.forward).toBe(1 + 30);
    expect(unstable.header.notices.join()).toContain(
      'The ranking of the positions is not stable after 30 samples (reliability 0.',
    );
  });

  test('a mean and a blurred baseline', async () => {
    const values = ones(32, 0).map((_, i) => i);
    const trace = await traced(linearModel([4, 4, 2], kernel), { shape: [4, 4, 2], values });
    const mean = await raw(trace, { method: 'occlusion', options: { window: 1, baseline: 'mean' } });
    // The first channel is 0, 2, ..., 30, with the mean 15.
    expect([mean[0], mean[2], mean[24], mean[30]]).toEqual(close([-15, -13, -9, -15]));
    const blur = await raw(trace, { method: 'occlusion', options: { window: 1, baseline: 'blur' } });
    expect(Math.abs(blur[0] ?? 0)).toBeLessThan(15);
    expect(blur[0]).toBeLessThan(0);
  });
});

describe('sequences and text', () => {
  test('windows of a sequence', async () => {
    const weights = [1, 2, 3, 4, 5, 6];
    const trace = await traced(linearModel([6, 1], weights), { shape: [6, 1], values: ones(6) });
    expect(await raw(trace, { method: 'feature-ablation', options: { segments: 3 } })).toEqual(
      close([3, 3, 7, 7, 11, 11]),
    );
  });

  test('tokens, at their embedding', async () => {
    const model = chain(
      [4],
      [
        {
          className: 'Embedding',
          config: { name: 'embed', input_dim: 3, output_dim: 2 },
          weights: [{ shape: [3, 2], values: [0, 0, 1, 2, 10, 20] }],
        },
        { className: 'GlobalAveragePooling1D', config: { name: 'pool' } },
        {
          className: 'Dense',
          config: { name: 'out', units: 1, use_bias: false },
          weights: [{ shape: [2, 1], values: [4, 4] }],
        },
      ],
    );
    const trace = await traced(model, { shape: [4], values: [1, 0, 2, 1] });
    for (const method of ['occlusion', 'feature-ablation', 'kernel-shap'] as const) {
      const { raw: map } = await askWith(trace, { method });
      expect(map.shape).toEqual([4, 2]);
      expect([0, 2, 4, 6].map((i) => map.values[i])).toEqual(close([3, 0, 30, 3]));
    }
  });
});

test('several inputs, each as a whole', async () => {
  const dense = (name: string, from: string) => ({
    class_name: 'Dense',
    name,
    config: { name, units: 1, use_bias: false },
    inbound_nodes: [[[from, 0, 0, {}]]],
  });
  const input = (name: string, size: number) => ({
    class_name: 'InputLayer',
    name,
    config: { name, batch_input_shape: [null, size] },
    inbound_nodes: [],
  });
  const topology = {
    class_name: 'Functional',
    config: {
      name: 'two',
      layers: [
        input('a', 2),
        input('b', 1),
        dense('da', 'a'),
        dense('db', 'b'),
        {
          class_name: 'Multiply',
          name: 'out',
          config: { name: 'out' },
          inbound_nodes: [
            [
              ['da', 0, 0, {}],
              ['db', 0, 0, {}],
            ],
          ],
        },
      ],
      input_layers: [
        ['a', 0, 0],
        ['b', 0, 0],
      ],
      output_layers: [['out', 0, 0]],
    },
  };
  const graph = buildGraph(
    { topology, format: 'tfjs-layers', kerasVersion: '2.15.0', path: 'two' },
    findKind,
  );
  const store = storeOf(
    new Map([
      ['da/kernel', { shape: [2, 1], values: [1, 1] }],
      ['db/kernel', { shape: [1, 1], values: [1] }],
    ]),
  );
  const tensors = [runtime.tf.tensor([1, 2], [1, 2]), runtime.tf.tensor([4], [1, 1])];
  const trace = await runForward(runtime, graph, new WeightCache(runtime, graph, store), tensors, NO_CONTROL);
  for (const tensor of tensors) tensor.dispose();
  traces.push(trace);
  const { maps, header } = await askWith(trace, { method: 'kernel-shap', options: { groups: 'inputs' } });
  // 3 x 4, of which each input has half.
  expect(maps.map(({ raw: { values } }) => [...values])).toEqual([close([6, 6]), close([6])]);
  expect(header.completeness).toBeLessThan(1e-5);
});

test('a single sigmoid is explained by p or 1 - p, and by the logit on request', async () => {
  const model = chain(
    [2],
    [
      {
        className: 'Dense',
        config: { name: 'out', units: 1, activation: 'sigmoid', use_bias: false },
        weights: [{ shape: [2, 1], values: [1, -2] }],
      },
    ],
  );
  const trace = await traced(model, { shape: [2], values: [1, 1] });
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
  const { raw: map, header } = await askWith(trace, { method: 'occlusion' });
  expect(header.target).toMatchObject({ index: 0, negative: true, score: 'probability' });
  expect([...map.values]).toEqual(close([sigmoid(1) - sigmoid(2), sigmoid(1) - sigmoid(-1)], 6));
  const logits = await askWith(trace, { method: 'occlusion', score: 'logit' });
  expect([...logits.raw.values]).toEqual(close([-1, 2], 6));
  const gradient = await askWith(trace, { method: 'saliency' });
  expect(gradient.header.target.score).toBe('logit');
});

describe('how long a method may take', () => {
  const asked = { method: 'rise', options: { samples: 4000, grid: 2 }, isInsisting: false } as const;
  const traceOfTwo = () =>
    traced(linearModel([2, 2, 1], [1, 0, 0, 0]), { shape: [2, 2, 1], values: ones(4) });

  test('a slow first pass, which also prepares the backend, does not count whole', async () => {
    const trace = await traceOfTwo();
    trace.forwardTime = 60;
    expect((await askWith(trace, asked)).header.cost.forward).toBeGreaterThan(0);
  });

  test('a model that is slow in any case is refused before the method starts', async () => {
    const trace = await traceOfTwo();
    trace.forwardTime = 10_000;
    await expect(askWith(trace, asked)).rejects.toThrow('RISE makes 4000 forward passes here: about 13 min.');
    trace.forwardTime = 10_000;
    expect((await askWith(trace, { ...asked, isInsisting: true })).header.method).toBe('rise');
  });

  test('one that turns out to be slow is refused after its first passes', async () => {
    const trace = await traceOfTwo();
    trace.forwardTime = 60;
    let clock = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => {
      clock += 5000;
      return clock;
    });
    try {
      await expect(askWith(trace, asked)).rejects.toThrow(
        /^RISE makes 4000 forward passes here: about \d+ min\.$/,
      );
    } finally {
      now.mockRestore();
    }
  });
});

test('more groups than the equations can hold are refused', async () => {
  const trace = await traced(linearModel([1100], ones(1100)), { shape: [1100], values: ones(1100) });
  const many = file(...ones(1100).map((_, i) => i));
  await expect(
    askWith(trace, { method: 'kernel-shap', options: { groups: 'file.npy' }, file: many }),
  ).rejects.toThrow('The input has 1100 groups; at most 1024 can be told apart.');
});
