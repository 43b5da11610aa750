import { expect, test } from 'vitest';
import { findKind } from '../../../src/server/kinds/registry';
import { configOf } from './backends';

test('names of object members are not layers', () => {
  for (const name of ['constructor', '__proto__', 'toString', '']) expect(findKind(name)).toBeUndefined();
});

test('aliases have the same kind', () => {
  expect(findKind('Convolution2D')).toBe(findKind('Conv2D'));
  expect(findKind('MaxPool2D')).toBe(findKind('MaxPooling2D'));
  expect(findKind('Convolution3DTranspose')).toBe(findKind('Conv3DTranspose'));
  expect(findKind('AvgPool3D')).toBe(findKind('AveragePooling3D'));
  expect(findKind('GlobalMaxPool3D')).toBe(findKind('GlobalMaxPooling3D'));
  expect(findKind('GlobalAvgPool1D')).toBe(findKind('GlobalAveragePooling1D'));
});

test("BatchNormalization lists its weights in Keras's order", () => {
  const weights = (values: Record<string, unknown>) =>
    findKind('BatchNormalization')
      ?.weights?.(configOf(values), [[null, 4, 5, 6]])
      .map((weight) => `${weight.name} ${weight.shape} ${weight.trainable}`);
  expect(weights({ axis: [3] })).toEqual([
    'gamma 6 true',
    'beta 6 true',
    'moving_mean 6 false',
    'moving_variance 6 false',
  ]);
  expect(weights({ axis: 1, scale: false })?.[0]).toBe('beta 4 true');
  expect(() => weights({ axis: 7 })).toThrow('refers to axis 7');
});

test('the kernel of a depthwise convolution has another name in Keras 2', () => {
  const name = (major: number) =>
    findKind('DepthwiseConv2D')?.weights?.(configOf({ kernel_size: 3 }, major), [[null, 4, 5, 6]])[0]?.name;
  expect([name(2), name(3)]).toEqual(['depthwise_kernel', 'kernel']);
});

test('a layer that cannot be computed is refused before it runs', () => {
  const shapes = (className: string, values: Record<string, unknown>) => () =>
    findKind(className)?.outputShapes(configOf({ units: 2, filters: 2, kernel_size: 1, ...values }), [
      [null, 4, 3],
    ]);
  const quantized = { class_name: 'QuantizedDTypePolicy', config: { mode: 'float8' } };
  expect(shapes('Dense', { dtype: quantized })).toThrow('Layer "layer" is quantized to float8');
  expect(shapes('Dense', { dtype: { class_name: 'DTypePolicy', config: {} } })()).toEqual([[null, 4, 2]]);
  for (const className of ['Dense', 'Conv1D', 'Activation']) {
    expect(shapes(className, { activation: 'wiggle' })).toThrow('uses the activation "wiggle"');
  }
});

test('a wrong output_padding is refused', () => {
  const shapes = (values: Record<string, unknown>) => () =>
    findKind('Conv1DTranspose')?.outputShapes(
      configOf({ filters: 2, kernel_size: 3, strides: 2, padding: 'same', ...values }),
      [[null, 5, 4]],
    );
  expect(shapes({ output_padding: 1 })()).toEqual([[null, 10, 2]]);
  for (const values of [
    { output_padding: 2 },
    { output_padding: -1 },
    { output_padding: 0, kernel_size: 2 },
  ]) {
    expect(shapes(values)).toThrow('Layer "layer" has an output_padding of');
  }
  expect(shapes({ padding: 'causal' })).toThrow('argument "padding" should be one of valid, same');
});

test('a normalization with axes that do not fit is refused', () => {
  const shapes = (className: string, values: Record<string, unknown>) => () =>
    findKind(className)?.outputShapes(configOf(values), [[null, 4, 6]]);
  expect(shapes('RMSNormalization', { axis: [2] })()).toEqual([[null, 4, 6]]);
  expect(shapes('RMSNormalization', { axis: 1 })).toThrow('scale of shape [4] does not fit');
  expect(shapes('UnitNormalization', { axis: [2, -1] })).toThrow('argument "axis" should be different axes');
  expect(shapes('GroupNormalization', { groups: 4 })).toThrow('should be a divisor of its 6 channels');
  expect(shapes('GroupNormalization', { groups: 2, axis: 0 })).toThrow('after the batch axis');
});
