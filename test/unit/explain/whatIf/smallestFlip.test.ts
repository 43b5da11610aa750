import { expect, test } from 'vitest';
import { type Margins, smallestFlip } from '../../../../src/server/explain/whatIf/smallestFlip';

const without = (values: readonly number[], removed: readonly number[]): number =>
  values.reduce((sum, value, group) => (removed.includes(group) ? sum : sum + value), 0);

/** A prediction that holds while the sum of the kept groups is positive. */
const sumOf =
  (values: readonly number[], seen: (sets: number) => void = () => {}): Margins =>
  async (sets) => {
    seen(sets.length);
    return sets.map((removed) => without(values, removed));
  };

test('the largest evidence is removed first, and no more than needed', async () => {
  // 5 + 1 + 3 + 2 - 6 = 5: without 5 and 3 it is -3.
  expect(await smallestFlip(5, sumOf([5, 1, 3, 2, -6]))).toEqual({ removed: [0, 2], isFound: true });
});

test('a group that later ones make unnecessary is put back', async () => {
  // Alone, group 0 does most; 1 and 2 together do all without it.
  const margins: Margins = async (sets) =>
    sets.map((removed) => {
      const pair = removed.includes(1) && removed.includes(2);
      return pair ? -1 : 10 - (removed.includes(0) ? 3 : 0) - removed.filter((g) => g > 0).length;
    });
  const { removed, isFound } = await smallestFlip(4, margins);
  expect(isFound).toBe(true);
  expect([...removed].sort()).toEqual([1, 2]);
});

test('where nothing helps, the set that came nearest is named', async () => {
  expect(await smallestFlip(3, sumOf([2, 1, -4]).bind(null))).toEqual({ removed: [0], isFound: true });
  const stubborn: Margins = async (sets) => sets.map((removed) => 4 - without([1, 1, 1], removed));
  expect(await smallestFlip(3, stubborn)).toEqual({ removed: [0], isFound: false });
  expect(await smallestFlip(0, stubborn)).toEqual({ removed: [], isFound: false });
});

test('the number of tries is bounded, and NaN is never a change', async () => {
  let tries = 0;
  const many = Array.from({ length: 200 }, () => 1);
  const found = await smallestFlip(
    200,
    sumOf([...many.slice(0, 199), 1], (sets) => {
      tries += sets;
    }),
    300,
  );
  expect(found.isFound).toBe(false);
  expect(tries).toBeLessThanOrEqual(300 + 200);
  expect((await smallestFlip(2, async (sets) => sets.map(() => Number.NaN))).isFound).toBe(false);
});
