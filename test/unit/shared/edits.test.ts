import { describe, expect, it, test } from 'vitest';
import { blurred } from '../../../src/shared/edits/blur';
import { MAX_EDITS } from '../../../src/shared/edits/editLimits';
import { inputEdits } from '../../../src/shared/edits/editSchema';
import { bounded, type InputEdit, type PaintFill } from '../../../src/shared/edits/inputEdit';
import { BYTE_LEVELS, painter } from '../../../src/shared/edits/paint';
import { maskOf, runsOf } from '../../../src/shared/edits/runs';

const paint = (runs: readonly number[], fill: PaintFill, size: [number, number] = [2, 3]) =>
  ({ kind: 'paint', size, runs, fill }) as const;

describe('runs', () => {
  it.each([
    [
      [0, 1, 1, 0, 1, 0],
      [1, 2, 1, 1],
    ],
    [
      [1, 1, 1],
      [0, 3],
    ],
    [[0, 0], []],
  ])('of %j', (mask, runs) => {
    expect(runsOf(Uint8Array.from(mask))).toEqual(runs);
    expect([...(maskOf(runs, mask.length) ?? [])]).toEqual(mask);
  });

  it('beyond the end are no mask', () => {
    expect(maskOf([2, 3], 4)).toBe(null);
  });
});

describe('a painted picture', () => {
  const grey = { values: Float32Array.of(10, 20, 30, 40, 50, 61), height: 2, width: 3, channels: 1 };
  const painted = (...edits: ReturnType<typeof paint>[]) => {
    const values = grey.values.slice();
    const one = painter(grey, BYTE_LEVELS);
    for (const edit of edits) expect(one.paint(values, edit)).toBe(true);
    return [...values];
  };

  it('has the colour where it is painted: its luma in grey', () => {
    // (255 * 19595 + 0x8000) >> 16 = 76
    expect(painted(paint([1, 2, 2, 1], { kind: 'colour', rgb: [255, 0, 0] }))).toEqual([
      10, 76, 76, 40, 50, 76,
    ]);
  });

  it('has the rounded mean of the original', () => {
    // 211 / 6 = 35.17
    const black = paint([0, 6], { kind: 'colour', rgb: [0, 0, 0] });
    expect(painted(black, paint([0, 1], { kind: 'mean' }))).toEqual([35, 0, 0, 0, 0, 0]);
  });

  it('is the original again where it is erased', () => {
    const white = paint([0, 6], { kind: 'colour', rgb: [255, 255, 255] });
    expect(painted(white, paint([2, 2], { kind: 'original' }))).toEqual([255, 255, 30, 40, 255, 255]);
  });

  it('gets the same noise for the same seed, whatever is painted', () => {
    const whole = painted(paint([0, 6], { kind: 'noise', seed: 3 }));
    expect(painted(paint([4, 1], { kind: 'noise', seed: 3 }))[4]).toBe(whole[4]);
    expect(painted(paint([0, 6], { kind: 'noise', seed: 4 }))).not.toEqual(whole);
    for (const value of whole) expect(Number.isInteger(value) && value >= 0 && value <= 255).toBe(true);
  });

  it('has the levels of an array that is no image file', () => {
    const unit = { values: Float32Array.of(0, 0.5, 1), height: 1, width: 3, channels: 1 };
    const values = unit.values.slice();
    const { paint: onto } = painter(unit, { offset: 0, factor: 255, whole: false });
    expect(onto(values, paint([0, 1], { kind: 'colour', rgb: [51, 51, 51] }, [1, 3]))).toBe(true);
    expect(onto(values, paint([2, 1], { kind: 'mean' }, [1, 3]))).toBe(true);
    expect([...values]).toEqual([Math.fround(0.2), 0.5, 0.5]);
  });

  it('of another size is left as it is', () => {
    const values = grey.values.slice();
    const { paint: onto } = painter(grey, BYTE_LEVELS);
    expect(onto(values, paint([0, 1], { kind: 'mean' }, [3, 2]))).toBe(false);
    expect(onto(values, paint([0, 7], { kind: 'mean' }))).toBe(false);
    expect(values).toEqual(grey.values);
  });
});

describe('a blurred picture', () => {
  it('is the mean over three pixels along each axis, three times', () => {
    // One pass over 0 0 9 0 0 gives 0 3 3 3 0, then 1 2 3 2 1, then (with the edge repeated) 4/3 2 7/3 2 4/3.
    const row = { height: 1, width: 5, channels: 1 };
    const soft = blurred(Float32Array.of(0, 0, 9, 0, 0), row);
    expect([...soft]).toEqual([4 / 3, 2, 7 / 3, 2, 4 / 3].map(Math.fround));
    const column = blurred(Float32Array.of(0, 0, 9, 0, 0), { ...row, height: 5, width: 1 });
    expect(column).toEqual(soft);
  });

  it('keeps the channels apart', () => {
    const values = Float32Array.from({ length: 24 }, (_, i) => i % 3);
    expect(blurred(values, { height: 2, width: 4, channels: 3 })).toEqual(values);
  });
});

describe('a list of edits', () => {
  const stroke = (at: number): InputEdit => paint([at, 1], { kind: 'mean' }, [1, 500]);

  it('is merged from its beginning where there are too many', () => {
    const list = bounded(Array.from({ length: MAX_EDITS + 2 }, (_, i) => stroke(i)));
    expect(list?.length).toBe(MAX_EDITS);
    expect(list?.[0]).toEqual(paint([0, 3], { kind: 'mean' }, [1, 500]));
    expect(list?.at(-1)).toEqual(stroke(MAX_EDITS + 1));
    const set = (at: number, to: number): InputEdit => ({ kind: 'values', at: [at], to: [to] });
    const values = bounded(Array.from({ length: MAX_EDITS + 1 }, (_, i) => set(7, i)));
    expect(values?.[0]).toEqual(set(7, 1));
  });

  it('that cannot be merged is refused', () => {
    const colours = Array.from(
      { length: MAX_EDITS + 1 },
      (_, i): InputEdit => paint([0, 1], { kind: 'colour', rgb: [i % 256, i % 7, i % 3] }),
    );
    expect(bounded(colours)).toBe(null);
  });

  test.each([
    ['unequal lists', [{ kind: 'values', at: [1, 2], to: [0] }]],
    ['a place that is no index', [{ kind: 'values', at: [-1], to: [0] }]],
    ['two letters at one place', [{ kind: 'letters', at: [1], to: ['AC'] }]],
    ['a level beyond a byte', [paint([0, 1], { kind: 'colour', rgb: [256, 0, 0] })]],
    ['a picture without height', [paint([0, 1], { kind: 'mean' }, [0, 3])]],
    ['too many', Array.from({ length: MAX_EDITS + 1 }, (_, i) => stroke(i))],
    ['too much', Array.from({ length: 3 }, () => paint(Array(80_000).fill(0), { kind: 'mean' }))],
  ])('with %s is refused', (_, edits) => {
    expect(inputEdits.safeParse(edits).success).toBe(false);
    expect(inputEdits.safeParse([stroke(1), { kind: 'letters', at: [1], to: ['𝔸'] }]).success).toBe(true);
  });
});
