import { expect, it } from 'vitest';
import { enlarged, outlineElements, outlineScale, withOutline } from '../../../src/server/render/maskOutline';
import { maskOutline, outlinePath } from '../../../src/shared/maps/maskOutline';

/** One cell of 2 x 2. */
const corner = { width: 2, height: 2, values: [0, 1, 0, 0] };

it('joins the edges of neighbouring cells to lines', () => {
  expect(maskOutline({ width: 3, height: 1, values: [0, 1, 1] })).toEqual([
    { from: [1, 0], to: [3, 0] },
    { from: [1, 1], to: [3, 1] },
    { from: [1, 0], to: [1, 1] },
    { from: [3, 0], to: [3, 1] },
  ]);
  expect(outlinePath(corner)).toBe('M1 0H2M1 1H2M1 0V1M2 0V1');
});

it('draws black lines between white ones, inside the image', () => {
  const grey = { width: 12, height: 12, rgb: new Uint8Array(12 * 12 * 3).fill(90) };
  const { rgb } = withOutline(grey, corner);
  const at = (x: number, y: number) => rgb[(y * 12 + x) * 3];
  expect([4, 5, 6, 7, 8].map((x) => at(x, 3))).toEqual([90, 255, 0, 255, 90]);
  expect([4, 5, 6, 7, 8].map((y) => at(9, y))).toEqual([90, 255, 0, 255, 90]);
  expect(at(11, 3)).toBe(255);
  expect(at(2, 9)).toBe(90);
  expect(grey.rgb.every((byte) => byte === 90)).toBe(true);
});

it('enlarges small images by whole factors only', () => {
  expect([48, 384, 1000, 2].map((side) => outlineScale({ width: side, height: side + 1 }))).toEqual([
    8, 1, 1, 16,
  ]);
  const two = { width: 2, height: 1, rgb: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  expect(enlarged(two, 2)).toEqual({
    width: 4,
    height: 2,
    rgb: Uint8Array.of(...[1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6], ...[1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]),
  });
});

it('is a path in SVG, scaled to the image', () => {
  const [white, black] = outlineElements(corner, { x: 16, y: 30, width: 320, height: 160 });
  expect(white).toContain('transform="translate(16 30) scale(160 80)"');
  expect(black).toContain('stroke="#000000"');
});
