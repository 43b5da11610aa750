import { describe, expect, test } from 'vitest';
import {
  boxSize,
  gridGroups,
  groupMask,
  groupsByValue,
  singleCells,
  spread,
} from '../../../../src/server/explain/perturbation/groups';
import { blend } from '../../../../src/server/explain/perturbation/masks';
import { slic } from '../../../../src/server/explain/perturbation/slic';
import { mulberry32 } from '../../../../src/shared/random';

describe('groups', () => {
  test('a grid keeps the smaller boxes at its ends', () => {
    const { count, of } = gridGroups([3, 5], [2, 2]);
    expect(count).toBe(6);
    expect([...of]).toEqual([0, 0, 1, 1, 2, 0, 0, 1, 1, 2, 3, 3, 4, 4, 5]);
  });

  test('time windows and cubes are grids of one and three axes', () => {
    expect([...gridGroups([5], [2]).of]).toEqual([0, 0, 1, 1, 2]);
    expect([...gridGroups([2, 2, 2], [1, 2, 1]).of]).toEqual([0, 1, 0, 1, 2, 3, 2, 3]);
  });

  test.each([
    [[224, 224], 49, [32, 32]],
    [[100], 10, [10]],
    [[3, 200], 20, [3, 10]],
    [[2, 2], 100, [1, 1]],
  ])('boxes of %j in about %i groups', (shape, count, expected) => {
    expect(boxSize(shape, count)).toEqual(expected);
  });

  test('columns, and groups by the numbers of a file', () => {
    expect(singleCells(3)).toEqual({ count: 3, of: Int32Array.of(0, 1, 2) });
    expect(groupsByValue([7, -1, 7, 3])).toEqual({ count: 3, of: Int32Array.of(2, 0, 2, 1) });
  });

  test('a mask keeps whole groups, and a value is spread over one', () => {
    const groups = { count: 2, of: Int32Array.of(0, 0, 1) };
    expect([...groupMask(groups, (group) => group === 1)]).toEqual([0, 0, 1]);
    expect([...spread(groups, [280, 120])]).toEqual([280, 280, 120]);
  });
});

describe('blending with a baseline', () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const baseline = new Float32Array(6).fill(10);
  const mask = Float32Array.of(1, 0, 0.5);

  test('cell by cell, in either order of the channels', () => {
    const layout = { cells: 3, channels: 2 };
    expect([...blend(values, baseline, mask, { ...layout, channelsFirst: false })]).toEqual([
      1, 2, 10, 10, 7.5, 8,
    ]);
    expect([...blend(values, baseline, mask, { ...layout, channelsFirst: true })]).toEqual([
      1, 10, 6.5, 4, 10, 8,
    ]);
  });

  test('what is removed leaves nothing behind, not even NaN', () => {
    const layout = { cells: 2, channels: 1, channelsFirst: false };
    const broken = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY);
    expect([...blend(broken, new Float32Array(2), new Float32Array(2), layout)]).toEqual([0, 0]);
  });
});

describe('SLIC', () => {
  const [height, width] = [40, 60];
  const uniform = mulberry32(1);
  /** Two halves of different colour with a slanted border, and some noise. */
  const isLeft = (pixel: number): boolean => pixel % width < 20 + Math.floor(pixel / width) / 2;
  const image = Float32Array.from({ length: height * width * 3 }, (_, i) => {
    const colour = isLeft(Math.floor(i / 3)) ? [0.9, 0.1, 0.1] : [0.1, 0.2, 0.8];
    return (colour[i % 3] ?? 0) + 0.02 * uniform();
  });
  const request = { height, width, channels: 3, count: 24, compactness: 10 };
  const { count, of } = slic(image, request);

  test('gives about as many superpixels as asked for, numbered without a gap', () => {
    expect(count).toBeGreaterThan(12);
    expect(count).toBeLessThan(36);
    expect(new Set(of)).toEqual(new Set(Array.from({ length: count }, (_, i) => i)));
  });

  test('follows the border', () => {
    const left = new Int32Array(count);
    const sizes = new Int32Array(count);
    for (const [pixel, label] of of.entries()) {
      sizes[label] = (sizes[label] ?? 0) + 1;
      if (isLeft(pixel)) left[label] = (left[label] ?? 0) + 1;
    }
    const mixed = left.reduce((sum, part, label) => sum + Math.min(part, (sizes[label] ?? 0) - part), 0);
    expect(mixed / of.length).toBeLessThan(0.01);
  });

  test('each superpixel is connected', () => {
    const seen = new Uint8Array(of.length);
    let parts = 0;
    for (let start = 0; start < of.length; start++) {
      if (seen[start] === 1) continue;
      parts++;
      const open = [start];
      seen[start] = 1;
      for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
        const column = pixel % width;
        for (const next of [
          column > 0 ? pixel - 1 : -1,
          column < width - 1 ? pixel + 1 : -1,
          pixel - width,
          pixel + width,
        ]) {
          if (next < 0 || next >= of.length || seen[next] === 1 || of[next] !== of[pixel]) continue;
          seen[next] = 1;
          open.push(next);
        }
      }
    }
    expect(parts).toBe(count);
  });

  test('is the same every time, whatever the scale of the values', () => {
    expect(slic(image, request).of).toEqual(of);
    expect(
      slic(
        image.map((value) => value * 256),
        request,
      ).of,
    ).toEqual(of);
  });

  test('an image of one colour is a grid, one of one pixel is one group', () => {
    const flat = slic(new Float32Array(64), { height: 8, width: 8, channels: 1, count: 4, compactness: 10 });
    expect(flat.count).toBe(4);
    expect(
      slic(Float32Array.of(1, 2, 3, 4), { height: 2, width: 2, channels: 1, count: 50, compactness: 10 })
        .count,
    ).toBe(4);
    expect(slic(new Float32Array(1), { ...request, height: 1, width: 1, channels: 1 }).count).toBe(1);
  });
});
