import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Passes } from '../../../src/server/explain/passes';
import { readScores } from '../../../src/server/explain/score';
import { chooseTarget } from '../../../src/server/explain/target';
import { openModelFile } from '../../../src/server/formats/open';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { type Control, NO_CONTROL } from '../../../src/server/run/control';
import { type ForwardOptions, runForward, type Trace } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { graphOf } from '../../../src/server/session/modelGraph';
import type { TargetChoice } from '../../../src/shared/explanation';
import type { BackendName } from '../../../src/shared/model';
import { type GraphOp, placeholder, writeGraphModel } from '../../unit/run/graphModel';
import { chain, type MemoryModel, type Values } from '../../unit/run/memoryModel';
import { onBackend } from '../backends';

/** Relative to values above 1: kernels add up in another order for larger batches. */
const TOLERANCE = 1e-6;
const COUNT = 20;

interface Case {
  readonly model: () => Promise<MemoryModel>;
  readonly shape: readonly number[];
  readonly target?: TargetChoice;
  /** The number of passes for twenty changed inputs; the first one may be repeated. */
  readonly passes: number;
}

/** Random values, the same in every run. */
function numbers(shape: readonly number[], seed: number): Values {
  let state = seed;
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 31) * 2 - 1;
  });
  return { shape, values };
}

const positive = ({ shape, values }: Values): Values => ({
  shape,
  values: values.map((value) => Math.abs(value) + 0.1),
});

const normalized = async (): Promise<MemoryModel> =>
  chain(
    [6, 6, 2],
    [
      {
        className: 'Conv2D',
        config: { name: 'conv', filters: 4, kernel_size: [3, 3] },
        weights: [numbers([3, 3, 2, 4], 1), numbers([4], 2)],
      },
      {
        className: 'BatchNormalization',
        config: { name: 'norm' },
        weights: [numbers([4], 3), numbers([4], 4), numbers([4], 5), positive(numbers([4], 6))],
      },
      { className: 'ReLU', config: { name: 'relu' } },
      { className: 'GlobalAveragePooling2D', config: { name: 'pool' } },
      {
        className: 'Dense',
        config: { name: 'dense', units: 3, activation: 'softmax' },
        weights: [numbers([4, 3], 7), numbers([3], 8)],
      },
      { className: 'Reshape', config: { name: 'reshape', target_shape: [3, 1] } },
    ],
  );

const sigmoid = async (): Promise<MemoryModel> =>
  chain(
    [5],
    [
      {
        className: 'Dense',
        config: { name: 'dense', units: 1, activation: 'sigmoid' },
        weights: [numbers([5, 1], 9), numbers([1], 10)],
      },
    ],
  );

/** Each example has its own mask. */
const masked = async (): Promise<MemoryModel> =>
  chain(
    [6, 2],
    [
      { className: 'Masking', config: { name: 'mask', mask_value: 0 } },
      {
        className: 'GRU',
        config: { name: 'gru', units: 3, activation: 'tanh', recurrent_activation: 'sigmoid' },
        weights: [numbers([2, 9], 11), numbers([3, 9], 12), numbers([9], 13)],
      },
      {
        className: 'Dense',
        config: { name: 'dense', units: 2 },
        weights: [numbers([3, 2], 14), numbers([2], 15)],
      },
    ],
  );

async function fromFile(path: string): Promise<MemoryModel> {
  const file = await openModelFile(path);
  return { graph: graphOf(file), store: file.weights };
}

/** The score of every unit of the output is twice the input, less the mean over the batch. */
const mixing: readonly GraphOp[] = [
  placeholder('x', 'DT_FLOAT', -1, 4),
  { name: 'mean', op: 'Mean', input: ['x', 'axis'], attr: { keep_dims: { b: true } } },
  { name: 'twice', op: 'AddV2', input: ['x', 'x'], attr: {} },
  { name: 'out', op: 'Sub', input: ['twice', 'mean'], attr: {} },
];

const single: readonly GraphOp[] = [
  placeholder('x', 'DT_FLOAT', -1, 4),
  { name: 'out', op: 'Reshape', input: ['x', 'shape'], attr: {} },
];

