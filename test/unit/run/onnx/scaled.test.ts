import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { Tensor, TF } from '../../../../src/server/layers/kind';
import { GraphWriter } from '../../../../src/server/run/backends/onnx/graphWriter';
import type { OnnxModel } from '../../../../src/server/run/backends/onnx/model';
import { startLazy } from './lazyTests';

// A convolution whose output is multiplied by a number per channel, as by a batch normalization.

const { tf, sessions, lazy, image, weight } = await startLazy();
afterAll(() => tf.setBackend('wasm'));
afterEach(() => vi.restoreAllMocks());

type Image = Parameters<TF['conv2d']>[0] & { rank: 4 };

const kernel = weight([3, 3, 3, 5], 1);
const depthwise = weight([3, 3, 3, 2], 2);
const convolved = (x: Tensor): Tensor => tf.conv2d(x as Image, kernel as never, 1, 'same');
const apart = (x: Tensor): Tensor => tf.depthwiseConv2d(x as Image, depthwise as never, 1, 'same');
const bias = weight([5], 3);
const scale = weight([5], 4);
const scales = weight([1, 1, 1, 6], 5);
const shift = weight([5], 6);

interface Case {
  readonly name: string;
  readonly work: (x: Tensor) => readonly Tensor[];
  readonly isScaled: boolean;
}

const CASES: readonly Case[] = [
  { name: 'alone', work: (x) => [tf.add(tf.mul(convolved(x), scale), shift)], isScaled: true },
  { name: 'the other way round', work: (x) => [tf.mul(scale, convolved(x))], isScaled: true },
  {
    name: 'with a bias',
    work: (x) => [tf.add(tf.mul(tf.add(convolved(x), bias), scale), shift)],
    isScaled: true,
  },
  { name: 'depthwise', work: (x) => [tf.mul(apart(x), scales)], isScaled: true },
  {
    name: 'of an image of one pixel',
    work: (x) => [tf.mul(convolved(tf.mean(x, [1, 2], true)), scale)],
    isScaled: true,
  },
  {
    name: 'that is read, too',
    work: (x) => {
      const middle = convolved(x);
      return [tf.mul(middle, scale), middle];
    },
    isScaled: false,
  },
  {
    name: 'whose sum with a bias is used twice',
    work: (x) => {
      const middle = tf.add(convolved(x), bias);
      return [tf.add(tf.mul(middle, scale), middle)];
    },
    isScaled: false,
  },
  {
    name: 'that is added to another image',
    work: (x) => [tf.mul(tf.add(convolved(x), tf.relu(convolved(x))), scale)],
    isScaled: false,
  },
  { name: 'times one number', work: (x) => [tf.mul(convolved(x), 3)], isScaled: false },
];

async function read(made: readonly Tensor[]): Promise<number[]> {
  await lazy.computeAlong(async () => made, true);
  return (await Promise.all(made.map(async (tensor) => [...(await tensor.data<'float32'>())]))).flat();
}

test.each(CASES)('a convolution $name: multiplied in its kernel: $isScaled', async ({ work, isScaled }) => {
  const x = image(7);
  await x.data();
  sessions.refuses = true;
  const expected = await read(work(x)).finally(() => {
    sessions.refuses = false;
  });
  const finish = vi.spyOn(GraphWriter.prototype, 'finish');
  const found = await read(work(x));
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
  const models = finish.mock.results.map(({ value }) => value as OnnxModel);
  expect(models.length).toBeGreaterThan(0);
  const constants = models.flatMap(({ initializers }) => [...initializers.values()]);
  expect(constants.some(({ laidOut }) => laidOut?.scales !== undefined)).toBe(isScaled);
  // None is computed twice.
  const convolutions = models.flatMap(({ nodes }) => nodes).filter(({ op }) => op === 'Conv');
  expect(convolutions.length).toBeLessThanOrEqual(isScaled ? 1 : 2);
});
