import { expect, test } from 'vitest';
import { inferRows } from '../../../src/server/code/rows';

/** Name, shape and parameters of the last Dense; Keras 3.15 gives the same. */
const last = (code: string) => {
  const rows = inferRows(`import keras\nfrom keras import layers, ops\n${code}`);
  expect(rows.flatMap(({ problem }) => problem ?? [])).toEqual([]);
  const { name, outputShape, params } = rows.findLast(({ className }) => className === 'Dense') ?? {};
  return [name, outputShape, params];
};

test.each([
  ['x = layers.Lambda(lambda x: x[:, 0])(keras.Input((6, 4)))', ['dense', [null, 2], 10]],
  [
    'x = layers.Lambda(lambda ab: ops.abs(ab[0] - ab[1]))([keras.Input((4,)), keras.Input((4,))])',
    ['dense', [null, 2], 10],
  ],
  ['x = layers.Lambda(open, output_shape=(7, 3))(keras.Input((4,)))', ['dense', [null, 7, 2], 8]],
  [
    'x = layers.Lambda(open, output_shape=lambda s: (s[0], s[1] * 2))(keras.Input((4,)))',
    ['dense', [null, 2], 18],
  ],
  ['x = layers.Lambda(open)(keras.Input((4,)))', ['dense', null, null]],
  ['x = layers.Lambda(lambda x, n: x[:, :n], arguments={"n": 2})(keras.Input((4,)))', ['dense', null, null]],
])('the shape of %s is that of its function', (code, expected) => {
  expect(last(`${code}\ny = layers.Dense(2)(x)`)).toEqual(expected);
});

test('operations on any number of tensors, and on images, are followed', () => {
  expect(
    last('a = keras.Input((8, 8, 4))\ny = layers.Dense(2)(ops.einsum("bhwc, bijc->bhwij", a, a))'),
  ).toEqual(['dense', [null, 8, 8, 8, 2], 18]);
  expect(
    last('a = keras.Input((8, 8, 4))\ny = layers.Dense(2)(ops.image.extract_patches(a, size=4))'),
  ).toEqual(['dense', [null, 2, 2, 2], 130]);
});

test('an object of another class of Keras takes no name from a layer', () => {
  const code = `class Own(keras.regularizers.Regularizer):
    def __init__(self, scale):
        self.scale = ops.eye(scale)
class Stop(keras.callbacks.Callback):
    pass
stop = Stop(3)
y = layers.Dense(2, kernel_regularizer=Own(3))(keras.Input((4,)))`;
  expect(last(code)).toEqual(['dense', [null, 2], 10]);
});

test('keras.applications.resnet50 is the module of ResNet50', () => {
  const code = `x = keras.applications.resnet50.preprocess_input(keras.Input((64, 64, 3)))
base = keras.applications.resnet50.ResNet50(weights=None, include_top=False, input_tensor=x)
y = layers.Dense(2)(base.output)`;
  expect(last(code)).toEqual(['dense', [null, 2, 2, 2], 4098]);
});

test('a partial call has the arguments of both calls', () => {
  const code = `from functools import partial
Conv = partial(layers.Conv2D, padding="same", kernel_size=3)
x = Conv(4, kernel_size=5)(keras.Input((8, 8, 3)))
y = layers.Dense(2)(partial(layers.Dense, 6)()(x))`;
  const rows = inferRows(`import keras\nfrom keras import layers\n${code}`);
  expect(rows.map(({ name, outputShape, params }) => [name, outputShape, params])).toEqual([
    ['conv2d', [null, 8, 8, 4], 304],
    ['input_layer', [null, 8, 8, 3], 0],
    ['dense', [null, 8, 8, 2], 14],
    ['dense_1', [null, 8, 8, 6], 30],
  ]);
});

test('the output of a layer that is called twice is that of its first call', () => {
  const code = `twice = layers.Dense(3)
inputs = keras.Input((5, 4))
a, b = twice(inputs), twice(keras.Input((4,)))
model = keras.Model(inputs, layers.Dense(2)(twice.output))`;
  expect(last(code)).toEqual(['dense_1', [null, 5, 2], 8]);
});
