import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  resample,
  resampleTransposed,
  resampling,
  weightsOf,
} from '../../../src/server/layers/support/resampling';
import type { LearnedPairs } from '../../../src/shared/asset';
import { configOf, contextOf, kindOf, useBackend, valuesOf } from './backends';

beforeAll(() => useBackend('cpu'));

const shapes = (className: string, values: Record<string, unknown>, ...inputs: (number | null)[][]) =>
  kindOf(className).outputShapes(configOf(values), inputs);
const run = (className: string, values: Record<string, unknown>, input: tf.Tensor) =>
  kindOf(className).forward(contextOf(values), [input]);

describe('refuses', () => {
  const words = { vocabulary: ['a', 'b'] };
  test.each<[string, string, Record<string, unknown>, RegExp]>([
    [
      'a custom function',
      'TextVectorization',
      { ...words, standardize: { class_name: 'function' } },
      /never runs code from a file/,
    ],
    [
      'another custom function',
      'TextVectorization',
      { ...words, split: { class_name: 'function' } },
      /"split"/,
    ],
    ['ragged rows', 'TextVectorization', { ...words, ragged: true }, /ragged/],
    [
      'ragged rows of one-hot vectors',
      'TextVectorization',
      { ...words, split: 'whitespace', output_mode: 'one_hot' },
      /ragged/,
    ],
    ['sparse tensors', 'StringLookup', { ...words, output_mode: 'count', sparse: true }, /sparse/],
    ['an unknown output mode', 'StringLookup', { ...words, output_mode: 'many' }, /output_mode/],
    ['a vocabulary of numbers', 'StringLookup', { vocabulary: [1], output_mode: 'count' }, /vocabulary/],
    [
      'missing bin boundaries',
      'Discretization',
      { num_bins: 3, output_mode: 'count' },
      /without its bin boundaries/,
    ],
    ['zero buckets', 'Hashing', { num_bins: 0 }, /num_bins/],
    ['more buckets than an int32 can count', 'Hashing', { num_bins: 2 ** 40 }, /num_bins/],
    ['a negative size', 'Resizing', { height: -1, width: 2 }, /height/],
  ])('%s', (_, className, values, why) => {
    expect(() =>
      shapes(className, values, [null, 4, 4, 3].slice(0, className === 'Resizing' ? 4 : 1)),
    ).toThrow(why);
  });

  test('boxes beside an image', () => {
    expect(() => shapes('RandomFlip', {}, [null, 4, 4, 3], [null, 5, 4])).toThrow(/boxes, labels or masks/);
  });

  test('a missing vocabulary', () => {
    expect(() => run('StringLookup', { vocabulary: null }, tf.tensor(['a'], [1], 'string'))).toThrow(
      'The file contains no vocabulary for layer "layer".',
    );
  });

  test('a token without an index, a repeated token, strings instead of integers', () => {
    const input = tf.tensor(['c'], [1], 'string');
    expect(() => run('StringLookup', { ...words, num_oov_indices: 0 }, input)).toThrow(/but gets "c"/);
    expect(() => run('StringLookup', { vocabulary: ['a', 'a'] }, input)).toThrow(/distinct tokens/);
    expect(() => run('IntegerLookup', { vocabulary: [1] }, input)).toThrow(/its input contains strings/);
  });

  test('a negative category in count mode', () => {
    const input = tf.tensor([-1, 1], [1, 2], 'int32');
    expect(() => run('CategoryEncoding', { num_tokens: 3, output_mode: 'count' }, input)).toThrow(/gets -1/);
  });

  test('an excessive size', () => {
    expect(() => resampling('area', false, 10_000, 2 ** 30, configOf({}))).toThrow(/height/);
  });
});

