import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { findKind } from '../../../src/server/kinds/registry';
import { activationOf } from '../../../src/server/layers/activations/activations';
import type { LayerContext, Tensor } from '../../../src/server/layers/kind';
import { BACKENDS, configOf, contextOf, useBackend, valuesOf } from '../layers/backends';

// Cases that no saved fixture covers; the numbers are those of Keras 3.15.1 on TensorFlow 2.21.

function expectClose(got: Tensor, wanted: readonly number[]): void {
  const values = valuesOf(got);
  expect(values.length).toBe(wanted.length);
  for (const [i, value] of values.entries())
    expect(value, `value ${i}`).toBeCloseTo(wanted[i] ?? Number.NaN, 5);
}

/** Before the activation, after it, and the gradient of sum(out * cotangent) at the input. */
function play(className: string, context: LayerContext, inputs: Tensor[], cotangent: Tensor) {
  const kind = findKind(className);
  if (kind === undefined) throw new Error(`no ${className}`);
  const [pre] = kind.forward(context, inputs);
  if (pre === undefined) throw new Error('no output');
  const activation = kind.activation?.(context.config, context.weights) ?? null;
  const out = activation?.forward(tf, pre) ?? pre;
  const gradient = activation?.backward(tf, pre, out, cotangent) ?? cotangent;
  const [dx] = kind.backward?.(context, { inputs, outputs: [pre], gradients: [gradient] }) ?? [];
  if (!dx) throw new Error('no gradient');
  return { out, dx };
}

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('LayerNormalization with rms_scaling divides by the standard deviation without centring', () => {
    const context = contextOf({ axis: [-1], rms_scaling: true }, [tf.tensor1d([1, 2, -1])]);
    const x = tf.tensor2d([
      [1, 2, 4],
      [-1, 0.5, 3],
    ]);
    const { out, dx } = play('LayerNormalization', context, [x], tf.tensor2d([1, 2, 3, 1, 2, 3], [2, 3]));
    expectClose(out, [0.80152613, 3.20610452, -3.20610452, -0.60598022, 0.60598022, -1.81794071]);
    expectClose(dx, [0.11494508, 3.03445935, -1.54635215, -0.48191115, 2.22612238, -0.5322508]);
  });

  test('sparsemax along another axis than the last', () => {
    const context = contextOf({ activation: { class_name: 'sparsemax', config: { axis: 0 } } });
    const x = tf.tensor2d([0.5, 0.4, 0.3, 0.1, -2, 0.45], [3, 2]);
    const { out, dx } = play('Activation', context, [x], tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]));
    expectClose(out, [0.35, 0, 0.15, 0, 0, 0.03333333]);
    expectClose(dx, [-3, -4, 1, -2, 0, 0]);
  });

  test('a Softmax called with a mask gives masked positions probability 0', () => {
    const values = { axis: -1 };
    const call = { args: [], kwargs: { mask: { input: 1 } } };
    const mask = tf.tensor2d([[true, false, true]], [1, 3], 'bool');
    const inputs = [tf.tensor2d([[1, 2, 3]]), mask];
    const { out, dx } = play('Softmax', { ...contextOf(values), call }, inputs, tf.tensor2d([[1, 5, 0]]));
    expectClose(out, [0.11920291, 0, 0.8807971]);
    expectClose(dx, [0.10499359, 0, -0.10499359]);
  });

  test.each([
    [{ negative_slope: 0.1 }, [-0.1, 0, 1, 2, 3, 4, 6], [0.1, 0.1, 1, 1, 1, 1, 1]],
    [
      { negative_slope: 0.2, max_value: 3, threshold: 1 },
      [-0.4, -0.2, 0, 2, 3, 3, 3],
      [0.2, 0.2, 0, 1, 1, 0, 0],
    ],
    [{ max_value: 6 }, [0, 0, 1, 2, 3, 4, 6], [0, 0, 1, 1, 1, 1, 0]],
    [{ max_value: 4, threshold: 2 }, [0, 0, 0, 0, 3, 4, 4], [0, 0, 0, 0, 1, 1, 0]],
  ])('ReLU %j at its kinks', (values, wanted, slopes) => {
    const x = tf.tensor1d([-1, 0, 1, 2, 3, 4, 6]);
    const { out, dx } = play('ReLU', contextOf(values), [x], tf.onesLike(x));
    expectClose(out, wanted);
    expectClose(dx, slopes);
  });
});

describe('glu', () => {
  test('splits the last axis in halves', async () => {
    await useBackend('cpu');
    const glu = activationOf(configOf({ activation: 'glu' }));
    expectClose(glu?.forward(tf, tf.tensor2d([[2, -4, 0, 0]])) ?? tf.scalar(0), [1, -2]);
    expect(() => glu?.forward(tf, tf.tensor2d([[1, 2, 3]]))).toThrow('even size');
  });
});
