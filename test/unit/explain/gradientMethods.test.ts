import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { findKind } from '../../../src/server/kinds/registry';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward, type Trace } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { chain, type MemoryModel, storeOf, traceOf, type Values } from '../run/memoryModel';
import { askWith, captumModel, file, linearModel, type Question } from './perturbationModels';

let runtime: Runtime;
const traces: Trace[] = [];
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
afterAll(() => {
  for (const trace of traces) trace.dispose();
});

async function traced(model: MemoryModel, ...values: number[]): Promise<Trace> {
  const trace = await traceOf(runtime, model, { shape: [values.length], values });
  traces.push(trace);
  return trace;
}

const raw = async (trace: Trace, question: Question): Promise<number[]> => [
  ...(await askWith(trace, question)).raw.values,
];

const close = (values: readonly number[], digits = 5) => values.map((value) => expect.closeTo(value, digits));

const dense = (
  name: string,
  kernel: readonly (readonly number[])[],
  bias: readonly number[],
  activation = 'linear',
) => {
  const weights: Values[] = [
    { shape: [kernel.length, bias.length], values: kernel.flat() },
    { shape: [bias.length], values: bias },
  ];
  return { className: 'Dense', config: { name, units: bias.length, activation }, weights };
};

const IDENTITY = [
  [1, 0],
  [0, 1],
];

/** The product of two linear units: of each input one, or both of the same. */
async function productOf(kernels: Readonly<Record<string, readonly number[]>>, inputs: readonly number[][]) {
  const names = Object.keys(kernels);
  const [first = '', second = first] = names;
  const layers = names.flatMap((name) => [
    {
      class_name: 'InputLayer',
      name,
      config: { name, batch_input_shape: [null, kernels[name]?.length] },
      inbound_nodes: [],
    },
    {
      class_name: 'Dense',
      name: `d${name}`,
      config: { name: `d${name}`, units: 1, use_bias: false },
      inbound_nodes: [[[name, 0, 0, {}]]],
    },
  ]);
  const product = {
    class_name: 'Multiply',
    name: 'out',
    config: { name: 'out' },
    inbound_nodes: [
      [
        [`d${first}`, 0, 0, {}],
        [`d${second}`, 0, 0, {}],
      ],
    ],
  };
  const topology = {
    class_name: 'Functional',
    config: {
      name: 'product',
      layers: [...layers, product],
      input_layers: names.map((name) => [name, 0, 0]),
      output_layers: [['out', 0, 0]],
    },
  };
  const graph = buildGraph(
    { topology, format: 'tfjs-layers', kerasVersion: '2.15.0', path: 'product' },
    findKind,
  );
  const store = storeOf(
    new Map(
      Object.entries(kernels).map(([name, values]) => [
        `d${name}/kernel`,
        { shape: [values.length, 1], values },
      ]),
    ),
  );
  const tensors = inputs.map((values) => runtime.tf.tensor(values, [1, values.length]));
  const trace = await runForward(runtime, graph, new WeightCache(runtime, graph, store), tensors, NO_CONTROL);
  for (const tensor of tensors) tensor.dispose();
  traces.push(trace);
  return trace;
}

/** Ids at their embedding, whose features are averaged. */
const embedded = (): MemoryModel =>
  chain(
    [4],
    [
      {
        className: 'Embedding',
        config: { name: 'embed', input_dim: 3, output_dim: 2 },
        weights: [{ shape: [3, 2], values: [0, 0, 1, 2, 10, 20] }],
      },
      { className: 'GlobalAveragePooling1D', config: { name: 'pool' } },
      dense('out', [[4], [4]], [0]),
    ],
  );

test('gradient x input, integrated gradients and DeepLIFT of ids are at the embedding', async () => {
  const trace = await traced(embedded(), 1, 0, 2, 1);
  for (const method of ['gradient-x-input', 'integrated-gradients', 'deep-lift'] as const) {
    const { raw: map } = await askWith(trace, { method });
    expect(map.shape).toEqual([4, 2]);
    expect([...map.values]).toEqual(close([1, 2, 0, 0, 10, 20, 1, 2]));
  }
});

