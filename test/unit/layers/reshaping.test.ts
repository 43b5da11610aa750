import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../../../src/server/layers/kind';
import { BACKENDS, configOf, contextOf, kindOf, randomTensor, useBackend, valuesOf } from './backends';

const shapeOf = (className: string, values: Record<string, unknown>, input: (number | null)[]) =>
  kindOf(className).outputShapes(configOf(values), [input])[0];

describe('static shapes', () => {
  test('unknown sizes stay unknown', () => {
    expect(shapeOf('Flatten', {}, [null, null, 3])).toEqual([null, null]);
    expect(shapeOf('Reshape', { target_shape: [-1, 3] }, [null, null, 3])).toEqual([null, null, 3]);
    expect(shapeOf('Reshape', { target_shape: [-1, 2] }, [null, 4, 3])).toEqual([null, 6, 2]);
    expect(shapeOf('ZeroPadding2D', { padding: 2 }, [null, null, 5, 3])).toEqual([null, null, 9, 3]);
    expect(shapeOf('UpSampling2D', { size: [2, 3] }, [null, null, 5, 3])).toEqual([null, null, 15, 3]);
  });

  test('a null data format means channels last', () => {
    expect(shapeOf('Cropping2D', { cropping: 1, data_format: null }, [null, 5, 6, 2])).toEqual([
      null,
      3,
      4,
      2,
    ]);
  });

  test.each([
    ['Reshape', { target_shape: [5, 2] }, [null, 4, 3], 'cannot reshape [4, 3] to [5, 2]'],
    ['Reshape', { target_shape: [-1, -1] }, [null, 4, 3], 'cannot reshape'],
    ['Permute', { dims: [1, 1] }, [null, 4, 3], 'argument "dims" should be the numbers 1 to 2'],
    ['Cropping1D', { cropping: [2, 2] }, [null, 4, 3], 'crops axis 1 of its input away'],
    ['ZeroPadding1D', { padding: [-1, 0] }, [null, 4, 3], 'margins of 0 or more'],
    ['ZeroPadding2D', { padding: 1 }, [null, 4, 3], 'expects an input of 4 axes but gets one of 3'],
    [
      'UpSampling2D',
      { size: 2, interpolation: 'cubic' },
      [null, 4, 4, 3],
      'argument "interpolation" should be',
    ],
    ['UpSampling3D', { size: [2, 0, 1] }, [null, 2, 2, 2, 3], 'positive integers'],
    ['Cropping3D', { cropping: 1 }, [null, 4, 2, 4, 3], 'crops axis 2 of its input away'],
    ['ZeroPadding3D', { padding: [1, 1] }, [null, 4, 4, 4, 3], '3 margins'],
    ['RepeatVector', { n: 'many' }, [null, 4], 'argument "n" should be a number'],
    ['Concatenate', { axis: 5 }, [null, 4], 'refers to axis 5'],
  ])('%s %j on %j: %s', (className, values, input, message) => {
    expect(() => shapeOf(className, values, input)).toThrow(message);
  });

  test('merging layers name the shapes that do not fit', () => {
    const shapes = [
      [null, 4, 3],
      [null, 5, 3],
    ];
    expect(() => kindOf('Add').outputShapes(configOf({}), shapes)).toThrow('[None, 4, 3] and [None, 5, 3]');
    expect(() => kindOf('Add').outputShapes(configOf({}), [[2, 3], [3]])).toThrow('[2, 3] and [3]');
    expect(() => kindOf('Concatenate').outputShapes(configOf({}), shapes)).toThrow('along axis 2');
    expect(() => kindOf('Dot').outputShapes(configOf({ axes: 1 }), shapes)).toThrow('axis 1 (4 values)');
    expect(kindOf('Add').outputShapes(configOf({}), [[null, 4, 1], [2, null, 3], [2]])).toEqual([
      [2, null, 3],
    ]);
  });
});

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  /** The gradient of a linear layer is its transpose: <f(x), g> = <x, f'(g)>. */
  test.each<[string, Record<string, unknown>, number[]]>([
    ['Flatten', { data_format: 'channels_first' }, [2, 3, 2, 4]],
    ['Permute', { dims: [2, 3, 1] }, [2, 3, 2, 4]],
    ['UpSampling1D', { size: 3 }, [2, 3, 2]],
    ['UpSampling2D', { size: [1, 4], interpolation: 'bilinear' }, [2, 3, 5, 2]],
    ['UpSampling2D', { size: 3, data_format: 'channels_first', interpolation: 'bilinear' }, [2, 2, 1, 4]],
    [
      'Cropping2D',
      {
        cropping: [
          [1, 0],
          [0, 2],
        ],
        data_format: 'channels_first',
      },
      [2, 2, 3, 4],
    ],
    ['ZeroPadding1D', { padding: [2, 1], data_format: 'channels_first' }, [2, 2, 3]],
  ])('%s %j: the gradient is the transpose', (className, values, shape) => {
    const kind = kindOf(className);
    const ctx = contextOf(values);
    const x = randomTensor(shape, 1);
    const [out] = kind.forward(ctx, [x]);
    if (!out) throw new Error('no output');
    const gradient = randomTensor(out.shape, 2);
    const [back] = kind.backward?.(ctx, { inputs: [x], outputs: [out], gradients: [gradient] }) ?? [];
    if (!back) throw new Error('no gradient');
    const inner = (a: Tensor, b: Tensor): number => tf.sum(tf.mul(a, b)).dataSync()[0] ?? Number.NaN;
    expect(back.shape).toEqual(shape);
    expect(inner(x, back)).toBeCloseTo(inner(out, gradient), 4);
  });

  test('bilinear up-sampling has half-pixel centres', () => {
    const ctx = contextOf({ size: 2, interpolation: 'bilinear' });
    const [out] = kindOf('UpSampling2D').forward(ctx, [tf.tensor4d([0, 1, 2, 3], [1, 2, 2, 1])]);
    expect(out && valuesOf(out).slice(0, 4)).toEqual([0, 0.25, 0.75, 1]);
  });

  test('the first of equal inputs receives the gradient', () => {
    const x = [tf.tensor2d([[1, 5, 2]]), tf.tensor2d([[1, 4, 2]]), tf.tensor2d([[1, 5, 3]])];
    const gradientsOf = (className: string) => {
      const ctx = contextOf({});
      const outputs = kindOf(className).forward(ctx, x);
      const gradients = [tf.tensor2d([[1, 2, 3]])];
      return kindOf(className)
        .backward?.(ctx, { inputs: x, outputs, gradients })
        ?.map((g) => g && valuesOf(g));
    };
    expect(gradientsOf('Maximum')).toEqual([
      [1, 2, 0],
      [0, 0, 0],
      [0, 0, 3],
    ]);
    expect(gradientsOf('Minimum')).toEqual([
      [1, 0, 3],
      [0, 2, 0],
      [0, 0, 0],
    ]);
  });

  test('integers keep their type and have no gradient', () => {
    const ids = tf.tensor2d([[1, 2]], [1, 2], 'int32');
    const ctx = contextOf({ target_shape: [2, 1] });
    const [out] = kindOf('Reshape').forward(ctx, [ids]);
    if (!out) throw new Error('no output');
    expect(out.dtype).toBe('int32');
    const gradients = [tf.ones([1, 2, 1])];
    expect(kindOf('Reshape').backward?.(ctx, { inputs: [ids], outputs: [out], gradients })).toEqual([null]);
  });
});
