import { expect, test } from 'vitest';
import { topIndices } from '../../../src/server/explain/ranking';

test('the largest values, the first of equals first, NaN last', () => {
  const values = [1, Number.NaN, 3, Number.POSITIVE_INFINITY, 3, Number.NEGATIVE_INFINITY];
  expect(topIndices(values, 3)).toEqual([3, 2, 4]);
  expect(topIndices(values, 9)).toEqual([3, 2, 4, 0, 5, 1]);
  expect(topIndices([], 3)).toEqual([]);
});

test('of thirty million values without a list of them', () => {
  const values = new Float32Array(30_000_000);
  for (let i = 0; i < values.length; i++) values[i] = Math.imul(i, 0x9e3779b1) >>> 8;
  const heapBefore = process.memoryUsage().heapUsed;
  const [first = -1, second = -1] = topIndices(values, 5);
  expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(50e6);
  expect(values[first]).toBeGreaterThanOrEqual(values[second] ?? Number.NaN);
});
