import { expect, test } from 'vitest';
import {
  addSums,
  normSums,
  relativeDifference,
  relativeNorm,
} from '../../../src/server/compare/arrayDifference';

test('the norm of the difference is relative to that of A, over several arrays', () => {
  const sums = addSums(normSums([3, 0], [0, 0]), normSums([4], [4]));
  expect(relativeNorm(sums)).toBeCloseTo(3 / 5);
  expect(relativeNorm(normSums([0, 0], [0, 0]))).toBe(0);
  expect(relativeNorm(normSums([0, 0], [0, 1]))).toBe(Number.POSITIVE_INFINITY);
});

test('NaN and infinities are equal to themselves alone', () => {
  const bad = [Number.NaN, Number.POSITIVE_INFINITY, 1];
  expect(relativeNorm(normSums(bad, bad))).toBe(0);
  expect(relativeDifference(bad, bad)).toBe(0);
  for (const other of [
    [0, Number.POSITIVE_INFINITY, 1],
    [Number.NaN, Number.NEGATIVE_INFINITY, 1],
  ]) {
    expect(relativeNorm(normSums(bad, other))).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDifference(bad, other)).toBe(Number.POSITIVE_INFINITY);
  }
});

test('values differ by a share of the largest one of both', () => {
  expect(relativeDifference([1, -4], [2, -4])).toBe(0.25);
  expect(relativeDifference([0, 0], [0, 5])).toBe(1);
  expect(relativeDifference([0, -0], [0, 0])).toBe(0);
});
