import { afterAll, expect, test } from 'vitest';
import { startLazy } from './lazyTests';

let processBytes = 0;
const { tf, sessions, plansOf, image, weight, convolve } = await startLazy({
  maxBytes: 1000,
  processBytes: () => {
    // Between the two readings of a run that compiles, the process grows by 400 bytes.
    processBytes += 400;
    return processBytes;
  },
});
afterAll(() => tf.setBackend('wasm'));

test('what compiled graphs keep of memory is measured, and the least recently used are dropped', async () => {
  const x = image(1);
  await x.data();
  const kernels = [2, 3, 4].map((seed) => weight([1, 1, 3, 2], seed));
  const plans = await plansOf(async () => {
    for (const kernel of kernels) await convolve(x, kernel).data();
  });
  expect(plans.map((plan) => sessions.has(plan))).toEqual([false, true, true]);
  // Another run of one that is kept takes no more.
  await convolve(x, kernels[1] ?? x).data();
  expect(plans.map((plan) => sessions.has(plan))).toEqual([false, true, true]);
});
