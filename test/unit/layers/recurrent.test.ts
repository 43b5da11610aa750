import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../../../src/server/layers/kind';
import type { Shape } from '../../../src/shared/model';
import { BACKENDS, configOf, contextOf, kindOf, randomTensor, useBackend, valuesOf } from './backends';

const lstm = { units: 4, activation: 'tanh', recurrent_activation: 'sigmoid' };
const specs = (className: string, values: Record<string, unknown>, major = 3) =>
  (kindOf(className).weights?.(configOf(values, major), [[null, null, 3]]) ?? []).map(
    ({ name, shape, at }) => `${at} ${name} ${shape.join('x')}`,
  );

describe('weights', () => {
  test('have the paths of Keras 3', () => {
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

  test('a GRU has two biases with reset_after, which is false by default in Keras 2', () => {
    expect(specs('GRU', { units: 2, reset_after: true }).at(-1)).toContain('bias 2x6');
    expect(specs('GRU', { units: 2, reset_after: false }).at(-1)).toContain('bias 6');
    expect(specs('GRU', { units: 2 }, 2).at(-1)).toContain('bias 6');
  });

  test('of a frozen wrapped layer are not trainable', () => {
    const frozen = { layer: { class_name: 'Dense', config: { units: 5, trainable: false } } };
    const weights = kindOf('TimeDistributed').weights?.(configOf(frozen), [[null, 2, 3]]) ?? [];
    expect(weights.map((weight) => weight.trainable)).toEqual([false, false]);
  });

  test('of a wrapped model are in the folders of its layers', () => {
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

describe('unsupported configurations are refused', () => {
  const shapes = (className: string, values: Record<string, unknown>, input: Shape = [null, 4, 3]) =>
    kindOf(className).outputShapes(configOf(values), [input]);

  test.each<[string, Record<string, unknown>, string, Shape?]>([
    [
      'TimeDistributed',
      { layer: { class_name: 'Lambda', config: {} } },
      'runs a "Lambda" at every time step',
    ],
    [
      'TimeDistributed',
      {
        layer: {
          class_name: 'Sequential',
          config: {
            name: 'm',
            layers: [{ class_name: 'InputLayer', config: { name: 'in', batch_shape: [null, 5] } }],
          },
        },
      },
      'wraps a model that expects [None, 5] but gets [None, 3]',
    ],
    ['TimeDistributed', { layer: 'Dense' }, 'argument "layer" should be a layer'],
    ['Bidirectional', { layer: { class_name: 'Dense', config: {} } }, 'runs a "Dense" in both directions'],
    [
      'Bidirectional',
      { merge_mode: 'max', layer: { class_name: 'LSTM', config: lstm } },
      '"merge_mode" should be one of',
    ],
    ['RNN', { cell: { class_name: 'Peephole', config: {} } }, 'runs a cell of class "Peephole"'],
    ['RNN', { cell: { class_name: 'constructor', config: {} } }, 'runs a cell of class "constructor"'],
    ['RNN', { cell: { class_name: 'StackedRNNCells', config: { cells: [] } } }, '"cells" should be a list'],
    ['RNN', {}, 'argument "cell" should be a layer'],
    ['Bidirectional', { layer: { class_name: 'constructor', config: {} } }, 'runs a "constructor" in both'],
    [
      'TimeDistributed',
      { layer: { class_name: 'LSTM', config: { ...lstm, return_state: true } } },
      'with 3 outputs, but TimeDistributed supports one',
      [null, 4, 5, 3],
    ],
    ['LSTM', { ...lstm, units: '4' }, '"units" should be a number'],
  ])('%s %j: %s', (className, values, message, input) => {
    expect(() => shapes(className, values, input)).toThrow(message);
  });

  test('a cell with too few states, a causal ConvLSTM', () => {
    const cell = kindOf('LSTMCell');
    expect(() =>
      cell.outputShapes(configOf({ units: 2 }), [
        [null, 3],
        [null, 2],
      ]),
    ).toThrow('has 2 states but gets 1');
    const causal = configOf({ filters: 1, kernel_size: 2, padding: 'causal' });
    expect(() => kindOf('ConvLSTM1D').outputShapes(causal, [[null, 3, 4, 1]])).toThrow(
      '"padding" should be one of valid, same',
    );
  });

  test('a wrapped model with an unknown layer', () => {
    const layers = [
      { class_name: 'InputLayer', config: { name: 'in', batch_shape: [null, 3] } },
      { class_name: 'Lambda', config: { name: 'code' } },
    ];
    const model = { class_name: 'Sequential', config: { name: 'm', layers } };
    expect(() => shapes('TimeDistributed', { layer: model })).toThrow('whose layer "code" is unknown');
  });
});

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('constant initial states must fit the states in number and shape', () => {
    const from = (initial_state: unknown, batch = 1): number[] => {
      const weights = [randomTensor([3, 4], 1), randomTensor([4, 4], 2), randomTensor([4], 3)];
      const ctx = { ...contextOf({ units: 4 }, weights), call: { args: [], kwargs: { initial_state } } };
      return kindOf('SimpleRNN')
        .forward(ctx, [randomTensor([batch, 2, 3], 4)])
        .flatMap(valuesOf);
    };
    const state = [[1, 2, 3, 4]];
    // As Keras 3 writes it, and as Keras 2 does: alone or in a list.
    const keras3 = from([{ class_name: '__numpy__', config: { value: state, dtype: 'float32' } }]);
    expect(from(state)).toEqual(keras3);
    expect(from([state])).toEqual(keras3);
    expect(from(null)).not.toEqual(keras3);
    expect(() => from(state, 2)).toThrow('has a constant initial state of 1 x 4, but its state is 2 x 4');
    expect(() => from([state, state])).toThrow('has 1 states but gets 2');
    expect(() => from([{ class_name: 'Lambda' }])).toThrow('"initial_state" should be a number or an array');
  });

  test('time_major of Keras 2 exchanges the first two axes', () => {
    const weights = [randomTensor([3, 16], 1), randomTensor([4, 16], 2), randomTensor([16], 3)];
    const x = randomTensor([2, 5, 3], 4);
    const gradient = randomTensor([2, 5, 4], 5);
    const mask = tf.tensor2d([1, 1, 0, 1, 1, 0, 1, 1, 1, 1], [2, 5], 'bool');
    const swap = (tensor: Tensor): Tensor => tf.transpose(tensor, tensor.rank === 2 ? [1, 0] : [1, 0, 2]);
    const run = (time_major: boolean): [Tensor, Tensor] => {
      const turn = time_major ? swap : (tensor: Tensor) => tensor;
      const values = { ...lstm, return_sequences: true, time_major };
      const ctx = { ...contextOf(values, weights, [turn(mask)]), config: configOf(values, 2) };
      const inputs = [turn(x)];
      const outputs = kindOf('LSTM').forward(ctx, inputs);
      const [output] = outputs;
      const [toX] = kindOf('LSTM').backward(ctx, { inputs, outputs, gradients: [turn(gradient)] });
      if (!output || !toX) throw new Error('no output');
      expect(kindOf('LSTM').outputShapes(ctx.config, [inputs[0]?.shape ?? []])).toEqual([output.shape]);
      return [turn(output), turn(toX)];
    };
    const [[y, toX], [yMajor, toXMajor]] = [run(false), run(true)];
    expect(valuesOf(yMajor)).toEqual(valuesOf(y));
    expect(valuesOf(toXMajor)).toEqual(valuesOf(toX));
  });

  test('reverse_state_order of Keras 2 lists the states of the last cell first', () => {
    const cell = (units: number) => ({ class_name: 'SimpleRNNCell', config: { units, use_bias: false } });
    const weights = [
      [3, 4],
      [4, 4],
      [4, 2],
      [2, 2],
    ].map(randomTensor);
    const states = (reverse_state_order: boolean): number[][] => {
      const cells = {
        class_name: 'StackedRNNCells',
        config: { cells: [cell(4), cell(2)], reverse_state_order },
      };
      const ctx = contextOf({ cell: cells, return_state: true }, weights);
      const [, ...returned] = kindOf('RNN').forward(ctx, [randomTensor([1, 3, 3], 9)]);
      const shapes = kindOf('RNN')
        .outputShapes(ctx.config, [[1, 3, 3]])
        .slice(1);
      expect(shapes).toEqual(returned.map((state) => state.shape));
      return returned.map(valuesOf);
    };
    expect(states(true)).toEqual(states(false).reverse());
    expect(states(true).map((state) => state.length)).toEqual([2, 4]);
  });

  test('a ConvLSTM with channels first refuses a mask per pixel and constant states', () => {
    const values = { filters: 2, kernel_size: 1, data_format: 'channels_first' };
    const weights = [[1, 1, 2, 8], [1, 1, 2, 8], [8]].map(randomTensor);
    const x = randomTensor([1, 3, 2, 4, 4], 1);
    const masked = contextOf(values, weights, [tf.ones([1, 3, 2, 4], 'bool')]);
    expect(() => kindOf('ConvLSTM2D').forward(masked, [x])).toThrow(
      'a mask of each pixel with channels first',
    );
    const call = {
      args: [],
      kwargs: { initial_state: [{ class_name: '__numpy__', config: { value: [[0]] } }] },
    };
    const constant = { ...contextOf(values, weights), call };
    expect(() => kindOf('ConvLSTM2D').forward(constant, [x])).toThrow('constant initial states');
  });

  test('the mask after TimeDistributed is that of the wrapped layer in Keras 2', () => {
    const ids = tf.tensor3d([3, 0, 1, 2], [1, 2, 2], 'int32');
    const layer = { class_name: 'Embedding', config: { input_dim: 5, output_dim: 2, mask_zero: true } };
    const maskOf = (major: number): Tensor | undefined => {
      const ctx = { ...contextOf({ layer }, [randomTensor([5, 2], 1)]), config: configOf({ layer }, major) };
      return kindOf('TimeDistributed').mask?.(ctx, [ids]);
    };
    const wrapped = maskOf(2);
    expect(wrapped?.shape).toEqual([1, 2, 2]);
    expect(wrapped && valuesOf(wrapped)).toEqual([1, 0, 1, 1]);
    expect(maskOf(3)).toBeUndefined();
    const recurrent = { layer: { class_name: 'LSTM', config: lstm } };
    const mask = tf.tensor3d([1, 0, 0, 0], [1, 2, 2], 'bool');
    const ctx = { ...contextOf(recurrent, [], [mask]), config: configOf(recurrent, 2) };
    const reduced = kindOf('TimeDistributed').mask?.(ctx, [randomTensor([1, 2, 2, 3], 1)]);
    expect(reduced && valuesOf(reduced)).toEqual([1, 0]);
  });

  test('forward and backward over 1000 steps take bounded memory', () => {
    const values = { ...lstm, return_sequences: true };
    const weights = [randomTensor([3, 16], 1), randomTensor([4, 16], 2), randomTensor([16], 3)];
    const ctx = contextOf(values, weights);
    const x = randomTensor([1, 1000, 3], 4);
    const before = tf.memory().numBytes;
    tf.tidy(() => {
      const outputs = kindOf('LSTM').forward(ctx, [x]);
      // Per step: projected gates (16), output and two states (12), in float32; a tape would keep every intermediate result.
      expect(tf.memory().numBytes - before).toBeLessThan(1000 * 40 * 4);
      const gradients = outputs.map((output) => tf.onesLike(output));
      const [toX] = kindOf('LSTM').backward?.(ctx, { inputs: [x], outputs, gradients }) ?? [];
      expect(toX?.shape).toEqual([1, 1000, 3]);
      expect(toX && valuesOf(toX).every(Number.isFinite)).toBe(true);
    });
    expect(tf.memory().numBytes).toBe(before);
  });

  test('Keras 2 applies the mask even with given initial states', () => {
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

  test('Embedding refuses indices outside its table and accepts floats inside it', () => {
    const values = { input_dim: 3, output_dim: 2 };
    const ctx = contextOf(values, [tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])]);
    const lookUp = (kerasMajor: number, ...ids: number[]) =>
      kindOf('Embedding')
        .forward({ ...ctx, config: configOf(values, kerasMajor) }, [tf.tensor2d([ids])])
        .flatMap(valuesOf);
    expect(lookUp(2, 2, 0)).toEqual([5, 6, 1, 2]);
    for (const wrong of [3, -1, Number.NaN]) expect(() => lookUp(2, wrong)).toThrow('takes ids from 0 to 2');
    // Keras 3 counts negative indices from the end.
    expect(lookUp(3, 2, -3)).toEqual([5, 6, 1, 2]);
    for (const wrong of [3, -4, Number.NaN]) expect(() => lookUp(3, wrong)).toThrow('takes ids from -3 to 2');
  });
});
