import { join } from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { graphOf } from '../../../src/server/session/modelGraph';
import { layRedZones } from '../../redZones';
import { wasmOptions } from '../../wasmThreads';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'wasm', nativePath: '', strict: true, ...(await wasmOptions()) });
  layRedZones(runtime.tf);
});

/** The values and the type of what `work` gives; numbers, whatever the type. */
function result(work: () => Tensor): { type: string; values: number[] } {
  const tensor = runtime.tf.tidy(work);
  const found = { type: tensor.dtype, values: Array.from(tensor.dataSync(), Number) };
  tensor.dispose();
  return found;
}

const truths = (...values: number[]): Tensor => runtime.tf.tensor1d(values, 'bool');
const whole = (...values: number[]): Tensor => runtime.tf.tensor1d(values, 'int32');

describe('kernels of the wasm backend stay inside their blocks and know types', () => {
  test('Reverse turns truth values round', () => {
    expect(result(() => runtime.tf.reverse(truths(1, 1, 0, 0, 0)))).toEqual({
      type: 'bool',
      values: [0, 0, 0, 1, 1],
    });
  });

  test('Select chooses between truth values, and between numbers of two types', () => {
    const { tf } = runtime;
    const choice = () => tf.where(truths(1, 0, 1, 0, 1), truths(1, 1, 0, 0, 1), truths(0, 0, 1, 1, 0));
    expect(result(choice)).toEqual({ type: 'bool', values: [1, 0, 0, 1, 1] });
    const mixed = () => tf.where(truths(1, 0), whole(3, 4), tf.tensor1d([0.5, 1.5]));
    expect(result(mixed)).toEqual({ type: 'float32', values: [3, 1.5] });
  });

  test('ClipByValue bounds truth values and whole numbers of any size', () => {
    const { tf } = runtime;
    expect(result(() => tf.clipByValue(truths(1, 0, 1, 0, 1), 0, 0))).toEqual({
      type: 'bool',
      values: [0, 0, 0, 0, 0],
    });
    expect(result(() => tf.clipByValue(whole(-5, 3, 16_777_217, 2 ** 30), -1, 16_777_217))).toEqual({
      type: 'int32',
      values: [-1, 3, 16_777_217, 16_777_217],
    });
  });

  test('one row times a matrix whose first axis is summed', () => {
    const { tf } = runtime;
    const products = (matrix: Tensor, row: Tensor) => result(() => tf.matMul(matrix, row, true, true)).values;
    for (const [inner, width] of [
      [3, 4],
      [50, 64],
      [7, 5],
    ] as const) {
      const matrix = Array.from({ length: inner * width }, (_, i) => (i % 11) - 5);
      const row = Array.from({ length: inner }, (_, k) => (k % 7) - 3);
      const wanted = Array.from({ length: width }, (_, n) =>
        row.reduce((sum, value, k) => sum + value * (matrix[k * width + n] ?? 0), 0),
      );
      expect(products(tf.tensor2d(matrix, [inner, width]), tf.tensor2d(row, [1, inner]))).toEqual(wanted);
    }
    const steps = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [2, 4]);
    expect(products(steps, tf.tensor2d([[Number.NaN, 1]]))).toEqual(new Array(4).fill(Number.NaN));
    expect(
      products(
        steps,
        tf.tensor2d([
          [1, 1],
          [0, 1],
        ]),
      ).slice(0, 4),
    ).toEqual([6, 5, 8, 6]);
  });

  test('a clone shares the values of its original, and outlives it', () => {
    const { tf } = runtime;
    const backend = tf.backend() as BackendWasm;
    const original = tf.tensor1d([1, 2, 3]);
    const clone = tf.clone(original);
    const address = backend.getMemoryOffset(original.dataId);
    expect(backend.getMemoryOffset(clone.dataId)).toBe(address);
    original.dispose();
    expect([...clone.dataSync()]).toEqual([1, 2, 3]);
    clone.dispose();
  });

  test('StridedSlice keeps the type of what it cuts', () => {
    const { tf } = runtime;
    const cut = (x: Tensor) => tf.stridedSlice(tf.reshape(x, [2, 4]), [0, 0], [2, 4], [1, 2]);
    expect(result(() => cut(truths(1, 0, 0, 1, 0, 1, 1, 0)))).toEqual({ type: 'bool', values: [1, 0, 0, 1] });
    expect(result(() => cut(whole(1, 2, 3, 4, 5, 6, 7, 2 ** 30)))).toEqual({
      type: 'int32',
      values: [1, 3, 5, 7],
    });
  });

  test('OneHot writes the type and the values that it is asked for', () => {
    const { tf } = runtime;
    expect(result(() => tf.oneHot(tf.tensor1d([1], 'int32'), 3, 1, 0, 'bool'))).toEqual({
      type: 'bool',
      values: [0, 1, 0],
    });
    expect(result(() => tf.oneHot(tf.tensor1d([2], 'int32'), 3, 0.5, -1.5, 'float32'))).toEqual({
      type: 'float32',
      values: [-1.5, -1.5, 0.5],
    });
  });

  test('whole numbers and truth values are not taken for the bits of floats', () => {
    const { tf } = runtime;
    expect(result(() => tf.isNaN(whole(-1, 2)))).toEqual({ type: 'bool', values: [0, 0] });
    expect(result(() => tf.isFinite(whole(-1, 2)))).toEqual({ type: 'bool', values: [1, 1] });
    expect(result(() => tf.reciprocal(whole(4)))).toEqual({ type: 'float32', values: [0.25] });
    expect(result(() => tf.leakyRelu(whole(-2, 3), 0.5))).toEqual({ type: 'float32', values: [-1, 3] });
    expect(result(() => tf.erf(whole(0))).values).toEqual([0]);
    expect(result(() => tf.mod(truths(1, 1), truths(1, 1))).values).toEqual([0, 0]);
    expect(result(() => tf.sign(truths(1, 0))).values).toEqual([1, 0]);
  });

  test('all but zero is true', () => {
    const { tf } = runtime;
    const cast = () => tf.cast(tf.tensor1d([0, 0.5, -0, 256, Number.NaN]), 'bool');
    expect(result(cast)).toEqual({ type: 'bool', values: [0, 1, 0, 1, 1] });
    expect(result(() => tf.cast(whole(0, 256), 'bool')).values).toEqual([0, 1]);
  });
});