/** Compares further forward passes with separate runs, on one backend. */
export const testForward = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'further forward passes', (runtime) => {
    const folder = mkdtempSync(join(tmpdir(), 'layerglass-forward-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const constant = (name: string, values: readonly number[]) =>
      ({ name, shape: [values.length], dtype: 'int32', values }) as const;

    test.each<[string, Case]>([
      [
        'of the toy',
        {
          model: () => fromFile(join(__dirname, '../../fixtures/golden/toy.keras')),
          shape: [4, 4, 1],
          passes: 1,
        },
      ],
      ['through a BatchNormalization', { model: normalized, shape: [6, 6, 2], passes: 1 }],
      [
        'for a probability',
        { model: normalized, shape: [6, 6, 2], target: { index: 1, score: 'probability' }, passes: 1 },
      ],
      [
        'against a class',
        { model: normalized, shape: [6, 6, 2], target: { index: 2, negative: true }, passes: 1 },
      ],
      ['for class 0 of a sigmoid', { model: sigmoid, shape: [5], target: { index: 0 }, passes: 1 }],
      [
        'for the probability of class 0',
        { model: sigmoid, shape: [5], target: { index: 0, score: 'probability' }, passes: 1 },
      ],
      ['with a mask', { model: masked, shape: [6, 2], passes: 1 }],
      [
        'of a model that mixes its examples: one by one',
        {
          model: () => fromFile(writeGraphModel(folder, mixing, [constant('axis', [0])])),
          shape: [4],
          passes: COUNT + 1,
        },
      ],
      [
        'of a model for a batch of one: one by one',
        {
          model: () => fromFile(writeGraphModel(folder, single, [constant('shape', [1, 4])])),
          shape: [4],
          passes: COUNT + 1,
        },
      ],
    ])('%s', async (_, { model, shape, target = { index: 'auto' }, passes }) => {
      const run = runsOf(runtime, await model());
      const trace = await run(numbers(shape, 20));
      const changed = Array.from({ length: COUNT }, (_, i) => changedBy(numbers(shape, 20), i));
      const seen = new Set<string>();
      const forward = await passesOf(trace, target, {
        ...NO_CONTROL,
        report: (_, message) => seen.add(message),
      });
      const before = runtime.tf.memory().numTensors;
      const scores = await forward({ count: COUNT, at: (i) => Float32Array.from(changed[i]?.values ?? []) });
      expect(runtime.tf.memory().numTensors).toBe(before);
      expect(seen.size).toBe(passes);
      const { target: chosen } = await targetOf(trace, target);
      for (const [i, values] of changed.entries()) {
        const alone = await run(values);
        const wanted = (await targetOf(alone, { ...target, index: chosen.index })).target.value;
        expect(Math.abs((scores[i] ?? Number.NaN) - wanted), `${i}`).toBeLessThanOrEqual(
          TOLERANCE * Math.max(1, Math.abs(wanted)),
        );
        alone.dispose();
      }
      trace.dispose();
    });

    describe('with little memory', () => {
      const shape = [6, 6, 2];
      const inputs = { count: COUNT, at: (i: number) => Float32Array.from(numbers(shape, 30 + i).values) };

      test('need several passes, made one at a time', async () => {
        const run = runsOf(runtime, await normalized());
        const whole = await run(numbers(shape, 20));
        const small = await run(numbers(shape, 20), { maxBytes: whole.bytes * 8 });
        const order: string[] = [];
        const report = (_: number, message: string) => void (order.at(-1) === message || order.push(message));
        const forward = await passesOf(small, { index: 0 }, { ...NO_CONTROL, report });
        const scores = await forward({
          count: COUNT,
          at: (i) => {
            order.push(`made ${i}`);
            return inputs.at(i);
          },
        });
        const passes = order.filter((entry) => entry.startsWith('Running'));
        expect(passes.length).toBeGreaterThan(1);
        expect(passes.length).toBeLessThan(COUNT);
        expect(passes.at(0)).toMatch(/^Running passes 1 to \d of 20$/);
        expect(order.indexOf(passes.at(0) ?? '')).toBeLessThan(order.indexOf(`made ${COUNT - 1}`));
        const atOnce = await (await passesOf(whole, { index: 0 }, NO_CONTROL))(inputs);
        for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(atOnce[i] ?? Number.NaN, 5);
        small.dispose();
        whole.dispose();
      });

      test('stop at the next report when cancelled, and keep no tensors', async () => {
        const run = runsOf(runtime, await normalized());
        const whole = await run(numbers(shape, 20));
        // Several passes: where layers are only recorded, the next report is that of the next pass.
        const trace = await run(numbers(shape, 20), { maxBytes: whole.bytes * 8 });
        let reports = 0;
        const control = { report: () => void reports++, isCancelled: () => reports > 1 };
        const forward = await passesOf(trace, { index: 0 }, control);
        const before = runtime.tf.memory().numTensors;
        await expect(forward(inputs)).rejects.toMatchObject({ error: { kind: 'cancelled' } });
        expect(reports).toBe(2);
        expect(runtime.tf.memory().numTensors).toBe(before);
        trace.dispose();
        whole.dispose();
      });
    });
  });

/** Runs one model on one example at a time. */
function runsOf(runtime: Runtime, { graph, store }: MemoryModel) {
  const weights = new WeightCache(runtime, graph, store);
  return async ({ shape, values }: Values, options: ForwardOptions = {}): Promise<Trace> => {
    const tensor = runtime.tf.tensor([...values], [1, ...shape], 'float32');
    try {
      return await runForward(runtime, graph, weights, [tensor], NO_CONTROL, options);
    } finally {
      tensor.dispose();
    }
  };
}

async function targetOf(trace: Trace, choice: TargetChoice) {
  const scores = await readScores(trace, 0);
  return { scores, ...chooseTarget(scores, choice, []) };
}

async function passesOf(trace: Trace, choice: TargetChoice, control: Control) {
  const { scores, score } = await targetOf(trace, choice);
  const [input = ''] = trace.graph.inputs;
  const passes = new Passes({ trace, scores, score, control });
  return ({ count, at }: { count: number; at: (index: number) => Float32Array }) =>
    passes.scores({ at: [{ node: input, output: 0 }], count, values: (index) => [at(index)] });
}

/** Sets some of the values to 0, as a perturbation does. */
const changedBy = ({ shape, values }: Values, step: number): Values => ({
  shape,
  values: values.map((value, i) => ((i >> 1) % COUNT < step ? 0 : value * (1 + step / COUNT))),
});
