import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { activationNameOf } from '../../../src/server/layers/activations/activationSpec';
import { ACTIVATION_NAMES, activationOf } from '../../../src/server/layers/activations/activations';
import type { Activation } from '../../../src/server/layers/kind';
import { BACKENDS, configOf, useBackend, valuesOf } from './backends';

/** `keras.activations.ALL_OBJECTS_DICT` of Keras 3.15.1 without linear and without the aliases swish and hard_swish. */
const KERAS_NAMES = [
  ...['celu', 'elu', 'exponential', 'gelu', 'glu', 'hard_shrink', 'hard_sigmoid', 'hard_silu', 'hard_tanh'],
  ...['leaky_relu', 'log_sigmoid', 'log_softmax', 'mish', 'relu', 'relu6', 'selu', 'sigmoid', 'silu'],
  ...['soft_shrink', 'softmax', 'softplus', 'softsign', 'sparse_plus', 'sparse_sigmoid', 'sparsemax'],
  ...['squareplus', 'tanh', 'tanh_shrink', 'threshold'],
];

/** Activations whose arguments have no defaults. */
const ARGUMENTS: Readonly<Record<string, object>> = { threshold: { threshold: 0.4, default_value: -2 } };

function known(value: unknown, kerasMajor = 3): Activation {
  const found = activationOf(configOf({ activation: value }, kerasMajor));
  if (found === null) throw new Error('no activation');
  return found;
}

const named = (name: string): Activation =>
  known(name in ARGUMENTS ? { class_name: name, config: ARGUMENTS[name] } : name);

test('every activation of Keras 3.15 is known', () => {
  expect(ACTIVATION_NAMES).toEqual([...KERAS_NAMES].sort());
});

