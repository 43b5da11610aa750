import { afterAll, expect, test } from 'vitest';
import { startLazy } from './lazyTests';

const { tf, sessions, lazy, image } = await startLazy();
afterAll(() => tf.setBackend('wasm'));

test('work that catches that it depends on values is made each time', async () => {
  const owner = {};
  for (const seed of [61, 62]) {
    const x = image(seed);
    const work = (operand: typeof x) => {
      try {
        return [tf.mul(operand, operand.dataSync()[0] ?? 0)];
      } catch {
        return [tf.relu(operand)];
      }
    };
    const [expected] = work(x);
    const [found] = lazy.repeat(owner, 'work', [x], ([operand]) => work(operand ?? x));
    expect(await found?.data()).toEqual(await expected?.data());
  }
});

test('a loop over time gives its own values after one that failed', async () => {
  const owner = {};
  const run = (seed: number) => {
    const x = tf.randomUniform([4, 2, 3], -1, 1, 'float32', seed);
    const made = lazy.repeat(owner, 'loop', [x, tf.zeros([2, 3])], ([sequence, initial]) => {
      const found =
        sequence &&
        initial &&
        lazy.scan(
          ([h = initial], [slice = initial]) => {
            const next = tf.tanh(tf.add(tf.exp(slice), h));
            return { states: [next], outputs: [next] };
          },
          [initial],
          [sequence],
          false,
        );
      return found ? found.outputs : [null];
    });
    return made[0] ?? x;
  };
  const expected = await run(64).data();
  sessions.refuses = true;
  const own = tf.getKernel('Tanh', 'cpu');
  tf.unregisterKernel('Tanh', 'cpu');
  tf.registerKernel({
    ...own,
    kernelFunc: () => {
      throw new Error('out of memory');
    },
  });
  try {
    await expect(async () => run(63).data()).rejects.toThrow('out of memory');
  } finally {
    tf.unregisterKernel('Tanh', 'cpu');
    tf.registerKernel(own);
  }
  const found = await run(64).data();
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 5);
});
