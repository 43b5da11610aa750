import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { above, below } from '../../../src/server/layers/activations/comparisons';
import { BACKENDS, useBackend, valuesOf } from './backends';

describe.each(BACKENDS)('comparisons on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  // In deep networks, values before a ReLU can be this small, and every positive one passes its gradient on.
  const x = [-1, -1e-12, 0, 1e-12, 6e-8, 1];

  test('are exact for tiny values', () => {
    expect(valuesOf(above(tf, tf.tensor(x), 0))).toEqual([0, 0, 0, 1, 1, 1]);
    expect(valuesOf(below(tf, tf.tensor(x), 0))).toEqual([1, 1, 0, 0, 0, 0]);
  });

  test('are strict at other thresholds', () => {
    const values = tf.tensor([5.9999995, 6, 6.0000005]);
    expect(valuesOf(above(tf, values, 6))).toEqual([0, 0, 1]);
    expect(valuesOf(below(tf, values, 6))).toEqual([1, 0, 0]);
  });
});
