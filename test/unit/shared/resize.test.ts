import { describe, expect, it } from 'vitest';
import { resizeBilinear, resizeNearest } from '../../../src/shared/maps/resize';

// x = arange(18).reshape(3, 3, 2) ** 1.5; the values are tf.image.resize's (TensorFlow 2.21), six digits.
const x = Float32Array.from({ length: 18 }, (_, i) => i ** 1.5);
const bilinear: [number, number, number[]][] = [
  [
    5,
    4,
    [
      0.0, 1.0, 1.76777, 3.6226, 4.76777, 7.44022, 8.0, 11.1803, 5.87878, 8.0081, 8.92206, 11.7016, 13.2609,
      16.6866, 17.4491, 21.3014, 14.6969, 18.5203, 19.6535, 23.8201, 26.0007, 30.5561, 31.6228, 36.4829,
      30.8203, 35.5314, 36.8582, 41.8598, 44.444, 49.7788, 51.0491, 56.6488, 41.5692, 46.8722, 48.328,
      53.8863, 56.7395, 62.594, 64.0, 70.0928,
    ],
  ],
  [2, 2, [4.70022, 6.69683, 12.3738, 15.7913, 37.3744, 42.4184, 53.1653, 58.848]],
  [
    1,
    7,
    [
      14.6969, 18.5203, 15.8299, 19.7317, 19.2286, 23.3658, 22.6274, 27.0, 26.4826, 31.0641, 30.3377, 35.1282,
      31.6228, 36.4829,
    ],
  ],
];
const nearest: [number, number, number[]][] = [
  [2, 2, [0.0, 1.0, 8.0, 11.1803, 41.5692, 46.8722, 64.0, 70.0928]],
  [
    1,
    7,
    [
      14.6969, 18.5203, 14.6969, 18.5203, 22.6274, 27.0, 22.6274, 27.0, 22.6274, 27.0, 31.6228, 36.4829,
      31.6228, 36.4829,
    ],
  ],
];

function expectClose(actual: Float32Array, expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs((actual[i] ?? Number.NaN) - value)).toBeLessThan(1e-4);
  });
}

describe('resizeBilinear', () => {
  it('uses half-pixel centres: 2 x 2 to 4 x 4', () => {
    const out = resizeBilinear(new Float32Array([0, 1, 2, 3]), [2, 2, 1], 4, 4);
    expect([...out]).toEqual([
      0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3,
    ]);
  });

  it.each(bilinear)('equals tf.image.resize to %i x %i', (height, width, expected) => {
    expectClose(resizeBilinear(x, [3, 3, 2], height, width), expected);
  });

  it('copies when the size stays', () => {
    const out = resizeBilinear(x, [3, 3, 2], 3, 3);
    expect(out).toEqual(x);
    expect(out).not.toBe(x);
  });

  it('rejects an array whose size is not the stated one', () => {
    expect(() => resizeBilinear(x, [3, 3, 1], 2, 2)).toThrow(RangeError);
  });
});

describe('resizeNearest', () => {
  it.each(nearest)('equals tf.image.resize to %i x %i', (height, width, expected) => {
    expectClose(resizeNearest(x, [3, 3, 2], height, width), expected);
  });
});
