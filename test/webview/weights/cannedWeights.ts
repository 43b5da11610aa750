import type {
  FilterTiles,
  LayerWeights,
  WeightStatistics,
  WeightValues,
} from '../../../src/shared/results/weights';
import { layerValues } from '../canned';
import { greyPng } from './greyPng';

/** Weights of a convolution with one dead filter and three that are equal or negated, and of a batch normalisation. */

const kernel = { path: 'conv', className: 'Conv2D', name: 'kernel', shape: [3, 3, 3, 64], dtype: 'float32' };
const bias = { path: 'conv', className: 'Conv2D', name: 'bias', shape: [64], dtype: 'float32' };

export const convWeights: LayerWeights = {
  layer: 'conv',
  className: 'Conv2D',
  weights: [
    { ...kernel, filters: 64, isNumeric: true },
    { ...bias, filters: null, isNumeric: true },
  ],
};

export const normWeights: LayerWeights = {
  layer: 'norm',
  className: 'BatchNormalization',
  weights: ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => ({
    ...{ path: 'norm', className: 'BatchNormalization', name, shape: [8], dtype: 'float32' },
    ...{ filters: null, isNumeric: true },
  })),
};

export function weightStatistics(weights: LayerWeights, index: number): WeightStatistics {
  const {
    filters,
    isNumeric: _,
    ...summary
  } = weights.weights[index] ?? { ...bias, filters: null, isNumeric: true };
  return {
    ...summary,
    stats: { ...layerValues.post, shape: summary.shape },
    norm: 14.16,
    filters:
      filters === null
        ? null
        : {
            count: filters,
            ...{ dead: [2], deadCount: 1, nonFinite: [], nonFiniteCount: 0 },
            duplicates: [
              { first: 1, second: 5, negated: false },
              { first: 1, second: 6, negated: true },
              { first: 5, second: 6, negated: true },
            ],
            duplicateCount: 3,
          },
  };
}

/** Filter 2 is dead; the norm of the others is their number. */
export function filterTiles(total: number, order: string, from: number, count: number): FilterTiles {
  const norm = (filter: number): number => (filter === 2 ? 0 : filter + 1);
  const all = Array.from({ length: total }, (_, filter) => filter);
  if (order !== 'index') all.sort((a, b) => (order === 'largest' ? norm(b) - norm(a) : norm(a) - norm(b)));
  return {
    total,
    filters: all.slice(from, from + count).map((filter) => ({
      ...{ filter, norm: norm(filter), min: -0.5, max: 0.75, width: 14, height: 14 },
      png: greyPng(14, (x, y) => (x * 18 + y * (filter % 8)) % 256).toString('base64'),
    })),
  };
}

export const weightValues = (weight: number, total: number): WeightValues => ({
  total,
  values: Array.from({ length: total }, (_, i) =>
    weight === 3 && i === 2 ? Number.NaN : Math.sin(i + weight),
  ),
});