describe('kernels of the wasm backend keep NaN', () => {
  const infinity = Number.POSITIVE_INFINITY;
  /** As processors make it, with the sign set; `count` of them. */
  const undefinedValues = (count: number) => {
    const { tf } = runtime;
    return tf.sub(tf.fill([count], infinity), tf.fill([count], infinity));
  };
  const nans = (count: number): number[] => Array<number>(count).fill(Number.NaN);

  test('of infinities through Relu, Relu6 and ClipByValue, at any place of any size', () => {
    const { tf } = runtime;
    for (const size of [1, 3, 4, 7, 16, 37]) {
      const x = () => undefinedValues(size);
      expect(result(() => tf.relu(x())).values).toEqual(nans(size));
      expect(result(() => tf.relu6(x())).values).toEqual(nans(size));
      expect(result(() => tf.clipByValue(x(), -1, 1)).values).toEqual(nans(size));
    }
    const values = [-infinity, -7, -0, 0.5, 7, infinity, Number.NaN, -2, 3];
    const x = () => tf.tensor1d(values);
    expect(result(() => tf.relu(x())).values).toEqual([0, 0, 0, 0.5, 7, infinity, Number.NaN, 0, 3]);
    expect(result(() => tf.relu6(x())).values).toEqual([0, 0, 0, 0.5, 6, 6, Number.NaN, 0, 3]);
    expect(result(() => tf.clipByValue(x(), -2, 3)).values).toEqual([
      ...[-2, -2, -0, 0.5, 3, 3, Number.NaN, -2, 3],
    ]);
  });

  test('in either operand of Maximum and Minimum, numbers and tensors', () => {
    const { tf } = runtime;
    const x = () => tf.tensor2d([[Number.NaN, 1, -1]]);
    const y = () => tf.tensor2d([[0, 0, Number.NaN]]);
    const no = Number.NaN;
    expect(result(() => tf.maximum(x(), y())).values).toEqual([no, 1, no]);
    expect(result(() => tf.minimum(y(), x())).values).toEqual([no, 0, no]);
    expect(result(() => tf.maximum(0, x())).values).toEqual([no, 1, 0]);
    expect(result(() => tf.minimum(x(), 0)).values).toEqual([no, 0, -1]);
    expect(result(() => tf.maximum(x(), Number.NaN)).values).toEqual(nans(3));
    expect(tf.tidy(() => tf.maximum(tf.zeros([1, 1, 1]), x()).shape)).toEqual([1, 1, 3]);
  });

  test('in fused convolutions and products with an activation', () => {
    const { tf } = runtime;
    const x = () => tf.fill<Rank.R4>([1, 2, 2, 1], Number.NaN);
    const filter = () => tf.ones<Rank.R4>([1, 1, 1, 1]);
    for (const activation of ['linear', 'relu', 'relu6'] as const) {
      const shared = { strides: 1, pad: 'valid', activation } as const;
      expect(result(() => tf.fused.conv2d({ ...shared, x: x(), filter: filter() })).values).toEqual(nans(4));
      expect(result(() => tf.fused.depthwiseConv2d({ ...shared, x: x(), filter: filter() })).values).toEqual(
        nans(4),
      );
      const a = () => tf.fill<Rank.R2>([2, 1], Number.NaN);
      expect(result(() => tf.fused.matMul({ a: a(), b: tf.ones([1, 2]), activation })).values).toEqual(
        nans(4),
      );
    }
    const product = () =>
      tf.fused.matMul({ a: tf.tensor2d([[-8, 8]]), b: tf.eye(2), activation: 'relu6' as const });
    expect(result(product).values).toEqual([0, 6]);
  });

  test('padding with NaN leaves no NaN to later paddings', () => {
    const { tf } = runtime;
    const padded = (value: number) =>
      result(() =>
        tf.pad(
          tf.zeros([1, 1]),
          [
            [0, 0],
            [1, 0],
          ],
          value,
        ),
      ).values;
    expect(padded(Number.NaN)).toEqual([Number.NaN, 0]);
    expect(padded(0.25)).toEqual([0.25, 0]);
    expect(padded(-infinity)).toEqual([-infinity, 0]);
  });
});