describe('integrated gradients', () => {
  /** relu(act(a - p) - 1 + p - act(b)) */
  const nested = (p: number): MemoryModel =>
    chain(
      [2],
      [
        dense('first', IDENTITY, [-p, 0], 'relu'),
        dense('second', [[1], [-1]], [p - 1], 'relu'),
        dense('out', [[1]], [0]),
      ],
    );

  test.each([0, 1])('as in Captum, whichever way the same function is computed (%i)', async (p) => {
    const trace = await traced(nested(p), 3, 1);
    expect(await raw(trace, { method: 'integrated-gradients' })).toEqual(close([1.5, -0.5], 1));
  });

  test('as in PAIR’s saliency: (2 a + b) squared', async () => {
    const trace = await productOf({ a: [2, 1] }, [[3, 3]]);
    expect(await raw(trace, { method: 'integrated-gradients' })).toEqual(close([54, 27], 3));
  });

  test('several inputs move together', async () => {
    const trace = await productOf({ a: [1, 1], b: [1] }, [[1, 2], [4]]);
    const { maps, header } = await askWith(trace, { method: 'integrated-gradients' });
    expect(maps.map(({ raw: { values } }) => [...values])).toEqual([close([2, 4], 4), close([6], 4)]);
    expect(header.completeness).toBeLessThan(1e-5);
  });

  test('a baseline of a file', async () => {
    const trace = await traced(linearModel([3], [1, -2, 3]), 1, 2, 3);
    const options = { baseline: 'file.npy' };
    const question: Question = { method: 'integrated-gradients', options, file: file(1, 1, 1) };
    expect(await raw(trace, question)).toEqual(close([0, -2, 6]));
  });

  // relu of the hidden layer: its values are those of a linear model, for which x times the gradient is exact.
  test('at a layer', async () => {
    const hidden = [
      [1, -1],
      [2, 1],
    ];
    const model = chain([2], [dense('hidden', hidden, [1, 3], 'relu'), dense('out', [[4], [5]], [0])]);
    const options = { at: 'layer', steps: 4 };
    const { raw: map, header } = await askWith(await traced(model, 3, 1), {
      method: 'integrated-gradients',
      layer: 'hidden',
      options,
    });
    // The layer's values: (6, 1) for the input, (1, 3) for zeros.
    expect([...map.values]).toEqual(close([4 * (6 - 1), 5 * (1 - 3)]));
    expect(header).toMatchObject({ layer: 'hidden', map: { shape: [2] } });
    expect(header.completeness).toBeLessThan(1e-5);
  });

  test('at a layer that nobody chose', async () => {
    const question: Question = { method: 'integrated-gradients', options: { at: 'layer' } };
    await expect(askWith(await traced(nested(0), 3, 1), question)).rejects.toMatchObject({
      error: { kind: 'no-such-layer' },
    });
  });

  test('the steps are doubled until the values add up', async () => {
    // Of n steps, 1 / n of the change is lost at the kink in the middle.
    const { header } = await askWith(await traced(nested(0), 3, 1), {
      method: 'integrated-gradients',
      options: { steps: 2 },
    });
    expect(header.cost).toEqual({ forward: 1 + 129, backward: 129 });
    expect(header.completeness).toBeCloseTo(1 / 128, 5);
    expect(header.notices).toEqual([]);
  });

  test('values that do not add up after all steps are stated', async () => {
    const model = chain([1], [dense('hidden', [[1000]], [-999.5], 'relu'), dense('out', [[1]], [0])]);
    const { header } = await askWith(await traced(model, 1), {
      method: 'integrated-gradients',
      options: { steps: 800 },
    });
    expect(header.completeness).toBeCloseTo(0.375, 2);
    expect(header.notices).toEqual([
      expect.stringMatching(/^The values do not add up .* the error is 3\d %\. 1600 steps were made;/),
    ]);
  });
});

