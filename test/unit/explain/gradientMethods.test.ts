import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { startBackend } from '../../../src/server/run/backends/backend';
import type { Trace } from '../../../src/server/run/trace';
import { chain, type MemoryModel, traceOf, type Values } from '../run/memoryModel';
import { askWith, captumModel, type Question } from './perturbationModels';

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

describe('DeepLIFT', () => {
  const IDENTITY = [
    [1, 0],
    [0, 1],
  ];
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
