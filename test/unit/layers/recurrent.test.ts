import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { findKind } from '../../../src/server/layers/registry';
import { BACKENDS, configOf, contextOf, randomTensor, useBackend, valuesOf } from './backends';

function kindOf(className: string) {
  const kind = findKind(className);
  if (kind === undefined) throw new Error(`no ${className}`);
  return kind;
}

const lstm = { units: 4, activation: 'tanh', recurrent_activation: 'sigmoid' };
const specs = (className: string, values: Record<string, unknown>, major = 3) =>
  (kindOf(className).weights?.(configOf(values, major), [[null, null, 3]]) ?? []).map(
    ({ name, shape, at }) => `${at} ${name} ${shape.join('x')}`,
  );

describe('weights', () => {
  test('lie where Keras 3 writes them', () => {
    expect(specs('LSTM', lstm)).toEqual([
      'cell/vars/0 kernel 3x16',
      'cell/vars/1 recurrent_kernel 4x16',
      'cell/vars/2 bias 16',
    ]);
    const both = { layer: { class_name: 'SimpleRNN', config: { units: 2, use_bias: false } } };
    expect(specs('Bidirectional', both)).toEqual([
      'forward_layer/cell/vars/0 kernel 3x2',
      'forward_layer/cell/vars/1 recurrent_kernel 2x2',
      'backward_layer/cell/vars/0 kernel 3x2',
      'backward_layer/cell/vars/1 recurrent_kernel 2x2',
    ]);
    const twice = {
      layer: {
        class_name: 'TimeDistributed',
        config: { layer: { class_name: 'Dense', config: { units: 5 } } },
      },
    };
    expect(kindOf('TimeDistributed').weights?.(configOf(twice), [[null, 2, 3, 4]])[0]?.at).toBe(
      'layer/layer/vars/0',
    );
  });

  test('a GRU has two biases when it resets after the product, one when an old file does not say', () => {
    expect(specs('GRU', { units: 2, reset_after: true }).at(-1)).toContain('bias 2x6');
    expect(specs('GRU', { units: 2, reset_after: false }).at(-1)).toContain('bias 6');
    expect(specs('GRU', { units: 2 }, 2).at(-1)).toContain('bias 6');
  });

  test('of a frozen wrapped layer do not train', () => {
    const frozen = { layer: { class_name: 'Dense', config: { units: 5, trainable: false } } };
    const weights = kindOf('TimeDistributed').weights?.(configOf(frozen), [[null, 2, 3]]) ?? [];
    expect(weights.map((weight) => weight.trainable)).toEqual([false, false]);
  });

  test('of a model at every step lie in the folders of its layers', () => {
    const dense = (name: string) => ({ class_name: 'Dense', config: { name, units: 3 } });
    const input = { class_name: 'InputLayer', config: { name: 'in', batch_shape: [null, 3] } };
    const model = {
      class_name: 'Sequential',
      config: { name: 'm', layers: [input, dense('a'), dense('b')] },
    };
    const weights = kindOf('TimeDistributed').weights?.(configOf({ layer: model }), [[null, 2, 3]]) ?? [];
    expect(weights.map((weight) => weight.at)).toEqual([
      'layer/layers/dense/vars/0',
      'layer/layers/dense/vars/1',
      'layer/layers/dense_1/vars/0',
      'layer/layers/dense_1/vars/1',
    ]);
  });
});

describe('what cannot be computed', () => {
  const shapes = (className: string, values: Record<string, unknown>, input = [null, 4, 3]) =>
    kindOf(className).outputShapes(configOf(values), [input]);

  test.each<[string, Record<string, unknown>, string]>([
    [
      'TimeDistributed',
      { layer: { class_name: 'Lambda', config: {} } },
      'runs a "Lambda" at every time step',
    ],
    ['TimeDistributed', { layer: 'Dense' }, 'argument "layer" should be a layer'],
    ['Bidirectional', { layer: { class_name: 'Dense', config: {} } }, 'runs a "Dense" in both directions'],
    [
      'Bidirectional',
      { merge_mode: 'max', layer: { class_name: 'LSTM', config: lstm } },
      '"merge_mode" should be one of',
    ],
    ['LSTM', { ...lstm, time_major: true }, 'time-major'],
    ['LSTM', { ...lstm, units: '4' }, '"units" should be a number'],
  ])('%s %j: %s', (className, values, message) => {
    expect(() => shapes(className, values)).toThrow(message);
  });

  test('a model with an unknown layer at every step', () => {
    const layers = [
      { class_name: 'InputLayer', config: { name: 'in', batch_shape: [null, 3] } },
      { class_name: 'Lambda', config: { name: 'code' } },
    ];
    const model = { class_name: 'Sequential', config: { name: 'm', layers } };
    expect(() => shapes('TimeDistributed', { layer: model })).toThrow('whose layer "code" is not known');
  });
});

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('constants as initial state are refused', () => {
    const weights = [tf.ones([3, 16]), tf.ones([4, 16]), tf.ones([16])];
    const ctx = { ...contextOf(lstm, weights), call: { args: [], kwargs: { initial_state: [[0, 0]] } } };
    expect(() => kindOf('LSTM').forward(ctx, [tf.ones([1, 2, 3])])).toThrow('starts from constants');
  });

  test('a sequence of 1000 steps runs there and back in bounded memory', () => {
    const values = { ...lstm, return_sequences: true };
    const weights = [randomTensor([3, 16], 1), randomTensor([4, 16], 2), randomTensor([16], 3)];
    const ctx = contextOf(values, weights);
    const x = randomTensor([1, 1000, 3], 4);
    const before = tf.memory().numBytes;
    tf.tidy(() => {
      const outputs = kindOf('LSTM').forward(ctx, [x]);
      // Per step: projected gates (16), output and two states (12), all float32; a tape would keep each operation's result.
      expect(tf.memory().numBytes - before).toBeLessThan(1000 * 40 * 4);
      const gradients = outputs.map((output) => tf.onesLike(output));
      const [toX] = kindOf('LSTM').backward?.(ctx, { inputs: [x], outputs, gradients }) ?? [];
      expect(toX?.shape).toEqual([1, 1000, 3]);
      expect(toX && valuesOf(toX).every(Number.isFinite)).toBe(true);
    });
    expect(tf.memory().numBytes).toBe(before);
  });

  test('Keras 2 uses the mask also where initial states are given', () => {
    const weights = [randomTensor([3, 4], 1), randomTensor([4, 4], 2), randomTensor([4], 3)];
    const inputs = [randomTensor([1, 2, 3], 4), randomTensor([1, 4], 5)];
    const mask = tf.tensor2d([[true, false]], [1, 2], 'bool');
    const last = (major: number): number[] => {
      const ctx = {
        ...contextOf({}, weights, [mask]),
        config: configOf({ units: 4, activation: 'tanh' }, major),
      };
      return kindOf('SimpleRNN').forward(ctx, inputs).flatMap(valuesOf);
    };
    expect(last(2)).not.toEqual(last(3));
  });

  test('ids outside the table are refused, those inside may be floats', () => {
    const ctx = contextOf({ input_dim: 3, output_dim: 2 }, [tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])]);
    const look = (...ids: number[]) =>
      kindOf('Embedding')
        .forward(ctx, [tf.tensor2d([ids])])
        .flatMap(valuesOf);
    expect(look(2, 0)).toEqual([5, 6, 1, 2]);
    for (const wrong of [3, -1, Number.NaN]) expect(() => look(wrong)).toThrow('takes ids from 0 to 2');
  });
});
