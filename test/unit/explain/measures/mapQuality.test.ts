import { describe, expect, test } from 'vitest';
import { impute } from '../../../../src/server/explain/measures/imputation';
import { faithfulness, randomRemovals } from '../../../../src/server/explain/measures/infidelity';
import { focus, pointsInto } from '../../../../src/server/explain/measures/localisation';
import { nonSensitivity } from '../../../../src/server/explain/measures/nonSensitivity';
import { entropy, gini } from '../../../../src/server/explain/measures/sparseness';
import { jittered, relativeChange } from '../../../../src/server/explain/measures/stability';
import { mulberry32 } from '../../../../src/shared/random';
import { captumModel, scoresOf, sum } from '../smallModels';

describe('sparseness', () => {
  // Xplique, tests/metrics/test_complexity.py
  test('Gini index', () => {
    expect(gini([1, 2, 3, 4])).toBeCloseTo(0.25, 10);
    expect(gini([0, 0, 0, -5, 0, 0, 0, 0])).toBeCloseTo(0.875, 10);
    expect(gini([2, 2, 2, 2])).toBeCloseTo(0, 10);
    expect(gini([0, 0])).toBe(0);
  });

  test('entropy', () => {
    expect(entropy([1, 2, 3, 4])).toBeCloseTo(1.279854, 6);
    expect(entropy([1, 1, 1, 1])).toBeCloseTo(1.386294, 6);
    expect(entropy([0, 0, 3])).toBe(0);
    expect(entropy([0, 0, 0, 0])).toBeCloseTo(Math.log(4), 10);
  });
});

describe('non-sensitivity', () => {
  // Quantus, tests/metrics/test_axiomatic_metrics.py
  const input = [1, 2, 3, 4];
  test.each([
    ['the map of what the model uses', [10, 10, 0, 0], (x: Float32Array) => sum(x.subarray(0, 2)), 0],
    ['the map of what it does not use', [10, 10, 0, 0], (x: Float32Array) => sum(x.subarray(2)), 4],
    ['a map of almost nothing', [1e-6, 0, -1e-6, 0], sum, 4],
  ])('%s', async (_name, map, score, expected) => {
    expect(await nonSensitivity(map, scoresOf(score, input))).toBe(expected);
  });

  test('a map of ones for a constant score', async () => {
    const ones = Array.from({ length: 16 }, () => 1);
    expect(
      await nonSensitivity(
        ones,
        scoresOf(() => 7, ones),
      ),
    ).toBe(16);
  });
});

describe('localisation', () => {
  // Quantus, tests/metrics/test_localisation_metrics.py
  const region = [true, false, false, true];
  test('focus', () => {
    expect(focus([1, 0, 0, 2], region)).toBe(1);
    expect(focus([0, 3, 1, 0], region)).toBe(0);
    expect(focus([1, 3, -9, 0], region)).toBe(0.25);
    expect(focus([0, -1, 0, 0], region)).toBeNaN();
  });

  test('pointing game', () => {
    expect(pointsInto([0, 1, 2, 3], region)).toBe(true);
    expect(pointsInto([0, 5, 2, 3], region)).toBe(false);
    expect(pointsInto([2, 2, 2, 2], region)).toBe(false);
  });
});

describe('infidelity', () => {
  // Captum, tests/metrics/test_infidelity.py: integrated gradients and feature ablation are x * 3 here.
  const input = [1, 2.5, 3.3];
  const map = input.map((value) => 3 * value);
  const scores = scoresOf(captumModel, input);

  test.each([1, 2, 3])('is 0 for an exact map when %i values are removed', async (size) => {
    const masks = randomRemovals(3, { size, count: 10, uniform: mulberry32(size) });
    const { infidelity, scaledInfidelity } = await faithfulness(map, masks, scores);
    expect(infidelity).toBeCloseTo(0, 8);
    expect(scaledInfidelity).toBeCloseTo(0, 8);
  });

  test('of a map in other units is 0 once scaled, and its correlation is 1', async () => {
    const masks = randomRemovals(3, { size: 1, count: 20, uniform: mulberry32(1) });
    const found = await faithfulness(
      map.map((value) => value / 10),
      masks,
      scores,
    );
    expect(found.infidelity).toBeGreaterThan(1);
    expect(found.scaledInfidelity).toBeCloseTo(0, 8);
    expect(found.correlation).toBeCloseTo(1, 8);
  });
});

describe('imputation of ROAD', () => {
  const image = Float32Array.from({ length: 9 }, (_, i) => i);
  const without = (...pixels: number[]) => image.map((_, i) => (pixels.includes(i) ? 0 : 1));
  const request = { height: 3, width: 3, channels: 1, noise: () => 0 };

  test('one pixel, from its neighbours', () => {
    expect(impute(image, { ...request, mask: without(4) })[4]).toBeCloseTo(4, 6);
    expect(impute(image, { ...request, mask: without(0) })[0]).toBeCloseTo(2.4, 6);
    expect([...impute(image, { ...request, mask: without() })]).toEqual([...image]);
  });

  test('several pixels, which depend on one another, per channel', () => {
    const two = Float32Array.from({ length: 18 }, (_, i) => (i % 2 === 0 ? i / 2 : -5));
    const filled = impute(two, { ...request, channels: 2, mask: without(0, 1) });
    const [a = 0, b = 0] = [filled[0], filled[2]];
    expect(a).toBeCloseTo((b / 6 + 3 / 6 + 4 / 12) / (2 / 6 + 1 / 12), 5);
    expect(b).toBeCloseTo((a / 6 + 2 / 6 + 4 / 6 + 3 / 12 + 5 / 12) / (3 / 6 + 2 / 12), 5);
    expect([filled[1], filled[3]]).toEqual([expect.closeTo(-5, 5), expect.closeTo(-5, 5)]);
  });

  test('an image without a pixel left becomes its mean, plus the noise', () => {
    expect([...impute(image, { ...request, mask: new Float32Array(9), noise: () => 0.5 })]).toEqual(
      Array.from(image, () => 4.5),
    );
  });

  test('half of a large image', () => {
    const size = 128;
    const large = Float32Array.from({ length: size * size }, (_, i) => i % size);
    const mask = large.map((_, i) => (i % size < size / 2 ? 1 : 0));
    const filled = impute(large, { height: size, width: size, channels: 1, mask, noise: () => 0 });
    expect(
      filled.every((value, i) => (mask[i] === 1 ? value === large[i] : Math.abs(value - 63) < 1e-3)),
    ).toBe(true);
  });
});

describe('sensitivity to noise', () => {
  test('the largest and the mean relative change', () => {
    expect(
      relativeChange(
        [3, 4],
        [
          [3, 4],
          [3, 9],
          [0, 4],
        ],
      ),
    ).toEqual({ max: 1, mean: expect.closeTo((0 + 1 + 0.6) / 3, 12) });
    expect(relativeChange([0, 0], [[1, 0]]).max).toBe(Number.POSITIVE_INFINITY);
  });

  test('noise stays within its radius and depends on the seed alone', () => {
    const values = new Float32Array(100).fill(5);
    const noisy = jittered(values, 0.1, mulberry32(1));
    expect(noisy.every((value) => Math.abs(value - 5) <= 0.1 + 1e-6)).toBe(true);
    expect(new Set(noisy).size).toBeGreaterThan(90);
    expect(noisy).toEqual(jittered(values, 0.1, mulberry32(1)));
  });
});