test('a masked sentence goes ten times both ways through an exported recurrent layer', async () => {
  const file = await openModelFile(join(__dirname, '../../fixtures/saved_models/masked'));
  const graph = graphOf(file);
  const weights = new WeightCache(runtime, graph, file.weights);
  const reversals = [...graph.nodes.keys()].filter((path) => /backward_lstm_?\d*\/ReverseV2/.test(path));
  for (let run = 0; run < 10; run++) {
    const ids = Array.from({ length: 9 }, (_, i) => (i < run ? 1 + ((i + run) % 7) : 0));
    const input = runtime.tf.tensor2d([ids], [1, 9], 'int32');
    const trace = await runForward(runtime, graph, weights, [input], NO_CONTROL);
    const turned = reversals.map((path) => trace.at(path).outputs[0]).find((y) => y?.dtype === 'bool');
    expect(Array.from(turned?.dataSync() ?? [], Number)).toEqual(ids.map((id) => Math.min(id, 1)).reverse());
    trace.dispose();
    input.dispose();
  }
  weights.dispose();
});

describe('kernels of the wasm backend with empty tensors', () => {
  const zeros = (...shape: number[]) => runtime.tf.zeros(shape);
  const ones = (...shape: number[]) => runtime.tf.ones(shape);
  const conv = (...shape: [number, number, number, number]) => runtime.tf.zeros<Rank.R4>(shape);
  const nothing = Number.NEGATIVE_INFINITY;

  test.each<[string, () => Tensor, readonly number[]]>([
    ['a sum over nothing', () => runtime.tf.sum(zeros(2, 0), 1), [0, 0]],
    ['a product over nothing', () => runtime.tf.prod(zeros(2, 0), 1), [1, 1]],
    ['a mean over nothing', () => runtime.tf.mean(zeros(2, 0), 1), [Number.NaN, Number.NaN]],
    ['the largest of nothing', () => runtime.tf.max(zeros(2, 0), 1), [nothing, nothing]],
    ['a product of matrices without inner axis', () => runtime.tf.matMul(zeros(2, 0), zeros(0, 1)), [0, 0]],
    ['an empty batch of products', () => runtime.tf.matMul(zeros(0, 2, 3), zeros(1, 3, 2)), []],
    [
      'a convolution of no channels',
      () => runtime.tf.conv2d(conv(1, 2, 2, 0), conv(1, 1, 0, 1), 1, 'same'),
      [0, 0, 0, 0],
    ],
    ['a concatenation with nothing', () => runtime.tf.concat([zeros(1, 0), ones(1, 2)], 1), [1, 1]],
    ['a slice of nothing', () => runtime.tf.slice(zeros(2, 0), [0, 0], [1, 0]), []],
  ])('%s', (_name, work, wanted) => {
    // What was in the memory before must not come out.
    for (let i = 0; i < 4; i++) runtime.tf.fill([64], 7).dispose();
    expect(result(work).values).toEqual(wanted);
  });
});
