import { describe, expect, test } from 'vitest';
import {
  constrainedFit,
  pairedCoalitions,
  sizeWeights,
} from '../../../../src/server/explain/perturbation/kernelShap';
import { fitSurrogate, limeCoalition, proximity } from '../../../../src/server/explain/perturbation/lime';
import { NormalEquations } from '../../../../src/server/explain/perturbation/normalEquations';
import { jackknifeErrors, reliability } from '../../../../src/server/explain/perturbation/reliability';
import { MaskedMean, riseMask, riseMasks } from '../../../../src/server/explain/perturbation/rise';
import { shapleyValues } from '../../../../src/server/explain/perturbation/shapley';
import { mulberry32 } from '../../../../src/shared/random';
import { captumModel, sum } from '../smallModels';

const INPUT = [20, 50, 30];
const close = (values: ArrayLike<number>, digits: number) =>
  Array.from(values, (value) => expect.closeTo(value, digits));

/** The score of each of the 2^n coalitions of the values of an input. */
const game = (score: (input: number[]) => number, input: readonly number[], baseline: readonly number[]) =>
  Array.from({ length: 2 ** input.length }, (_, bits) =>
    score(input.map((value, i) => ((bits >> i) & 1 ? value : (baseline[i] ?? 0)))),
  );

describe('exact Shapley values', () => {
  // Captum, tests/attr/test_kernel_shap.py and test_shapley.py
  test('as Captum, to 1e-5', () => {
    expect([...shapleyValues(3, game(captumModel, INPUT, [0, 0, 0]))]).toEqual(
      close([230 / 3, 590 / 3, 350 / 3], 10),
    );
    expect([...shapleyValues(3, game(captumModel, INPUT, [10, 20, 10]))]).toEqual(close([40, 120, 80], 10));
  });

  test('of eleven groups, with products between them, add up and are shared alike', () => {
    const ones = Array.from({ length: 11 }, () => 1);
    const product = (values: number[]): number => values.slice(0, 4).reduce((a, b) => a * b, 1) + sum(values);
    const values = shapleyValues(
      11,
      game(
        product,
        ones,
        ones.map(() => 0),
      ),
    );
    expect(sum(values)).toBeCloseTo(12, 10);
    expect([...values]).toEqual(
      close(
        ones.map((_, i) => (i < 4 ? 1.25 : 1)),
        10,
      ),
    );
  });

  test('of one group is the whole difference', () => {
    expect([...shapleyValues(1, [2, 7])]).toEqual([5]);
  });
});

describe('KernelSHAP', () => {
  // Xplique, tests/attributions/test_kernel_shap.py
  test('relative probability of the coalition sizes, as Xplique', () => {
    expect([...sizeWeights(5)]).toEqual(close([0, 1, 2 / 3, 2 / 3, 1], 10));
  });

  test('draws each coalition with its complement, and sizes by their weights', () => {
    const drawn = pairedCoalitions(5, 4000, mulberry32(1));
    expect(drawn.length).toBe(8000);
    const counts = new Float64Array(5);
    for (const [i, coalition] of drawn.entries()) {
      const size = sum(coalition);
      counts[size] = (counts[size] ?? 0) + 1;
      if (i % 2 === 1) expect(size).toBe(5 - sum(drawn[i - 1] ?? []));
    }
    const weights = sizeWeights(5);
    for (const [size, count] of counts.entries()) {
      expect(Math.abs(count / 8000 - (weights[size] ?? 0) / sum(weights))).toBeLessThan(0.02);
    }
  });

  test('the fit of samples approaches the exact values and always adds up', () => {
    const ones = Array.from({ length: 12 }, () => 1);
    const score = (values: ArrayLike<number>): number =>
      Array.from(values).reduce((total, value, i) => total + value * (i + 1), 0) +
      5 * (values[0] ?? 0) * (values[11] ?? 0);
    const equations = new NormalEquations(12);
    for (const coalition of pairedCoalitions(12, 3000, mulberry32(2)))
      equations.add(coalition, score(coalition));
    const values = constrainedFit(equations, score(ones));
    expect(sum(values)).toBeCloseTo(score(ones), 8);
    for (const [i, value] of values.entries()) {
      expect(Math.abs(value - (i + 1 + (i === 0 || i === 11 ? 2.5 : 0)))).toBeLessThan(0.2);
    }
  });

  test('of a linear score is exact from few samples', () => {
    const equations = new NormalEquations(15);
    const score = (values: ArrayLike<number>): number =>
      Array.from(values).reduce((total, value, i) => total + value * (i - 5), 0);
    for (const coalition of pairedCoalitions(15, 60, mulberry32(3)))
      equations.add(coalition, score(coalition));
    expect([...constrainedFit(equations, 30)]).toEqual(
      close(
        Array.from({ length: 15 }, (_, i) => i - 5),
        4,
      ),
    );
  });
});

