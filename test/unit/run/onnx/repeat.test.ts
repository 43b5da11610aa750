import { afterAll, expect, test } from 'vitest';
import type { Tensor } from '../../../../src/server/layers/kind';
import type { LazyComputation } from '../../../../src/server/run/backends/backend';
import { startLazy } from './lazyTests';

const { tf, sessions, lazy, plansOf, image, weight, convolve } = await startLazy();
afterAll(() => tf.setBackend('wasm'));

/** Makes `work` on one operand, recorded for `owner`. */
const repeated = (owner: object, x: Tensor, work: (x: Tensor) => readonly (Tensor | null)[]) =>
  lazy.repeat(owner, 'work', [x], ([operand]) => work(operand ?? x));

test('work is recorded once for a shape and repeated for other values', async () => {
  const kernel = weight([3, 3, 3, 4], 21);
  let made = 0;
  const work = (x: Tensor): Tensor[] => {
    made += 1;
    const out = tf.add(convolve(x, kernel), tf.scalar(0.5));
    return [out, tf.mean(out, [1, 2])];
  };
  const owner = {};
  for (const seed of [22, 23, 24]) {
    const x = image(seed);
    const [expected] = tf.tidy(() => work(tf.clone(x)).map((tensor) => tensor.dataSync().slice()));
    made = 0;
    const [out = null, mean = null] = repeated(owner, x, work);
    expect([made, out?.shape, mean?.shape]).toEqual([seed === 22 ? 1 : 0, [1, 8, 8, 4], [1, 4]]);
    expect(await out?.data()).toEqual(expected);
  }
  made = 0;
  repeated(owner, tf.zeros([2, 8, 8, 3]), work);
  repeated({}, image(25), work);
  expect(made).toBe(2);
});

test('a recording within another graph is compiled with it, and what nobody reads is left out', async () => {
  const kernel = weight([3, 3, 3, 4], 26);
  const owner = {};
  const work = (x: Tensor): Tensor[] => [convolve(x, kernel), tf.exp(x)];
  const x = image(27);
  const y = image(28);
  await Promise.all([x.data(), y.data()]);
  const plans = await plansOf(async () => {
    const [a, b] = [x, y].map((image) => repeated(owner, image, work)[0] ?? image);
    if (a && b) await tf.sub(tf.mean(a, [1, 2]), tf.mean(b, [1, 2])).data();
  });
  expect(plans).toHaveLength(1);
  expect(plans[0]?.feeds).toHaveLength(2);
  expect(plans[0]?.fetches).toHaveLength(1);
});

test('an operand that the results do not depend on is not computed for them', async () => {
  const x = image(29);
  const other = tf.exp(image(30));
  const [out] = lazy.repeat({}, 'work', [x, other], ([a]) => [a ? tf.relu(a) : null]);
  const [plan] = await plansOf(async () => out?.data());
  expect(plan?.feeds).toHaveLength(1);
});

test('work that gives its operand, nothing or the same twice is repeated as it is', async () => {
  const owner = {};
  for (const seed of [31, 32]) {
    const x = image(seed);
    const found = repeated(owner, x, (operand) => {
      const out = tf.relu(operand);
      return [tf.clone(operand), null, out, tf.clone(out)];
    });
    expect(found[1]).toBeNull();
    expect(await found[0]?.data()).toEqual(await x.data());
    expect(await found[3]?.data()).toEqual(await tf.relu(x).data());
    // Each is freed alone.
    found[2]?.dispose();
    expect((await found[3]?.data())?.length).toBe(x.size);
  }
});

test('work that reads values, or tensors of others, is made each time', async () => {
  for (const work of [
    (x: Tensor): Tensor[] => [tf.mul(x, x.dataSync()[0] ?? 0)],
    (x: Tensor): Tensor[] => [tf.mul(x, tf.max(x).dataSync()[0] ?? 0)],
  ]) {
    const owner = {};
    for (const seed of [33, 34]) {
      const x = image(seed);
      const expected = work(x).map((tensor) => tensor.dataSync());
      expect(await repeated(owner, x, work)[0]?.data()).toEqual(expected[0]);
    }
  }
  const owner = {};
  for (const factor of [2, 3]) {
    const other = tf.fill([1, 8, 8, 3], factor);
    const x = image(35);
    const [found] = repeated(owner, x, (operand) => [tf.mul(operand, other)]);
    expect(await found?.data()).toEqual(await tf.mul(x, other).data());
  }
});

