import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { nonMaxSuppression } from '../../../src/server/operations/images/nonMaxSuppression';
import { contextOf, useBackend, valuesOf } from '../layers/backends';

beforeAll(() => useBackend('cpu'));

/** Two boxes that do not overlap, the second with the higher score. */
const boxes = () => tf.tensor2d([0, 0, 1, 1, 2, 2, 3, 3], [2, 4]);
const choose = (most: number, padded = true) =>
  nonMaxSuppression({ outputs: ['indices', 'scores', 'count'], padded, limit: null }).forward(contextOf({}), [
    boxes(),
    tf.tensor1d([0.25, 0.75]),
    tf.scalar(most, 'int32'),
  ]);

describe('as many boxes as asked for', () => {
  test('are padded with zeros', () => {
    expect(choose(4).map(valuesOf)).toEqual([[1, 0, 0, 0], [0.75, 0.25, 0, 0], [2]]);
  });

  test('are none where fewer than none are asked for', () => {
    expect(choose(-3).map(valuesOf)).toEqual([[], [], [0]]);
  });

  test('are refused where no tensor could hold them', () => {
    expect(() => choose(2 ** 30)).toThrow(/it would give 1073741824 boxes/);
  });
});
