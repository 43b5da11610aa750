import { expect, it } from 'vitest';
import { cellAt } from '../../src/webview/explain/cells';

it('derives the cell of a position from strides and padding, not from the sizes', () => {
  // Conv1D with a window of 2 over 1803 positions: 1802 cells, each centred between two positions.
  const valid = { centre: 0.5, stride: 1, window: 2 };
  for (const position of [0, 1, 217, 900, 1466, 1801]) {
    expect(cellAt(position, 1802, 1803, valid)).toEqual({
      index: position,
      isAbout: false,
      field: [position, position + 1],
    });
  }
  expect(cellAt(1802, 1802, 1803, valid).index).toBe(1801);
  // A window of 5 with stride 3 and one zero before: cells are centred on 1, 4, 7, ...
  const strided = { centre: 1, stride: 3, window: 5 };
  expect([0, 1, 2, 3, 4, 5, 29].map((position) => cellAt(position, 10, 30, strided).index)).toEqual([
    0, 0, 0, 1, 1, 1, 9,
  ]);
  expect(cellAt(0, 10, 30, strided).field).toEqual([0, 3]);
});

it('marks a cell as approximate where only the sizes are known', () => {
  expect(cellAt(9, 5, 10, null)).toEqual({ index: 4, isAbout: true, field: null });
  expect(cellAt(9, 10, 10, null)).toEqual({ index: 9, isAbout: false, field: null });
  expect(cellAt(3, 4, 8, { centre: 0.5, stride: 2, window: null })).toEqual({
    index: 1,
    isAbout: false,
    field: null,
  });
});
