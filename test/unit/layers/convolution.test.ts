import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { BACKENDS, configOf, contextOf, kindOf, randomTensor, useBackend, valuesOf } from './backends';

type Values = Record<string, unknown>;
const cases: readonly [string, Values, number[]][] = [
  ['Conv1D', { filters: 3, kernel_size: [2], padding: 'valid' }, [2, 7, 4]],
  ['Conv1D', { filters: 3, kernel_size: 3, padding: 'causal', strides: 2 }, [2, 7, 4]],
  ['Conv1D', { filters: 3, kernel_size: 3, padding: 'causal', dilation_rate: 2 }, [2, 7, 4]],
  ['Conv1D', { filters: 3, kernel_size: 3, data_format: 'channels_first' }, [2, 4, 7]],
  ['Conv2D', { filters: 3, kernel_size: [3, 2], padding: 'same', strides: [2, 1] }, [2, 6, 5, 2]],
  ['Conv2D', { filters: 3, kernel_size: 3, padding: 'valid', strides: 2 }, [1, 8, 7, 2]],
  ['Conv2D', { filters: 3, kernel_size: 1, strides: 3 }, [2, 8, 7, 2]],
  ['Conv2D', { filters: 3, kernel_size: 1, padding: 'same', strides: 2 }, [2, 8, 7, 2]],
  ['Conv2D', { filters: 3, kernel_size: 2, padding: 'same', strides: 3 }, [2, 7, 8, 2]],
  ['Conv2D', { filters: 3, kernel_size: [1, 3], padding: 'same', strides: 3 }, [1, 11, 13, 2]],
  ['Conv2D', { filters: 3, kernel_size: 3, padding: 'same', dilation_rate: [2, 3] }, [1, 9, 9, 2]],
  ['Conv2D', { filters: 3, kernel_size: 3, padding: 'same', dilation_rate: 2, strides: 2 }, [1, 9, 8, 2]],
  ['Conv2D', { filters: 6, kernel_size: 3, groups: 2, padding: 'same', strides: 2 }, [1, 6, 6, 4]],
  ['Conv2D', { filters: 3, kernel_size: 3, data_format: 'channels_first', strides: 2 }, [1, 2, 8, 7]],
  ['DepthwiseConv1D', { kernel_size: 3, depth_multiplier: 2, padding: 'same', strides: 2 }, [2, 7, 3]],
  ['DepthwiseConv2D', { kernel_size: 3, depth_multiplier: 2, padding: 'same', strides: 2 }, [2, 7, 6, 3]],
  ['DepthwiseConv2D', { kernel_size: [1, 3], padding: 'same', strides: 3 }, [1, 11, 13, 3]],
  ['DepthwiseConv2D', { kernel_size: 3, padding: 'same', dilation_rate: 2 }, [1, 7, 6, 3]],
  ['DepthwiseConv2D', { kernel_size: 3, padding: 'same', dilation_rate: 2, strides: 2 }, [1, 8, 7, 3]],
  ['DepthwiseConv2D', { kernel_size: 3, padding: 'valid', strides: [1, 2] }, [1, 8, 7, 3]],
  ['SeparableConv1D', { filters: 5, kernel_size: 3, padding: 'causal', depth_multiplier: 2 }, [1, 8, 3]],
  ['SeparableConv2D', { filters: 5, kernel_size: 3, padding: 'same', strides: 2 }, [1, 8, 7, 3]],
  ['Conv3D', { filters: 3, kernel_size: [2, 1, 3], padding: 'same', strides: [1, 3, 2] }, [2, 3, 5, 4, 2]],
  ['Conv3D', { filters: 3, kernel_size: 2, dilation_rate: [2, 1, 2], strides: [2, 1, 2] }, [1, 7, 4, 5, 2]],
  ['Conv3D', { filters: 4, kernel_size: 2, groups: 2, data_format: 'channels_first' }, [1, 4, 3, 4, 5]],
  ['Conv3DTranspose', { filters: 3, kernel_size: 2, strides: [3, 1, 2], output_padding: 0 }, [1, 2, 3, 2, 2]],
];

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(cases)('%s %j: backward is the transpose of forward', (className, values, shape) => {
    const layer = kindOf(className);
    const config = configOf({ ...values, use_bias: false });
    const specs = layer.weights?.(config, [shape]) ?? [];
    const weights = specs.map((spec, i) => randomTensor(spec.shape, i + 1));
    const context = contextOf({ ...values, use_bias: false }, weights);
    const x = randomTensor(shape, 10);
    const [out] = layer.forward(context, [x]);
    if (out === undefined) throw new Error('no output');
    expect(layer.outputShapes(config, [shape])).toEqual([out.shape]);

    const gradient = randomTensor(out.shape, 11);
    const [dx] = layer.backward?.(context, { inputs: [x], outputs: [out], gradients: [gradient] }) ?? [];
    if (!dx) throw new Error('no gradient');
    expect(dx.shape).toEqual(shape);
    // <conv(d), g> = <d, dx>: the gradient of a linear map is its transpose, checked in several directions d.
    for (let seed = 20; seed < 24; seed++) {
      const direction = randomTensor(shape, seed);
      const [image] = layer.forward(context, [direction]);
      if (image === undefined) throw new Error('no output');
      const [expected] = valuesOf(tf.sum(tf.mul(image, gradient)));
      const [actual] = valuesOf(tf.sum(tf.mul(direction, dx)));
      expect(actual).toBeCloseTo(expected ?? Number.NaN, 3);
    }
  });

  test('without a gradient to the output there is none to the input', () => {
    const values = { filters: 1, kernel_size: 1, use_bias: false };
    const context = contextOf(values, [tf.ones([1, 1, 1, 1])]);
    const x = tf.ones([1, 2, 2, 1]);
    expect(kindOf('Conv2D').backward?.(context, { inputs: [x], outputs: [x], gradients: [null] })).toEqual([
      null,
    ]);
  });
});