test.each([0, 1, 7])(
  'of a linear model SmoothGrad is the gradient and VarGrad is 0, seed %i',
  async (seed) => {
    const trace = await traced(linearModel([3], [1, -2, 3]), 1, 2, 30);
    expect(await raw(trace, { method: 'smooth-grad', options: { seed } })).toEqual(close([1, -2, 3]));
    expect(await raw(trace, { method: 'smooth-grad-squared', options: { seed } })).toEqual(close([1, 4, 9]));
    expect(await raw(trace, { method: 'var-grad', options: { seed } })).toEqual([0, 0, 0]);
  },
);

describe('expected gradients', () => {
  const ask = async (question: Omit<Question, 'method'> = {}) => {
    const trace = await traced(linearModel([3], [1, -2, 3]), 1, 2, 3);
    return askWith(trace, { method: 'expected-gradients', ...question });
  };

  test('are what a linear model adds to the score of noisy baselines', async () => {
    const { raw: map, header } = await ask({ options: { samples: 4000 } });
    // The noise is 0.15 * (3 - 1) around 0: its mean is 0.005 or so.
    expect([...map.values]).toEqual([expect.closeTo(1, 1), expect.closeTo(-4, 1), expect.closeTo(9, 1)]);
    expect(header.completeness).toBeLessThan(1e-5);
    expect(header.cost).toEqual({ forward: 8001, backward: 4000 });
    expect(header.notices[0]).toMatch(/^Chance moves the values by up to ±0\.0\d+ /);
  });

  test('are the same for the same seed', async () => {
    const [first, again, other] = [await ask(), await ask(), await ask({ options: { seed: 1 } })];
    expect(again.raw.values).toEqual(first.raw.values);
    expect(other.raw.values).not.toEqual(first.raw.values);
  });

  test('draw the baselines of a file, without noise', async () => {
    const baselines = { shape: [2, 3], values: Float32Array.from([0, 0, 0, 2, 2, 2]) };
    const options = { baseline: 'file.npy', samples: 4000 };
    const { raw: map, header } = await ask({ options, file: baselines });
    // Half of each, up to chance.
    const share = (1 - (map.values[0] ?? 0)) / 2;
    expect(share).toBeCloseTo(0.5, 1);
    expect([...map.values]).toEqual(close([1 - 2 * share, -2 * (2 - 2 * share), 3 * (3 - 2 * share)], 4));
    expect(header.completeness).toBeLessThan(1e-5);
  });

  test('without noise are integrated gradients, of several inputs', async () => {
    const trace = await productOf({ a: [1, 1], b: [1] }, [[1, 2], [4]]);
    const options = { noise: 0, samples: 500 };
    const { maps, header } = await askWith(trace, { method: 'expected-gradients', options });
    expect(maps.map(({ raw: { values } }) => [...values])).toEqual([close([2, 4], 2), close([6], 2)]);
    expect(header.completeness).toBeLessThan(0.01);
  });
});

