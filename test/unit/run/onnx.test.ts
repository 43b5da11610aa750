import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tensor, TF } from '../../../src/server/layers/kind';
import type { LazyComputation } from '../../../src/server/run/backends/backend';
import { loadBinding } from '../../../src/server/run/backends/onnx/binding';
import { kernelsFor } from '../../../src/server/run/backends/onnx/kernels/kernels';
import { registerOnnx } from '../../../src/server/run/backends/onnx/onnx';
import type { Plan } from '../../../src/server/run/backends/onnx/plan';
import { Sessions } from '../../../src/server/run/backends/onnx/sessions';
import { startWasm } from '../../../src/server/run/backends/wasm';

/** Counts runs, and refuses what a test tells it to. */
class CountedSessions extends Sessions {
  readonly plans: Plan[] = [];
  refuses = false;

  override run(plan: Plan, whenRefused: (why: string) => void, isAccepted: () => boolean): boolean {
    this.plans.push(plan);
    return !this.refuses && super.run(plan, whenRefused, isAccepted);
  }
}

let tf: TF;
let sessions: CountedSessions;
let lazy: LazyComputation;

beforeAll(async () => {
  ({ tf } = await startWasm());
  sessions = new CountedSessions(loadBinding(), kernelsFor(tf), {
    threads: 1,
    maxBytes: Number.POSITIVE_INFINITY,
  });
  registerOnnx(tf, sessions, true);
  await tf.setBackend('onnx');
  lazy = tf.backend() as unknown as LazyComputation;
});

afterAll(() => tf.setBackend('wasm'));

/** The plans of the runs that `work` makes. */
async function plansOf(work: () => Promise<unknown>): Promise<Plan[]> {
  const before = sessions.plans.length;
  await work();
  return sessions.plans.slice(before);
}

const image = (seed: number): Tensor => tf.randomUniform([1, 8, 8, 3], -1, 1, 'float32', seed);
const weight = (shape: number[], seed: number): Tensor => {
  const made = tf.randomUniform(shape, -1, 1, 'float32', seed);
  // Its own values: a weight is never a result.
  const tensor = tf.tensor(made.dataSync().slice(), shape);
  lazy.keepConstant(tensor);
  return tensor;
};
const convolve = (x: Tensor, kernel: Tensor): Tensor =>
  tf.relu(tf.conv2d(x as Parameters<TF['conv2d']>[0] & { rank: 4 }, kernel as never, 1, 'same'));

test('nothing is computed before a value is read, and then all of it in one graph', async () => {
  const kernel = weight([3, 3, 3, 4], 1);
  const x = image(2);
  await x.data();
  const plans = await plansOf(async () => {
    const out = tf.mean(convolve(x, kernel), [1, 2]);
    expect(out.shape).toEqual([1, 4]);
    await out.data();
    await out.data();
  });
  expect(plans.map(({ calls }) => calls.map(({ name }) => name))).toEqual([['Conv2D', 'Relu', 'Mean']]);
});

test('a graph is compiled once for all inputs of a shape', async () => {
  const kernel = weight([3, 3, 3, 4], 3);
  const inputs = [image(4), image(5)];
  for (const x of inputs) await x.data();
  const [first, second] = await plansOf(async () => {
    for (const x of inputs) await convolve(x, kernel).data();
  });
  expect(second?.key).toBe(first?.key);
  const [other] = await plansOf(() =>
    convolve(tf.tensor(new Float32Array(108), [1, 6, 6, 3]), kernel).data(),
  );
  expect(other?.key).not.toBe(first?.key);
});

test('a graph with another infinity is another graph', async () => {
  const x = tf.tensor([-1, 2], [2]);
  const padded = async (by: number) => [...(await tf.relu6(tf.pad(x, [[0, 1]], by)).data())];
  expect(await padded(Number.POSITIVE_INFINITY)).toEqual([0, 2, 6]);
  expect(await padded(Number.NEGATIVE_INFINITY)).toEqual([0, 2, 0]);
});

test('what is recorded beforehand is computed along with the first value that is read', async () => {
  const kernel = weight([3, 3, 3, 4], 6);
  const x = image(7);
  await x.data();
  const plans = await plansOf(async () => {
    const middle = convolve(x, kernel);
    const out = tf.mean(middle, [1, 2]);
    await lazy.computeAlong(async () => [tf.mul(middle, 2)]);
    await out.data();
    await middle.data();
  });
  expect(plans).toHaveLength(1);
  expect(plans[0]?.fetches).toHaveLength(2);
});

test('what depends on weights alone is computed once', async () => {
  const variance = weight([4], 8);
  const scaled = async (x: Tensor) => tf.mul(x, tf.rsqrt(tf.add(tf.abs(variance), 1e-3))).data();
  const x = tf.tensor(new Float32Array(8).fill(1), [2, 4]);
  const [first] = await plansOf(() => scaled(x));
  expect(first?.calls.map(({ name }) => name)).toEqual(['Multiply']);
  const factor = tf.rsqrt(tf.add(tf.abs(variance), 1e-3)).dataSync();
  expect([...(await scaled(x))].slice(0, 4)).toEqual([...factor]);
});