test('a failure of work that is recorded is passed on', () => {
  const fails = (): never => {
    throw new Error('no such axis');
  };
  expect(() => repeated({}, image(36), fails)).toThrow('no such axis');
});

test('a recording that TF.js computes, and one with another weight, give their own values', async () => {
  const owner = {};
  const x = image(37);
  const kernels: Tensor[] = [];
  for (const seed of [38, 39]) {
    const kernel = weight([3, 3, 3, 4], seed);
    kernels.push(kernel);
    const work = ([operand, filter]: readonly (Tensor | null)[]) => [
      operand && filter ? convolve(operand, filter) : null,
    ];
    const expected = await convolve(x, kernel).data();
    for (const refuses of [false, true]) {
      sessions.refuses = refuses;
      try {
        const found = await lazy.repeat(owner, 'work', [x, kernel], work)[0]?.data();
        for (const [i, value] of (found ?? []).entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 5);
        expect(found).toHaveLength(expected.length);
      } finally {
        sessions.refuses = false;
      }
    }
  }
  for (const kernel of kernels) kernel.dispose();
});

/** h' = relu(h K + x), and 2 h' besides, within what is repeated. */
function recurrence(
  owner: object,
  kernel: Tensor,
  x: Tensor,
  isReversed: boolean,
): readonly (Tensor | null)[] {
  const state = tf.zeros([2, 3]);
  return lazy.repeat(owner, `loop ${isReversed}`, [x, state, kernel], ([sequence, initial, weights]) => {
    if (!sequence || !initial || !weights) return [];
    const made = lazy.scan(
      ([h], [slice]) => {
        const next = tf.relu(tf.add(tf.matMul(h ?? initial, weights as never), slice ?? initial));
        return { states: [next], outputs: [tf.mul(next, 2)] };
      },
      [initial],
      [sequence],
      isReversed,
    );
    return made ? [...made.states, ...made.outputs] : [];
  });
}

test.each([[false], [true]])(
  'a loop over time is one node, compiled or not (reversed: %s)',
  async (isReversed) => {
    const kernel = weight([3, 3], 41);
    const owner = {};
    for (const seed of [42, 43]) {
      const x = tf.randomUniform([5, 2, 3], -1, 1, 'float32', seed);
      const slices = tf.unstack(x);
      const expected: Tensor[] = [];
      let h = tf.zeros([2, 3]);
      for (const t of isReversed ? [4, 3, 2, 1, 0] : [0, 1, 2, 3, 4]) {
        h = tf.relu(tf.add(tf.matMul(h as never, kernel as never), slices[t] ?? h));
        expected[t] = tf.mul(h, 2);
      }
      const values = [...(await h.data()), ...(await tf.stack(expected).data())];
      for (const refuses of [false, true]) {
        sessions.refuses = refuses;
        try {
          const plans = await plansOf(async () => {
            const [last, all] = recurrence(owner, kernel, x, isReversed);
            const found = [...((await last?.data()) ?? []), ...((await all?.data()) ?? [])];
            expect(found).toHaveLength(values.length);
            for (const [i, value] of found.entries()) expect(value).toBeCloseTo(values[i] ?? 0, 5);
          });
          expect(plans[0]?.calls).toHaveLength(1);
        } finally {
          sessions.refuses = false;
        }
      }
    }
  },
);

test('a loop whose steps read values, or whose states grow, is not compiled', () => {
  const x = tf.zeros([5, 2, 3]);
  const made = (step: Parameters<LazyComputation['scan']>[0]) =>
    lazy.repeat({}, 'loop', [x], ([sequence]) => {
      const state = tf.zeros([2, 3]);
      const found = lazy.scan(step, [state], [sequence ?? x], false);
      expect(found).toBeNull();
      return [state];
    });
  made(([h], [slice]) => ({
    states: [tf.mul(h ?? x, slice?.dataSync()[0] ?? 0)],
    outputs: [],
  }));
  made(([h]) => ({ states: [tf.concat([h ?? x, h ?? x], 0)], outputs: [] }));
  // Outside of what is repeated, each call would be another graph.
  expect(lazy.scan(([h]) => ({ states: [h ?? x], outputs: [] }), [tf.zeros([2, 3])], [x], false)).toBeNull();
  expect.assertions(3);
});