describe('DeepLIFT', () => {
  /** 2 * act(a) + 2 * act(b - 1.5) */
  const twoScalars = (activation = 'relu'): MemoryModel =>
    chain([2], [dense('hidden', IDENTITY, [0, -1.5], activation), dense('out', [[2], [2]], [0])]);

  test('as in Captum: 2 * relu(a) + 2 * relu(b - 1.5)', async () => {
    const trace = await traced(twoScalars(), 1, 2);
    const { raw: map, header } = await askWith(trace, { method: 'deep-lift' });
    expect([...map.values]).toEqual([2, 1]);
    expect(header).toMatchObject({ completeness: 0, notices: [], cost: { forward: 2, backward: 1 } });
  });

  test('several references of a file are averaged', async () => {
    const trace = await traced(twoScalars(), 1, 2);
    const references = { shape: [2, 2], values: Float32Array.from([0, 0, 1, 1.5]) };
    const question: Question = { method: 'deep-lift', options: { baseline: 'file.npy' }, file: references };
    const { raw: map, header } = await askWith(trace, question);
    // Of the second one, `a` is unchanged and `b` passes as it is.
    expect([...map.values]).toEqual([1, 1]);
    expect(header).toMatchObject({ completeness: 0, cost: { forward: 3, backward: 2 } });
  });

  test('a file of references that does not fit is refused by name', async () => {
    const trace = await traced(twoScalars(), 1, 2);
    const references = { shape: [2, 3], values: new Float32Array(6) };
    await expect(
      askWith(trace, { method: 'deep-lift', options: { baseline: 'file.npy' }, file: references }),
    ).rejects.toThrow('The baseline has the shape 2 x 3 and input "x" has 2.');
  });

  test.each(['relu', 'sigmoid', 'tanh', 'elu', 'leaky_relu'])(
    'adds up through %s, without a rest in memory',
    async (activation) => {
      const model = chain(
        [2],
        [
          dense(
            'first',
            [
              [1, -2, 0.5],
              [0.3, 1, -1],
            ],
            [0.1, -0.2, 0.3],
            activation,
          ),
          dense(
            'second',
            [
              [1, 0.5],
              [-1, 2],
              [0.4, 0.6],
            ],
            [-0.1, 0.2],
            activation,
          ),
          dense('out', [[1], [-3]], [0.5]),
        ],
      );
      const trace = await traced(model, 1.5, -0.7);
      // The first question loads the weights.
      const { header } = await askWith(trace, { method: 'deep-lift' });
      expect(header.completeness).toBeLessThan(1e-5);
      expect(header.notices).toEqual([]);
      const { numTensors } = runtime.tf.memory();
      await askWith(trace, { method: 'deep-lift' });
      expect(runtime.tf.memory().numTensors).toBe(numTensors);
    },
  );

  test('the slope is taken where nothing changes', async () => {
    const trace = await traced(twoScalars('sigmoid'), 1, 0);
    const [a, b] = await raw(trace, { method: 'deep-lift' });
    expect(a).toBeCloseTo(2 / (1 + Math.exp(-1)) - 1, 5);
    expect(b).toBe(0);
  });

  test('a softmax passes its gradient, and the error is stated', async () => {
    const model = chain([2], [dense('out', IDENTITY, [0, 0], 'softmax')]);
    const trace = await traced(model, 3, 1);
    const { header } = await askWith(trace, { method: 'deep-lift', score: 'probability' });
    expect(header.completeness).toBeGreaterThan(0.1);
    expect(header.notices).toEqual([
      expect.stringMatching(/^The values do not add up .* pass their gradient\.$/),
    ]);
    // The logits add up.
    const logits = await askWith(trace, { method: 'deep-lift' });
    expect(logits.header).toMatchObject({ completeness: 0, notices: [] });
  });

  test('a product passes its gradient, and the error is stated', async () => {
    const trace = await productOf({ a: [1, 1], b: [1] }, [[1, 2], [4]]);
    const { maps, header } = await askWith(trace, { method: 'deep-lift' });
    expect(maps.map(({ raw: { values } }) => [...values])).toEqual([close([4, 8]), close([12])]);
    expect(header.completeness).toBeCloseTo(1, 5);
    expect(header.notices).toHaveLength(1);
  });

  test('max pooling goes back to the first maximum', async () => {
    const model = chain(
      [4, 1],
      [
        { className: 'MaxPooling1D', config: { name: 'pool', pool_size: 2 } },
        { className: 'Flatten', config: { name: 'flatten' } },
        dense('out', [[2], [3]], [0]),
      ],
    );
    const trace = await traceOf(runtime, model, { shape: [4, 1], values: [5, 5, 1, 4] });
    traces.push(trace);
    expect(await raw(trace, { method: 'deep-lift' })).toEqual([10, 0, 0, 12]);
  });

  test('Captum’s smallest model: the change of each rectifier is shared by the inputs', async () => {
    const trace = await traced(captumModel(), 1, 2.5, 3.3);
    // The first unit stays 0; the others pass 6.8 from 1.
    expect(await raw(trace, { method: 'deep-lift' })).toEqual(close([3, 7.5, 9.9]));
  });
});