describe('tables with one index per token', () => {
  const learned = (
    className: string,
    values: Record<string, unknown>,
    input: tf.Tensor,
    pairs: LearnedPairs,
  ) =>
    kindOf(className)
      .forward(
        {
          ...contextOf(values),
          assets: new Map([
            ['vocabulary.txt', pairs],
            ['summary', pairs],
          ]),
        },
        [input],
      )
      .map(valuesOf);
  const words = () => tf.tensor(['b', 'a', 'z', ''], [4], 'string');

  test('tokens in any order, with a mask token', () => {
    const pairs = { keys: ['a', '', 'b'], values: [3, 0, 2] };
    expect(learned('StringLookup', { mask_token: '' }, words(), pairs)).toEqual([[2, 3, 1, 0]]);
  });

  test('an inverse table', () => {
    const pairs = { keys: [2, 1], values: ['b', 'a'] };
    const [found] = learned('StringLookup', { invert: true }, tf.tensor([1, 2, 0], [3], 'int32'), pairs);
    expect(found).toEqual(['a', 'b', '[UNK]']);
  });

  test('tokens whose indices do not fit the config are refused', () => {
    const pairs = { keys: ['a', 'b'], values: [2, 3] };
    expect(() => learned('StringLookup', {}, words(), pairs)).toThrow(/do not have the indices 1, 2/);
  });

  test('integer tokens that a number cannot represent are refused', () => {
    const input = tf.tensor([1], [1], 'int32');
    const pairs = { keys: [2 ** 60, 1], values: [1, 2] };
    expect(() => learned('IntegerLookup', {}, input, pairs)).toThrow(/"vocabulary"/);
  });
});

