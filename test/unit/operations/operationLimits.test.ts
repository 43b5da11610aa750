import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { take } from '../../../src/server/operations/manipulation/gathering';
import { getItem } from '../../../src/server/operations/manipulation/slicing';
import { BACKENDS, useBackend, valuesOf } from '../layers/backends';

/** Arguments from a file or an input that no backend checks reliably. */
describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));
  const on = { tf, backend };

  test.each([[3], [-4], [2 ** 30]])(
    'position %i of an axis of 3 is refused, not read from the next example',
    (place) => {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
      const places = tf.tensor1d([0, place], 'int32');
      expect(() => take(1).forward(on, [x, places])).toThrow(`an axis of 3 has no position ${place}.`);
    },
  );

  test('a step of billions takes one value without allocating the rest', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const part = { kind: 'range', start: 1, stop: null, step: 0 } as const;
    const whole = { ...part, start: null, step: 1 };
    for (const step of [2 ** 31 - 1, -(2 ** 31)]) {
      const picked = getItem([whole, { ...part, step }]);
      const [y] = picked.forward(on, [x]);
      expect(y && valuesOf(y)).toEqual([2, 5]);
      const gradients = picked.backward?.(on, {
        inputs: [x],
        outputs: y ? [y] : [],
        gradients: [tf.ones([2, 1])],
      });
      expect(gradients?.[0] && valuesOf(gradients[0])).toEqual([0, 1, 0, 0, 1, 0]);
    }
  });
});
