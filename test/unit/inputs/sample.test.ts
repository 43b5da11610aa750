import { expect, test } from 'vitest';
import { arrayInput, sampleCount } from '../../../src/server/inputs/arrays/arrayInput';

const array = { shape: [3, 2], dtype: '<f4', values: Float32Array.from([1, 2, 3, 4, 5, 6]) };
const spec = { name: 'x', shape: [null, 2], dtype: 'float32' };

test('a sample of an array is read by its index, without a notice', () => {
  const read = (sample: number) => arrayInput(array, 'a.npz', { ...spec, sample }, { name: 'none' });
  expect(sampleCount(array, 'a.npz', spec)).toBe(3);
  expect(read(1)).toMatchObject({ shape: [1, 2], notices: [], values: Float32Array.from([3, 4]) });
  expect(read(2).values).toEqual(Float32Array.from([5, 6]));
  expect(() => read(3)).toThrow('a.npz holds 3 samples; there is no sample 3.');
});
