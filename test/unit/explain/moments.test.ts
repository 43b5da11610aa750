import { expect, test } from 'vitest';
import { Moments } from '../../../src/server/explain/moments';

const close = (values: readonly number[], digits = 5) => values.map((value) => expect.closeTo(value, digits));

test('moments, of all vectors and of parts', () => {
  const vectors = [
    [1, 2],
    [3, 6],
    [5, 1],
  ];
  const [whole, left, right] = [new Moments(2), new Moments(2), new Moments(2)];
  for (const [i, vector] of vectors.entries()) {
    whole.add(vector);
    (i === 0 ? left : right).add(vector);
  }
  for (const moments of [whole, Moments.sum([left, right, new Moments(2)])]) {
    expect([...moments.map((mean) => mean)]).toEqual(close([3, 3], 10));
    expect([...moments.map((_, variance) => variance)]).toEqual(close([8 / 3, 14 / 3], 10));
  }
});
