import { afterAll, expect, test } from 'vitest';
import type { Tensor } from '../../../../src/server/layers/kind';
import { newestId } from '../../../../src/server/run/backends/onnx/value';
import { startLazy } from './lazyTests';

// What is computed from weights and single numbers is computed once: two calls must not be taken for the same.

const { tf, weight } = await startLazy();
afterAll(() => tf.setBackend('wasm'));

test('the same number in other shapes and of other types gives other values', async () => {
  const w = weight([3], 51);
  expect(tf.add(w, tf.scalar(1)).shape).toEqual([3]);
  expect(tf.add(w, tf.tensor2d([[1]])).shape).toEqual([1, 3]);
  const one = tf.onesLike(w);
  const ratios = await Promise.all([0, -0].map((zero) => tf.div(one, tf.scalar(zero)).data()));
  expect(ratios.map(([first]) => first)).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  const kept = weight([1], 52);
  const quotients: Tensor[] = [0, -0].map((zero) => tf.div(kept, tf.scalar(zero)));
  const [first, second] = quotients.map((quotient) => quotient.dataSync()[0]);
  expect(second).toBe(-(first ?? 0));
});

test('a number is not taken for a weight', () => {
  const w = weight([1], 53);
  const other = weight([1], 54);
  const [value = 0] = w.dataSync();
  const [subtracted = 0] = other.dataSync();
  expect(tf.sub(w, other).dataSync()[0]).toBeCloseTo(value - subtracted, 5);
  // Whatever number the backend gave to the weight, it is among these.
  const last = newestId();
  for (let number = Math.max(1, last - 50); number <= last; number++)
    expect(tf.sub(w, tf.tensor1d([number])).dataSync()[0]).toBeCloseTo(value - number, 2);
});