test('dilated, strided windows are those computed by hand', async () => {
  await useBackend('cpu');
  const values = {
    filters: 1,
    kernel_size: 2,
    dilation_rate: 2,
    strides: 3,
    padding: 'same',
    use_bias: false,
  };
  const x = [1, 2, 4, 8, 16, 32, 64];
  const context = contextOf(values, [tf.tensor3d([1, 100], [2, 1, 1])]);
  const [out] = kindOf('Conv1D').forward(context, [tf.tensor3d(x, [1, 7, 1])]);
  // 3 positions of windows that span 3: total padding 2 * 3 + 3 - 7 = 2, one zero on each side.
  expect(out === undefined ? [] : valuesOf(out)).toEqual([0 + 100 * 2, 4 + 100 * 16, 32 + 100 * 0]);
});

describe('shapes and errors of configurations', () => {
  const shapes = (className: string, values: Values, shape: (number | null)[]) => () =>
    kindOf(className).outputShapes(configOf(values), [shape]);

  test('unknown sizes stay unknown', () => {
    const values = { filters: 4, kernel_size: 3, padding: 'same', strides: 2 };
    expect(shapes('Conv2D', values, [null, null, 7, 3])()).toEqual([[null, null, 4, 4]]);
  });
  test('an input shorter than the window is refused', () => {
    expect(shapes('Conv1D', { filters: 4, kernel_size: 9 }, [null, 7, 3])).toThrow(
      'Layer "layer" has a window of 9, larger than its input of 7.',
    );
  });
  test('strides of zero are refused', () => {
    expect(shapes('Conv1D', { filters: 4, kernel_size: 2, strides: 0 }, [null, 7, 3])).toThrow('strides');
  });
  test('channels that the groups do not divide are refused', () => {
    const config = configOf({ filters: 4, kernel_size: 2, groups: 2 });
    expect(() => kindOf('Conv1D').weights?.(config, [[null, 7, 3]])).toThrow('groups');
  });
  test('unknown channels are refused', () => {
    const config = configOf({ filters: 4, kernel_size: 2 });
    expect(() => kindOf('Conv1D').weights?.(config, [[null, 7, null]])).toThrow('known size');
  });
  test('an input of another rank is refused', () => {
    expect(shapes('Conv2D', { filters: 4, kernel_size: 2 }, [null, 7, 3])).toThrow('Layer "layer"');
  });
});

test('an excessive window is refused before anything is padded', () => {
  const config = configOf({ filters: 1, kernel_size: 3, padding: 'same', dilation_rate: [1e9, 1, 1] });
  expect(() => kindOf('Conv3D').outputShapes(config, [[null, 4, 4, 4, 1]])).toThrow(
    'argument "dilation_rate" should be such that no window spans more than 1048576',
  );
});
