import { expect, test } from 'vitest';
import { configDifferences, configText } from '../../../src/server/compare/configDifferences';

test('configs of the same layer by different versions of Keras are equal', () => {
  const keras2 = {
    name: 'conv2d',
    trainable: true,
    dtype: 'float32',
    batch_input_shape: [null, 8, 8, 3],
    filters: 4,
    kernel_size: [3, 3],
    activation: 'relu',
    kernel_initializer: { class_name: 'GlorotUniform', config: { seed: null } },
  };
  const keras3 = {
    name: 'conv',
    trainable: false,
    dtype: { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null },
    filters: 4,
    kernel_size: 3,
    groups: 1,
    data_format: 'channels_last',
    activation: { module: 'builtins', class_name: 'function', config: 'relu', registered_name: 'function' },
    kernel_initializer: null,
    quantization_config: null,
  };
  expect(configDifferences(keras2, keras3)).toEqual([]);
  expect(configText({ ...keras2, groups: 1, data_format: 'channels_last' })).toBe(configText(keras3));
});

test('arguments that differ come with both values, in the order of their names', () => {
  expect(
    configDifferences({ units: 4, scale: 0.5, rate: 0.1 }, { units: 5, scale: 0.25, axis: [1, 2] }),
  ).toEqual([
    { key: 'axis', a: null, b: '[1,2]' },
    { key: 'rate', a: '0.1', b: null },
    { key: 'scale', a: '0.5', b: '0.25' },
    { key: 'units', a: '4', b: '5' },
  ]);
});

test('of a layer inside, what differs in it; of one of another class, all of it', () => {
  const wrapped = (className: string, config: object) => ({ layer: { class_name: className, config } });
  expect(
    configDifferences(
      wrapped('LSTM', { name: 'a', units: 3, return_sequences: true }),
      wrapped('LSTM', { name: 'b', units: 5, return_sequences: true }),
    ),
  ).toEqual([{ key: 'layer.units', a: '3', b: '5' }]);
  expect(configDifferences(wrapped('LSTM', { units: 3 }), wrapped('GRU', { units: 3 }))).toHaveLength(1);
});
