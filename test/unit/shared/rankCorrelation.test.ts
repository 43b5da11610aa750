import { describe, expect, test } from 'vitest';
import { kendall, pearson, ranks, spearman } from '../../../src/shared/maps/rankCorrelation';
import { below, mulberry32 } from '../../../src/shared/random';

const MEASURES = { pearson, spearman, kendall };

describe.each(Object.entries(MEASURES))('%s', (_name, correlate) => {
  // Quantus, tests/functions/test_similarity_func.py
  test('of maps with ties, as Quantus', () => {
    expect(correlate([-1, 1, 1], [0, 0, 2])).toBeCloseTo(0.5, 12);
    expect(correlate([0, 1, 0, 1], [1, 2, 1, 0])).toBeCloseTo(0, 12);
  });

  test('of equal and of opposite maps', () => {
    expect(correlate([1, 5, 2, 9], [1, 5, 2, 9])).toBeCloseTo(1, 12);
    expect(correlate([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
  });

  test('is undefined for a constant map', () => {
    expect(correlate([1, 2, 3], [0, 0, 0])).toBeNaN();
  });
});

test('Spearman and Kendall see the order alone', () => {
  expect(spearman([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
  expect(kendall([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
  expect(pearson([1, 2, 3, 4], [1, 10, 100, 1000])).toBeLessThan(0.9);
});

test('equal values share the mean of their ranks', () => {
  expect([...ranks([7, 1, 7, 3])]).toEqual([3.5, 1, 3.5, 2]);
});

test('Kendall equals the count of its pairs', () => {
  const draw = below(mulberry32(1));
  const [a, b] = [0, 1].map(() => Array.from({ length: 60 }, () => draw(12)));
  const sign = (values: readonly number[] = [], i: number, j: number): number =>
    Math.sign((values[i] ?? 0) - (values[j] ?? 0));
  let [both, untiedA, untiedB] = [0, 0, 0];
  for (let i = 0; i < 60; i++) {
    for (let j = 0; j < i; j++) {
      both += sign(a, i, j) * sign(b, i, j);
      untiedA += Math.abs(sign(a, i, j));
      untiedB += Math.abs(sign(b, i, j));
    }
  }
  expect(kendall(a ?? [], b ?? [])).toBeCloseTo(both / Math.sqrt(untiedA * untiedB), 12);
});
