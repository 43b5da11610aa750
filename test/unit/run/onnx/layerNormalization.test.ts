import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { Tensor } from '../../../../src/server/layers/kind';
import { momentsOf } from '../../../../src/server/layers/normalization/moments';
import { GraphWriter } from '../../../../src/server/run/backends/onnx/graphWriter';
import { withLayerNormalization } from '../../../../src/server/run/backends/onnx/layerNormalization';
import type { OnnxModel } from '../../../../src/server/run/backends/onnx/model';
import { startLazy } from './lazyTests';

const { tf, sessions, lazy, weight } = await startLazy();
afterAll(() => tf.setBackend('wasm'));
afterEach(() => vi.restoreAllMocks());

const EPSILON = 1e-3;
const gamma = weight([1, 1, 6], 1);
const beta = weight([1, 1, 6], 2);
const one = weight([1, 1, 1], 3);

const statistics = (x: Tensor, axes = [2]) => momentsOf(tf, x, axes, EPSILON);
function normal(x: Tensor, axes?: number[]): Tensor {
  const { centred, inverse } = statistics(x, axes);
  return tf.mul(centred, inverse);
}

/** Values times gamma, divided by the root of the mean of `squares`. */
const divided = (values: Tensor, squares: Tensor): Tensor =>
  tf.mul(tf.mul(values, tf.rsqrt(tf.add(tf.mean(squares, [2], true), EPSILON))), gamma);

interface Case {
  readonly name: string;
  readonly work: (x: Tensor) => readonly Tensor[];
  /** How many operators there are, and how many nodes beside them. */
  readonly operators: number;
  readonly others: number;
}

const CASES: readonly Case[] = [
  {
    name: 'with scale and shift',
    work: (x) => [tf.add(tf.mul(normal(x), gamma), beta)],
    operators: 1,
    others: 0,
  },
  {
    name: 'the other way round',
    work: (x) => [tf.add(beta, tf.mul(gamma, normal(x)))],
    operators: 1,
    others: 0,
  },
  { name: 'with scale alone', work: (x) => [tf.mul(normal(x), gamma)], operators: 1, others: 0 },
  {
    name: 'twice',
    work: (x) => [tf.mul(normal(tf.add(tf.mul(normal(x), gamma), beta)), gamma)],
    operators: 2,
    others: 0,
  },
  {
    name: 'whose scaled values are read, too',
    work: (x) => {
      const scaled = tf.mul(normal(x), gamma);
      return [tf.add(scaled, beta), scaled];
    },
    operators: 1,
    others: 1,
  },
  {
    name: 'whose normal values are read, too',
    work: (x) => {
      const own = normal(x);
      return [tf.add(tf.mul(own, gamma), beta), own];
    },
    operators: 0,
    others: 10,
  },
  {
    name: 'whose statistics are used elsewhere',
    work: (x) => {
      const { centred, inverse } = statistics(x);
      return [tf.mul(tf.mul(centred, inverse), gamma), tf.mul(inverse, gamma)];
    },
    operators: 0,
    others: 10,
  },
  { name: 'without scale', work: (x) => [normal(x)], operators: 0, others: 8 },
  { name: 'times one number', work: (x) => [tf.mul(normal(x), one)], operators: 0, others: 9 },
  { name: 'of another axis', work: (x) => [tf.mul(normal(x, [1]), gamma)], operators: 0, others: 9 },
  { name: 'of two axes', work: (x) => [tf.mul(normal(x, [1, 2]), gamma)], operators: 0, others: 9 },
  {
    name: 'centred by the mean of other values',
    work: (x) => {
      const centred = tf.sub(x, tf.mean(tf.relu(x), [2], true));
      return [divided(centred, tf.square(centred))];
    },
    operators: 0,
    others: 10,
  },
  {
    name: 'divided by the root of another mean',
    work: (x) => {
      const centred = tf.sub(x, tf.mean(x, [2], true));
      return [divided(centred, tf.mul(centred, tf.relu(centred)))];
    },
    operators: 0,
    others: 10,
  },
  {
    name: 'of other values than those that are centred',
    work: (x) => [tf.mul(tf.mul(tf.sub(x, tf.mean(tf.relu(x), [2], true)), statistics(x).inverse), gamma)],
    operators: 0,
    others: 12,
  },
];

/** As a layer is recorded: what it computes without its input is part of the graph. */
const recorded = (work: Case['work'], x: Tensor): Tensor[] =>
  lazy.repeat({}, '', [x], ([own]) => (own ? work(own) : [])).filter((tensor) => tensor !== null);

async function read(made: readonly Tensor[]): Promise<number[]> {
  await lazy.computeAlong(async () => made, true);
  return (await Promise.all(made.map(async (tensor) => [...(await tensor.data<'float32'>())]))).flat();
}

test.each(CASES)('a normalization $name: $operators operators', async ({ work, operators, others }) => {
  const x = tf.randomUniform([2, 5, 6], -1, 3, 'float32', 7);
  await x.data();
  sessions.refuses = true;
  const expected = await read(recorded(work, x)).finally(() => {
    sessions.refuses = false;
  });
  const finish = vi.spyOn(GraphWriter.prototype, 'finish');
  const found = await read(recorded(work, x));
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
  const models = finish.mock.results.map(({ value }) => withLayerNormalization(value as OnnxModel));
  const ops = models.flatMap(({ nodes }) => nodes.map(({ op }) => op));
  expect(ops.filter((op) => op === 'LayerNormalization')).toHaveLength(operators);
  expect(ops.filter((op) => op !== 'LayerNormalization')).toHaveLength(others);
});

test('where the mean is a hundred times the deviation, the error stays below that of the definition in float32', async () => {
  const values = Array.from({ length: 60 }, (_, i) => 100 + Math.sin(i * 1.7));
  const x = tf.tensor(values, [2, 5, 6]);
  const found = await read(recorded((own) => [tf.mul(normal(own), gamma)], x));
  const scale = await gamma.data();
  const rounded = values.map(Math.fround);
  for (const [i, value] of found.entries()) {
    const row = rounded.slice(6 * Math.floor(i / 6), 6 * Math.floor(i / 6) + 6);
    const mean = row.reduce((sum, one) => sum + one, 0) / 6;
    const variance = row.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 6;
    const expected = (((rounded[i] ?? 0) - mean) / Math.sqrt(variance + EPSILON)) * (scale[i % 6] ?? 0);
    expect(Math.abs(value - expected)).toBeLessThan(1e-5);
  }
});