describe('a long strip padded to the aspect ratio', () => {
  const config = {
    height: 6,
    width: 3,
    pad_to_aspect_ratio: true,
    fill_value: 0.5,
    interpolation: 'bilinear',
  };

  test('is resized without the full-size padding in memory', () => {
    // With its padding it would have 200,000 x 100,000 pixels.
    const [strip] = run('Resizing', config, tf.ones([1, 2, 100_000, 1]));
    expect(strip?.shape).toEqual([1, 6, 3, 1]);
    // 99,999 rows of padding on each side: the strip is a tiny part of rows 2 and 3.
    for (const value of valuesOf(strip as tf.Tensor)) expect(Math.abs(value - 0.5)).toBeLessThan(1e-3);
  });

  test('has the same result along either axis', () => {
    const x = tf.reshape(tf.range(0, 16), [1, 2, 8, 1]);
    const [wide] = run('Resizing', { ...config, height: 4, width: 4 }, x);
    const [tall] = run('Resizing', { ...config, height: 4, width: 4 }, tf.transpose(x, [0, 2, 1, 3]));
    expect(valuesOf(tf.transpose(tall as tf.Tensor, [0, 2, 1, 3]))).toEqual(valuesOf(wide as tf.Tensor));
    // Eight columns become four means of two; two rows with three rows of padding on each side become rows 2 and 3 of four.
    expect(valuesOf(wide as tf.Tensor).slice(0, 4)).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});

test('__proto__ is a token like any other', () => {
  const values = { vocabulary: ['__proto__', 'constructor'] };
  const input = tf.tensor(['constructor', '__proto__', 'toString'], [3], 'string');
  expect(run('StringLookup', values, input).map(valuesOf)).toEqual([[2, 1, 0]]);
});

/** Methods of Keras 2 that Keras 3 lacks; expected values by `tf.image.resize` of TensorFlow 2.21 from 0, 1, 4, 9, 16. */
test.each([
  ['area', 3, false, [0.4, 4.4, 13.2]],
  ['area', 3, true, [0.4, 4.4, 13.2]],
  ['area', 8, false, [0, 0.4, 1, 3.4, 5, 9, 13.2, 16]],
  ['area', 8, true, [0, 0.4, 1, 3.4, 5, 9, 13.2, 16]],
  ['gaussian', 3, false, [0.339244, 4.21301, 13.6253]],
  ['gaussian', 3, true, [0.710237, 4.68204, 12.2417]],
  ['gaussian', 8, false, [0.0600866, 0.437823, 1.32515, 3.19053, 5.48597, 8.89753, 12.9352, 15.5794]],
  ['gaussian', 8, true, [0.0600866, 0.437823, 1.32515, 3.19053, 5.48597, 8.89753, 12.9352, 15.5794]],
  ['mitchellcubic', 3, false, [0.247013, 4.11111, 13.9203]],
  ['mitchellcubic', 3, true, [0.409552, 4.42768, 12.8131]],
  ['mitchellcubic', 8, false, [-0.0140658, 0.326921, 1.24002, 2.95877, 5.45877, 8.74002, 13.2293, 16.0985]],
  ['mitchellcubic', 8, true, [-0.0140658, 0.326921, 1.24002, 2.95877, 5.45877, 8.74002, 13.2293, 16.0985]],
] as const)('%s resizes to %i values like TensorFlow', (method, to, antialias, expected) => {
  const weights = weightsOf(resampling(method, antialias, 5, to, configOf({})), 0, to);
  const resized = Array.from({ length: to }, (_, at) =>
    [0, 1, 4, 9, 16].reduce((sum, value, i) => sum + value * (weights[at * 5 + i] ?? 0), 0),
  );
  for (const [i, value] of expected.entries()) expect(resized[i]).toBeCloseTo(value, 4);
});

/** A list of them would need more memory than there is. */
describe('a config that claims a trillion indices for unknown tokens', () => {
  const config = { vocabulary: [5, 7], num_oov_indices: 2 ** 40 };

  test('gives the size of a row', () => {
    expect(shapes('IntegerLookup', { ...config, output_mode: 'count' }, [null, 4])).toEqual([
      [null, 2 ** 40 + 2],
    ]);
  });

  test('inverts indices', () => {
    const indices = tf.tensor([3, 2 ** 30], [2], 'int32');
    expect(run('IntegerLookup', { ...config, invert: true }, indices).map(valuesOf)).toEqual([[-1, -1]]);
  });

  test('weighs as many as there is room for', () => {
    const padded = { pad_to_max_tokens: true, max_tokens: 3, output_mode: 'tf_idf', idf_weights: [2, 4] };
    const [row] = run('IntegerLookup', { ...config, ...padded }, tf.tensor([1, 1, 2], [3], 'int32'));
    expect(valuesOf(row as tf.Tensor)).toEqual([0, 6, 3]);
  });
});

describe('what a resized image takes while it is computed', () => {
  const peakOf = async (compute: () => tf.Tensor): Promise<{ peak: number; size: number }> => {
    let size = 0;
    const before = tf.memory().numBytes;
    const { peakBytes } = await tf.profile(() =>
      tf.tidy(() => {
        const result = compute();
        size = result.size * 4;
        return result;
      }),
    );
    return { peak: peakBytes - before, size };
  };

  test.each([
    ['nearest', 1.1],
    ['bilinear', 3.1],
  ] as const)('%s: at most %f times its own size', async (method, times) => {
    const by = resampling(method, false, 5, 4000, configOf({}));
    const { peak, size } = await peakOf(() => resample(tf, tf.ones([1, 5, 40, 3]), 1, by));
    expect(peak).toBeLessThanOrEqual(times * size);
  });

  test('columns that grow do so after rows that shrink', async () => {
    const config = { height: 1, width: 20_000, interpolation: 'nearest' };
    const image = tf.ones([1, 1000, 6, 1]);
    const { peak, size } = await peakOf(() => run('Resizing', config, image)[0] as tf.Tensor);
    expect(peak).toBeLessThan(4 * (size + image.size * 4));
  });

  test('weights are made for some outputs at a time, with the same sums', () => {
    // Three blocks of 4096 outputs at most.
    const by = resampling('area', false, 1024, 10_000, configOf({}));
    const x = tf.randomNormal([1, 1024, 2], 0, 1, 'float32', 3);
    const y = tf.randomNormal([1, 10_000, 2], 0, 1, 'float32', 4);
    const [there] = valuesOf(tf.sum(tf.mul(resample(tf, x, 1, by), y)));
    const [back] = valuesOf(tf.sum(tf.mul(x, resampleTransposed(tf, y, 1, by))));
    expect(there).toBeCloseTo(back ?? Number.NaN, 2);
    const whole = tf.matMul(tf.tensor3d(weightsOf(by, 0, 10_000), [1, 10_000, 1024]), x as tf.Tensor3D);
    expect(valuesOf(tf.max(tf.abs(tf.sub(whole, resample(tf, x, 1, by)))))).toEqual([0]);
  });
});