test('a graph that ONNX Runtime refuses is computed by TF.js', async () => {
  const kernel = weight([3, 3, 3, 4], 9);
  const x = image(10);
  const expected = await convolve(x, kernel).data();
  sessions.refuses = true;
  try {
    const found = await convolve(tf.tensor(x.dataSync().slice(), x.shape), kernel).data();
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 5);
  } finally {
    sessions.refuses = false;
  }
});

test('NaN in an input goes to TF.js, whose kernels are corrected for it', async () => {
  const x = tf.tensor([Number.NaN, 1, 2, 3], [2, 2]);
  expect([...(await tf.max(x, 1).data())]).toEqual([Number.NaN, 3]);
});

test('the graphs of a weight are freed with it', async () => {
  const kernel = weight([3, 3, 3, 4], 11);
  const x = image(12);
  const before = sessions.bytes;
  const [plan] = await plansOf(() => convolve(x, kernel).data());
  expect(plan).toBeDefined();
  expect(sessions.bytes).toBeGreaterThan(before);
  // A copy is not the weight.
  tf.clone(kernel).dispose();
  expect(sessions.bytes).toBeGreaterThan(before);
  kernel.dispose();
  expect(sessions.bytes).toBe(before);
});

test('a backward pass through what a window reaches or does not is that of TF.js', async () => {
  for (const [size, strides, pad] of [
    [7, 2, 'valid'],
    [8, 3, 'valid'],
    [8, 2, 'same'],
    [9, 1, 'same'],
  ] as const) {
    const x = tf.randomUniform([2, size, size, 3], -1, 1, 'float32', size);
    const kernel = tf.randomUniform([3, 3, 3, 2], -1, 1, 'float32', 5);
    const shape = x.shape as [number, number, number, number];
    const { outShape } = tf.backend_util.computeConv2DInfo(shape, [3, 3, 3, 2], strides, 1, pad);
    const dy = tf.randomUniform(outShape, -1, 1, 'float32', 6);
    const values = [x, kernel, dy].map((tensor) => tensor.dataSync().slice());
    const gradientOn = async (backend: string): Promise<Float32Array> => {
      await tf.setBackend(backend);
      const inputs = {
        dy: tf.tensor(values[2] ?? [], outShape),
        filter: tf.tensor(values[1] ?? [], [3, 3, 3, 2]),
      };
      const attributes = { strides, pad, dataFormat: 'NHWC', inputShape: shape };
      const found = tf.engine().runKernel('Conv2DBackpropInput', inputs, attributes) as Tensor;
      return (await found.data<'float32'>()).slice();
    };
    const expected = await gradientOn('cpu');
    const found = await gradientOn('onnx');
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 5);
  }
});

test('the gradient of a large maximum pooling goes to the first of equal maxima, compiled or not', async () => {
  const shape = [1, 64, 64, 4] as [number, number, number, number];
  // Half of the values are equal.
  const values = Float32Array.from({ length: 64 * 64 * 4 }, (_, i) => Math.max(0, Math.sin(i * 1.7)));
  const dy = Float32Array.from({ length: 32 * 32 * 4 }, (_, i) => i + 1);
  const gradientWith = async (refuses: boolean): Promise<Float32Array> => {
    sessions.refuses = refuses;
    try {
      const input = tf.tensor(values, shape);
      const output = tf.maxPool(input as Parameters<TF['maxPool']>[0] & { rank: 4 }, 2, 2, 'valid');
      const inputs = { dy: tf.tensor(dy, [1, 32, 32, 4]), input, output };
      const attributes = { filterSize: [2, 2], strides: [2, 2], pad: 'valid' };
      return (
        await (tf.engine().runKernel('MaxPoolGrad', inputs, attributes) as Tensor).data<'float32'>()
      ).slice();
    } finally {
      sessions.refuses = false;
    }
  };
  const expected = new Float32Array(values.length);
  for (const [i, gradient] of dy.entries()) {
    const [row, column, channel] = [Math.floor(i / 128), Math.floor(i / 4) % 32, i % 4];
    const at = (y: number, x: number): number => ((2 * row + y) * 64 + 2 * column + x) * 4 + channel;
    const window = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
    const largest = Math.max(...window.map((k) => values[k] ?? 0));
    const first = window.find((k) => values[k] === largest) ?? 0;
    expected[first] = gradient;
  }
  expect(await gradientWith(false)).toEqual(expected);
  expect(await gradientWith(true)).toEqual(expected);
});

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

test('whole numbers that TF.js casts are numbers of the new type', async () => {
  const count = tf.tensor([4], [1], 'int32');
  lazy.keepConstant(count);
  // A product with what is not known makes it a part of a graph.
  const product = tf.mul(tf.cast(count, 'float32'), tf.tensor([0.5, 1], [2]));
  expect([...(await product.data())]).toEqual([2, 4]);
});
