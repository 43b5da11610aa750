import { describe, expect, it } from 'vitest';
import type { InputEdit } from '../../../src/shared/edits/inputEdit';
import { line, rectangle } from '../../../src/webview/explain/edit/brush';
import {
  NO_EDITS,
  withEdit,
  withoutAll,
  withoutLast,
  withUndone,
} from '../../../src/webview/explain/edit/history';

/** What is covered of a picture of 5 x 4 pixels, one text per row. */
function covered(paint: (canvas: { width: number; height: number; mask: Uint8Array }) => void): string[] {
  const mask = new Uint8Array(20);
  paint({ width: 5, height: 4, mask });
  return Array.from({ length: 4 }, (_, row) =>
    [...mask.subarray(row * 5, row * 5 + 5)].map((one) => (one === 1 ? '#' : '.')).join(''),
  );
}

describe('a brush', () => {
  it.each([
    [1, ['.....', '..#..', '.....', '.....']],
    [2, ['.##..', '.##..', '.....', '.....']],
    [3, ['.###.', '.###.', '.###.', '.....']],
    [4, ['####.', '####.', '.##..', '.....']],
  ])('of %i pixels covers what is within it', (size, expected) => {
    expect(covered((canvas) => line(canvas, { x: 2, y: 1 }, { x: 2, y: 1 }, size))).toEqual(expected);
  });

  it('covers all pixels on its way, and none beyond the picture', () => {
    expect(covered((canvas) => line(canvas, { x: 0, y: 0 }, { x: 4, y: 2 }, 1))).toEqual([
      '#....',
      '.##..',
      '...##',
      '.....',
    ]);
  });

  it('a rectangle has both corners, whichever comes first', () => {
    expect(covered((canvas) => rectangle(canvas, { x: 3, y: 2 }, { x: 1, y: 1 }))).toEqual([
      '.....',
      '.###.',
      '.###.',
      '.....',
    ]);
  });
});

describe('the history of edits', () => {
  const [a, b]: InputEdit[] = [1, 2].map((value) => ({ kind: 'values', at: [0], to: [value] }));
  if (a === undefined || b === undefined) throw new Error('Two edits are needed.');
  const both = withEdit(withEdit(NO_EDITS, a) ?? NO_EDITS, b) ?? NO_EDITS;

  it('is undone and redone one by one, and at once', () => {
    expect(both.edits).toEqual([a, b]);
    expect(withoutLast(both)).toEqual({ edits: [a], undone: [b] });
    expect(withUndone(withoutLast(both))).toEqual(both);
    expect(withoutAll(both).edits).toEqual([]);
    expect(withUndone(withUndone(withoutAll(both)))).toEqual(both);
    expect(withoutLast(NO_EDITS)).toEqual(NO_EDITS);
    expect(withUndone(NO_EDITS)).toEqual(NO_EDITS);
  });

  it('forgets what was undone at the next edit', () => {
    expect(withEdit(withoutLast(both), a)).toEqual({ edits: [a, a], undone: [] });
  });
});
