import { afterAll, expect, test } from 'vitest';
import type { Tensor, TF } from '../../../../src/server/layers/kind';
import { startLazy } from './lazyTests';

const { tf, sessions, lazy, plansOf, image, weight, convolve } = await startLazy();
afterAll(() => tf.setBackend('wasm'));

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

test('whole numbers that TF.js casts are numbers of the new type', async () => {
  const count = tf.tensor([4], [1], 'int32');
  lazy.keepConstant(count);
  // A product with what is not known makes it a part of a graph.
  const product = tf.mul(tf.cast(count, 'float32'), tf.tensor([0.5, 1], [2]));
  expect([...(await product.data())]).toEqual([2, 4]);
});

test('what is repeated along axes is repeated as by TF.js', async () => {
  const dtypes = ['float32', 'int32', 'bool'] as const;
  const cases: [number[], number[]][] = [
    [
      [1, 1, 3],
      [1, 4, 1],
    ],
    [
      [2, 3],
      [2, 3],
    ],
    [
      [3, 1],
      [1, 5],
    ],
    [
      [2, 1, 2],
      [3, 2, 1],
    ],
    [[4], [1]],
    [
      [0, 2],
      [3, 2],
    ],
  ];
  for (const dtype of dtypes) {
    for (const [shape, reps] of cases) {
      const size = shape.reduce((a, b) => a * b, 1);
      const values = Array.from({ length: size }, (_, i) => (dtype === 'bool' ? i % 2 : i + 1));
      const tiled = () => tf.tile(tf.tensor(values, shape, dtype), reps);
      sessions.refuses = true;
      const ours = tiled();
      const found = [...(await ours.data())];
      sessions.refuses = false;
      await tf.setBackend('cpu');
      const theirs = tiled();
      expect(ours.shape).toEqual(theirs.shape);
      expect(found).toEqual([...(await theirs.data())]);
      await tf.setBackend('onnx');
    }
  }
});
