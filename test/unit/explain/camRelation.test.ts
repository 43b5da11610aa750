import { expect, it } from 'vitest';
import { camRelation } from '../../../src/server/explain/support/camRelation';

const map = (shape: readonly number[], values: readonly number[]) => ({
  shape,
  values: Float32Array.from(values),
});

it('states the factor and the measured difference', () => {
  expect(camRelation(map([1, 2], [4, -8]), map([1, 2], [2, -4]), 'pool')).toBe(
    'At layer "pool", CAM is 2 (1 x 2) times Grad-CAM: the largest difference is 0.0e+0 of the largest value.',
  );
});

it('says where the two are not proportional', () => {
  expect(camRelation(map([2], [4, 8]), map([2], [2, 3]), 'pool')).toBe(
    'At layer "pool", CAM is not 2 times Grad-CAM: the largest difference is 2.5e-1 of the largest value.',
  );
});

it('says where there is nothing to compare', () => {
  expect(camRelation(map([2], [0, 0]), map([2], [0, 0]), 'pool')).toContain('both 0');
});
