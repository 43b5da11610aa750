import { expect, test } from 'vitest';
import { evidenceShares, placeName, strongestPart } from '../../../src/shared/batch/evidence';

test('the parts of an image are nine, by the centre of each pixel', () => {
  // 4 x 4: rows and columns 0 | 1, 2 | 3.
  const values = new Float32Array(16);
  values[12] = 0.6;
  values[5] = 0.1;
  values[10] = 0.1;
  const shares = evidenceShares(values, [4, 4], false);
  expect(shares).toEqual([0, 0, 0, 0, 0.25, 0, 0.75, 0, 0]);
  expect(placeName(strongestPart(shares) ?? -1, 9)).toBe('lower left corner');
});

test('of a signed map only what speaks for the target counts', () => {
  const shares = evidenceShares(Float32Array.of(0, 0.5, 0.75), [3], true);
  expect(shares).toEqual([0, 0, 1]);
  expect(placeName(strongestPart(shares) ?? -1, 3)).toBe('end');
});

test('a map without evidence, with NaN alone, or of another shape has no place', () => {
  expect(evidenceShares(new Float32Array(9), [3, 3], false)).toBeNull();
  expect(evidenceShares(Float32Array.of(Number.NaN, Number.NaN), [2], false)).toBeNull();
  expect(evidenceShares(new Float32Array(8).fill(1), [2, 2, 2], false)).toBeNull();
  expect(strongestPart(null)).toBeNull();
});
