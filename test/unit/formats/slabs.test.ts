import { expect, it } from 'vitest';
import { slabs } from '../../../src/server/formats/hdf5/slabs';

it.each([
  [[], 1],
  [[7], 3],
  [[2, 3, 4], 100],
  [[2, 3, 4], 24],
  [[2, 3, 4], 12],
  [[2, 3, 4], 9],
  [[2, 3, 4], 3],
  [[1, 1, 5], 2],
  [[3, 1, 2, 2], 1],
])('slabs of %j with a limit of %d follow each other without gap', (shape, limit) => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const { largest, all } = slabs(shape, limit);
  let next = 0;
  for (const { offset, count, length } of all) {
    expect(offset.reduce((sum, at, axis) => sum + Number(at) * (strides[axis] ?? 1), 0)).toBe(next);
    expect(count.reduce((product, n) => product * Number(n), 1)).toBe(length);
    expect(length).toBeLessThanOrEqual(limit);
    expect(length).toBeLessThanOrEqual(largest);
    next += length;
  }
  expect(next).toBe(shape.reduce((a, b) => a * b, 1));
});
