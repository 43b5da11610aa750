import { describe, expect, it } from 'vitest';
import { preprocess } from '../../../src/server/inputs/preprocess';
import type { PreprocessingName } from '../../../src/shared/inputs';
import { failureOf, recorded } from './numpyFiles';

const { pixels, ...byKeras } = recorded.preprocessing;
const input = Float32Array.from(pixels);

describe('preprocess', () => {
  it.each([
    ['-1..1', byKeras.tf],
    ['caffe', byKeras.caffe],
    ['torch', byKeras.torch],
    ['0..1', pixels.map((x) => x / 255)],
    ['none', pixels],
  ] satisfies [PreprocessingName, readonly number[]][])('%s agrees with Keras', (name, expected) => {
    const before = input.slice();
    const out = preprocess(input, 3, { name });
    // Keras rounds to float32 at every step, we once.
    out.forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThan(1e-6);
    });
    expect(out.length).toBe(pixels.length);
    expect(input).toEqual(before);
  });

  it('takes a custom mean and scale, one for all or one per channel', () => {
    const values = Float32Array.of(10, 20, 30, 40);
    const custom = (mean?: number[], scale?: number[]) => [
      ...preprocess(values, 2, { name: 'custom', ...(mean && { mean }), ...(scale && { scale }) }),
    ];
    expect(custom([10], [2])).toEqual([0, 5, 10, 15]);
    expect(custom([10, 20], [1, 10])).toEqual([0, 0, 20, 2]);
    expect(custom()).toEqual([...values]);
    expect(custom(undefined, [10])).toEqual([1, 2, 3, 4]);
  });

  it.each(['caffe', 'torch'] as const)('refuses %s on one channel with a way out', async (name) => {
    const failure = await failureOf(() => preprocess(new Float32Array(4), 1, { name }));
    expect(failure).toMatch(/three channels|3 colour channels/);
  });

  it.each([
    [[1, 2, 3], [1]],
    [[0], [0]],
    [[0], [1, 0]],
    [[Number.NaN], [1]],
    [[], [1]],
  ])('refuses mean %j and scale %j on two channels', async (mean, scale) => {
    const work = () => preprocess(new Float32Array(4), 2, { name: 'custom', mean, scale });
    expect(await failureOf(work)).toMatch(/^bad-input/);
  });
});
