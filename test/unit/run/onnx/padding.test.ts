import { afterAll, expect, test } from 'vitest';
import type { Tensor, TF } from '../../../../src/server/layers/kind';
import { startLazy } from './lazyTests';

const { tf, sessions, image, weight } = await startLazy();
afterAll(() => tf.setBackend('wasm'));

type Image = Extract<Parameters<TF['maxPool']>[0], { shape: [number, number, number, number] }>;

// ONNX Runtime merges padding into the node behind it, where it would no longer be zeros: a maximum pooling pads with -infinity.
test.each<[string, (x: Image) => Tensor]>([
  ['maximum', (x) => tf.maxPool(x, 3, 2, 'valid')],
  ['average', (x) => tf.avgPool(x, 3, 2, 'valid')],
])('zeros around an image count in a pooling: %s', async (_, pool) => {
  const [x, kernel] = [image(81), weight([1, 1, 3, 4], 82)];
  const [compiled, byTfjs] = [false, true].map((refuses) => {
    sessions.refuses = refuses;
    try {
      const below = tf.sub(tf.conv2d(x as Image, kernel as Image, 1, 'same'), 9);
      const padded = tf.pad(below, [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]);
      return tf.sum(pool(padded as Image), -1).dataSync();
    } finally {
      sessions.refuses = false;
    }
  });
  expect(compiled).toHaveLength(16);
  for (const [i, value] of (compiled ?? []).entries()) expect(value).toBeCloseTo(byTfjs?.[i] ?? 0, 4);
});