describe('serialized forms', () => {
  test.each([
    ['a name', 'relu', 'relu'],
    ['an alias', 'swish', 'silu'],
    ['a serialized function', { class_name: 'function', config: 'gelu', registered_name: 'gelu' }, 'gelu'],
    ['a function with its module', { module: 'keras.activations', class_name: 'mish', config: {} }, 'mish'],
    ['a layer', { module: 'keras.layers', class_name: 'ReLU', config: { max_value: 6 } }, 'relu6'],
    ['a layer with another maximum', { class_name: 'ReLU', config: { max_value: 20 } }, 'relu(max_value=20)'],
    ['a function of TensorFlow', { class_name: 'function', config: 'softmax_v2' }, 'softmax'],
    ['the approximate gelu of TensorFlow.js', 'gelu_new', 'gelu'],
    ['an Activation layer', { class_name: 'Activation', config: { activation: 'tanh' } }, 'tanh'],
  ])('%s', (_, value, name) => {
    expect(known(value).name).toBe(name);
    expect(activationNameOf(configOf({ activation: value }))).toBe(name);
  });

  test.each([[undefined], [null], ['linear'], [{ class_name: 'function', config: 'linear' }]])(
    '%j is no activation',
    (value) => {
      expect(activationOf(configOf({ activation: value }))).toBeNull();
    },
  );

  test('an unknown name is listed but not run', () => {
    const config = configOf({ activation: 'my_package>wiggle' });
    expect(activationNameOf(config)).toBe('my_package>wiggle');
    expect(() => activationOf(config)).toThrow(
      'Layer "layer" uses the activation "my_package>wiggle", which is not built into Keras.',
    );
    expect(() => activationOf(configOf({ activation: 'constructor' }))).toThrow('constructor');
  });

  test('a registered custom function is not taken for the Keras function of the same name', () => {
    const custom = {
      module: 'builtins',
      class_name: 'function',
      config: 'pkg>relu',
      registered_name: 'function',
    };
    expect(() => activationOf(configOf({ activation: custom }))).toThrow(
      '"pkg>relu", which is not built into Keras',
    );
    const registered = { ...custom, config: 'relu', registered_name: 'pkg>relu' };
    expect(() => activationOf(configOf({ activation: registered }))).toThrow(
      '"pkg>relu", which is not built into Keras',
    );
  });

  test('a Lambda is never run', () => {
    expect(() => activationOf(configOf({ activation: { value: ['4wEA', null, null] } }))).toThrow('"lambda"');
  });
});

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  const at = (activation: Activation, x: number): number =>
    valuesOf(activation.forward(tf, tf.tensor2d([[x]])))[0] ?? Number.NaN;
  const slopeAt = (activation: Activation, x: number): number => {
    const pre = tf.tensor2d([[x]]);
    return (
      valuesOf(activation.backward(tf, pre, activation.forward(tf, pre), tf.onesLike(pre)))[0] ?? Number.NaN
    );
  };

  test('hard_sigmoid has a different slope in Keras 2', () => {
    expect(at(known('hard_sigmoid', 2), 1)).toBeCloseTo(0.7, 6);
    expect(at(known('hard_sigmoid', 3), 1)).toBeCloseTo(4 / 6, 6);
    expect(slopeAt(known('hard_sigmoid', 2), 1)).toBeCloseTo(0.2, 6);
    expect(slopeAt(known('hard_sigmoid', 3), 1)).toBeCloseTo(1 / 6, 6);
  });

  test('the LeakyReLU layer has a different slope from the function, called alpha in Keras 2', () => {
    expect(at(known('leaky_relu'), -1)).toBeCloseTo(-0.2, 6);
    expect(at(known({ class_name: 'LeakyReLU', config: {} }), -1)).toBeCloseTo(-0.3, 6);
    expect(at(known({ class_name: 'LeakyReLU', config: { alpha: 0.1 } }, 2), -1)).toBeCloseTo(-0.1, 6);
  });

  test('rectifiers have gradient 0 at their kinks', () => {
    expect(slopeAt(known('relu'), 0)).toBe(0);
    expect(slopeAt(known('relu6'), 0)).toBe(0);
    expect(slopeAt(known('relu6'), 6)).toBe(0);
    expect(slopeAt(known({ class_name: 'ReLU', config: { max_value: 6 } }), 6)).toBe(0);
  });

  test('values and gradients of large inputs are finite', () => {
    const x = tf.tensor2d([[-1e4, -200, -90, 90, 200, 1e4]]);
    for (const name of KERAS_NAMES) {
      if (name === 'exponential') continue; // e^90 is beyond float32 in Keras, too
      const activation = named(name);
      const y = activation.forward(tf, x);
      const gradient = activation.backward(tf, x, y, tf.onesLike(y));
      expect(
        [name, ...valuesOf(y), ...valuesOf(gradient)].filter((v) => v !== name && !Number.isFinite(v)),
      ).toEqual([]);
    }
  });

  test.each(KERAS_NAMES)('the gradient of %s equals its finite differences', (name) => {
    const activation = named(name);
    const x = [[-3.7, -1.3, -0.62, -0.21, 0.13, 0.57, 1.45, 3.6]];
    const h = 1e-2;
    const pre = tf.tensor2d(x);
    const out = activation.forward(tf, pre);
    const gradient = tf.reshape(tf.linspace(-1, 1, out.size), out.shape);
    const analytic = valuesOf(activation.backward(tf, pre, out, gradient));
    const score = (rows: number[][]) =>
      valuesOf(tf.sum(tf.mul(activation.forward(tf, tf.tensor2d(rows)), gradient)))[0] ?? Number.NaN;
    const shifted = (i: number, by: number) => [
      (x[0] ?? []).map((value, j) => (i === j ? value + by : value)),
    ];
    for (const [i, slope] of analytic.entries()) {
      const difference = (score(shifted(i, h)) - score(shifted(i, -h))) / (2 * h);
      const scale = Math.max(1, Math.abs(slope));
      expect(Math.abs(slope - difference) / scale, `${name} at ${x[0]?.[i]}`).toBeLessThan(3e-3);
    }
  });
});