describe('LIME', () => {
  const sampled = (count: number, width: number, seed: number): NormalEquations => {
    const uniform = mulberry32(seed);
    const equations = new NormalEquations(3);
    for (let i = 0; i < count; i++) {
      const coalition = i === 0 ? Uint8Array.of(1, 1, 1) : limeCoalition(3, uniform);
      const score = captumModel(INPUT.map((value, group) => value * (coalition[group] ?? 0)));
      equations.add(coalition, score, proximity(coalition, width));
    }
    return equations;
  };

  test('the weight falls with the cosine distance', () => {
    expect(proximity(Uint8Array.of(1, 1, 1, 1), 0.25)).toBe(1);
    expect(proximity(Uint8Array.of(1, 0, 0, 0), 0.25)).toBeCloseTo(Math.exp(-2), 10);
    expect(proximity(Uint8Array.of(0, 0, 0, 0), 0.25)).toBeCloseTo(Math.exp(-8), 10);
  });

  // Captum, tests/attr/test_lime.py, which fits with a lasso; a ridge of 1 lands about 3 higher.
  test('with a lasso, as Captum', () => {
    const { coefficients } = fitSurrogate(sampled(500, 10, 1), { kind: 'lasso', alpha: 1 });
    for (const [i, expected] of [73.3716, 193.3349, 113.3349].entries()) {
      expect(Math.abs((coefficients[i] ?? 0) - expected)).toBeLessThan(1);
    }
  });

  test('with a ridge, equals least squares with the penalty as further rows', () => {
    // numpy.linalg.lstsq of sqrt(weight) * [a, b, 1], and of [1, 0, 0] and [0, 1, 0] for 0.
    const equations = new NormalEquations(2);
    const rows = [
      [1, 1, 3, 1],
      [1, 0, 1, 0.5],
      [0, 1, 2.5, 0.5],
      [0, 0, 0.25, 0.25],
    ];
    for (const [a = 0, b = 0, score = 0, weight] of rows) equations.add(Uint8Array.of(a, b), score, weight);
    const { coefficients, intercept, rSquared } = fitSurrogate(equations, { kind: 'ridge', alpha: 1 });
    expect([...coefficients]).toEqual(close([0.19444444, 0.69444444], 6));
    expect(intercept).toBeCloseTo(1.5462963, 6);
    expect(rSquared).toBeCloseTo(0.5539119, 6);
  });

  test('says how linear the score is', () => {
    expect(fitSurrogate(sampled(500, 0.25, 1), { kind: 'ridge', alpha: 1e-6 }).rSquared).toBeGreaterThan(
      0.99,
    );
    const uneven = new NormalEquations(2);
    for (const [a, b] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      uneven.add(Uint8Array.of(a, b), a ^ b);
    }
    expect(fitSurrogate(uneven, { kind: 'ridge', alpha: 1 }).rSquared).toBeCloseTo(0, 10);
  });
});

describe('RISE', () => {
  const request = { shape: [30, 40], grid: 7, keep: 0.5, seed: 4 };

  test('masks depend on the seed and the index alone', () => {
    expect(riseMask(request, 3)).toEqual(riseMasks(request, 1, 5).at(2));
    expect(riseMask(request, 3)).not.toEqual(riseMask(request, 4));
    expect(riseMask(request, 3)).not.toEqual(riseMask({ ...request, seed: 5 }, 3));
  });

  test('masks are smooth, within 0..1 and keep the share that was asked for', () => {
    let total = 0;
    for (let i = 0; i < 200; i++) {
      const mask = riseMask(request, i);
      expect(mask.every((value) => value >= 0 && value <= 1)).toBe(true);
      for (let cell = 1; cell < 40; cell++) {
        expect(Math.abs((mask[cell] ?? 0) - (mask[cell - 1] ?? 0))).toBeLessThan(0.2);
      }
      total += sum(mask) / mask.length;
    }
    expect(Math.abs(total / 200 - 0.5)).toBeLessThan(0.02);
  });

  test('covers sequences and volumes, also shorter than the grid', () => {
    expect(riseMask({ ...request, shape: [5] }, 0).length).toBe(5);
    expect(riseMask({ ...request, shape: [2, 9, 30] }, 0).length).toBe(540);
  });

  test('the weighted mean finds the cells that matter, in units of the score', () => {
    const parts = [new MaskedMean(100), new MaskedMean(100)];
    const small = { shape: [10, 10], grid: 5, keep: 0.5, seed: 1 };
    for (let i = 0; i < 2000; i++) {
      const mask = riseMask(small, i);
      parts[i % 2]?.add(mask, 2 * (mask[44] ?? 0) + 1);
    }
    const values = MaskedMean.sum(parts).evidence();
    expect(values.indexOf(Math.max(...values))).toBe(44);
    expect(values[44]).toBeGreaterThan(0.2);
    expect(values[44]).toBeLessThan(1);
    expect(values[99]).toBeCloseTo(0, 1);
  });

  test('a constant score gives a map of zeros', () => {
    const mean = new MaskedMean(4);
    for (let i = 0; i < 50; i++) mean.add(riseMask({ ...request, shape: [4] }, i), 3);
    expect([...mean.evidence()]).toEqual(close([0, 0, 0, 0], 5));
  });
});

describe('reliability', () => {
  test('corrects the agreement of two halves for their size', () => {
    expect(reliability([1, 2, 3], [1, 2, 3])).toBe(1);
    expect(reliability([-1, 1, 1], [0, 0, 2])).toBeCloseTo(2 / 3, 10);
    expect(reliability([1, 2, 3], [3, 2, 1])).toBe(0);
    expect(reliability([1, 1], [1, 2])).toBeNaN();
  });

  test('the jackknife gives the standard error of a mean', () => {
    const values = [1, 2, 4, 9];
    const without = values.map((value) => [(sum(values) - value) / 3]);
    const deviation = Math.sqrt(values.reduce((total, value) => total + (value - 4) ** 2, 0) / 3);
    expect([...jackknifeErrors(without)]).toEqual(close([deviation / 2], 10));
  });
});
