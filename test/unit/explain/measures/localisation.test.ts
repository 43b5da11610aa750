import { expect, test } from 'vitest';
import { pointsIntoRegion } from '../../../../src/server/explain/measures/localisation';

/** Cells of 4 x 4 pixels. */
const PLACEMENT = [
  { centre: 2, stride: 4, window: 4 },
  { centre: 2, stride: 4, window: 4 },
];
const map = { shape: [2, 3], values: Float32Array.of(0, 1, 2, 3, 9, 4) };

test('the strongest cell counts where its centre is on the input, in any of the regions', () => {
  // The strongest cell is centred on row 6, column 6.
  expect(
    pointsIntoRegion(map, PLACEMENT, [
      [
        [6, 7],
        [6, 7],
      ],
    ]),
  ).toBe(true);
  expect(
    pointsIntoRegion(map, PLACEMENT, [
      [
        [0, 6],
        [0, 12],
      ],
    ]),
  ).toBe(false);
  expect(
    pointsIntoRegion(map, PLACEMENT, [
      [
        [0, 4],
        [0, 4],
      ],
      [
        [4, 8],
        [4, 8],
      ],
    ]),
  ).toBe(true);
  expect(pointsIntoRegion(map, PLACEMENT, [])).toBe(false);
});

test('a map that is the same everywhere points at nothing', () => {
  const flat = { shape: [2, 3], values: new Float32Array(6).fill(1) };
  expect(
    pointsIntoRegion(flat, PLACEMENT, [
      [
        [0, 8],
        [0, 12],
      ],
    ]),
  ).toBe(false);
});
