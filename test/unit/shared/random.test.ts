import { expect, test } from 'vitest';
import { below, mulberry32, normal, shuffled } from '../../../src/shared/random';

test('normal numbers have mean 0 and deviation 1', () => {
  const draw = normal(mulberry32(1));
  const values = Array.from({ length: 20_000 }, draw);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(variance - 1)).toBeLessThan(0.03);
});

test('a shuffled order has every number once, and each place every number alike', () => {
  const uniform = mulberry32(2);
  const counts = new Int32Array(4);
  for (let i = 0; i < 4000; i++) {
    const order = shuffled(4, uniform);
    expect([...order].sort()).toEqual([0, 1, 2, 3]);
    const [first = 0] = order;
    counts[first] = (counts[first] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(100);
});

test('numbers below a limit', () => {
  const draw = below(mulberry32(3));
  expect(new Set(Array.from({ length: 100 }, () => draw(3)))).toEqual(new Set([0, 1, 2]));
});
