import { expect, test } from 'vitest';
import { inferRows } from '../../../src/server/code/rows';

const HEAD = [
  'import keras',
  'from keras import layers as L, ops',
  'def twice(layer, a, b):',
  '    layer(a)',
  '    return layer(b)',
].join('\n');

const problems = (code: string): string[] =>
  inferRows(`${HEAD}\n${code}`).flatMap(({ problem }) => problem ?? []);

/** Keras 3.15 raises on each of them. */
const RAISES: Readonly<Record<string, RegExp>> = {
  'L.Conv1D(2, 5)(keras.Input((4, 1)))': /window of 5, larger than its input of 4/,
  'L.STFTSpectrogram(frame_length=500)(keras.Input((400, 1)))': /window of 500, larger than its input of 400/,
  'L.Bidirectional(L.LSTM(3))(keras.Input((6,)))': /expects an input of 3 axes but gets one of 2/,
  'L.TimeDistributed(L.Dense(3))(keras.Input((6,)))': /expects \[batch, time, \.\.\.\] but gets 2 axes/,
  'L.LayerNormalization(axis=4)(keras.Input((3, 4)))': /refers to axis 4, but its input has 3 axes/,
  'L.MaxPooling2D(padding="full")(keras.Input((8, 8, 1)))': /has no padding "full"; it takes valid, same/,
  'L.MaxPooling2D(padding="SAME")(keras.Input((8, 8, 1)))': /has no padding "SAME"; it takes valid, same/,
  'L.AveragePooling1D(2, strides=0)(keras.Input((8, 1)))': /needs a positive strides but gets 0/,
  'L.GroupNormalization(4)(keras.Input((3, 6)))': /"groups" should be a divisor of its 6 channels but is 4/,
  'L.GroupNormalization(groups=-2)(keras.Input((3, 6)))': /needs a positive groups but gets -2/,
  'L.Multiply()([keras.Input((3, 4)), keras.Input((5, 4))])': /cannot merge inputs of shapes/,
  'L.Concatenate()([keras.Input((3, 4)), keras.Input((5, 4))])': /cannot join inputs of shapes/,
  'L.Dot(1)([keras.Input((3,)), keras.Input((4,))])': /cannot multiply axis 1/,
  'L.Dot(1)([keras.Input((3,))])': /expects two inputs but gets 1/,
  'L.Reshape((-1, 7))(keras.Input((10, 3)))': /cannot reshape \[10, 3\] to \[-1, 7\]/,
  'L.Permute((1, 1))(keras.Input((3, 6)))': /"dims" should be the numbers 1 to 2 in some order/,
  'L.Cropping1D(3)(keras.Input((6, 2)))': /crops axis 1 of its input away entirely/,
  'L.Attention()([keras.Input((3, 4))])': /expects \[query, value\]/,
  'ops.matmul(keras.Input((3, 4)), keras.Input((3, 4)))': /cannot be multiplied/,
  'ops.maximum(keras.Input((3,)), keras.Input((4,)))': /do not fit together/,
  'ops.sum(keras.Input((3, 4)), axis=3)': /has no axis 3/,
  'ops.transpose(keras.Input((3, 4)), (0, 1))': /is not an order of 3 axes/,
  'ops.squeeze(keras.Input((3, 4)), 1)': /is not of size 1/,
  'ops.concatenate([keras.Input((3, 4)), keras.Input((5, 5))], axis=1)': /cannot be joined/,
  'ops.split(keras.Input((3, 4)), 5, axis=1)': /cannot be split into 5 equal parts/,
  'keras.Input((3, 4))[:, 7]': /has no position 7/,
  'keras.Input((3, 4))[:, 0, 0, 0]': /its index does not fit/,
  'twice(L.Dense(2), keras.Input((4,)), keras.Input((5,)))':
    /kernel of shape \[4, 2\], but its input needs \[5, 2\]/,
  'twice(L.BatchNormalization(), keras.Input((4,)), keras.Input((1,)))': /has a gamma of shape/,
};

test.each(Object.entries(RAISES))('Keras refuses %s, and so it is told', (code, message) => {
  const [problem, ...more] = problems(code);
  expect(problem).toMatch(message);
  expect(problem).not.toMatch(/damaged|save the model/);
  expect(more).toEqual([]);
});

/** Keras 3.15 builds each of them, though some fail when they run and some are not computed here. */
const BUILDS = [
  'twice(L.LSTM(3), keras.Input((3, 4)), keras.Input((3, 5)))',
  'twice(L.LayerNormalization(), keras.Input((3, 4)), keras.Input((3, 1)))',
  'twice(L.Bidirectional(L.GRU(3)), keras.Input((3, 4)), keras.Input((3, 5)))',
  'twice(L.PReLU(), keras.Input((4, 4, 4)), keras.Input((5, 4, 4)))',
  'twice(L.EinsumDense("abc,cd->abd", (None, 3)), keras.Input((3, 4)), keras.Input((3, 5)))',
  'L.GroupNormalization(groups=-1)(keras.Input((3, 6)))',
  'L.ConvLSTM2D(0, 3)',
  'L.MaxPooling2D(padding="full")',
  'L.AveragePooling2D(2, strides=0)',
  'L.Conv2D(2, 3, padding="SAME")(keras.Input((8, 8, 1)))',
  'L.MelSpectrogram()(keras.Input((400, 1)))',
  'L.AdaptiveAveragePooling2D(2)(keras.Input((8,)))',
  'L.Attention()([keras.Input((3, 4)), keras.Input((5, 6))])',
  'L.Dot(1)([keras.Input(batch_shape=(2, 3)), keras.Input(batch_shape=(4, 3))])',
  'L.Conv1D(2, 5, padding="causal")(keras.Input((4, 1)))',
  'L.Softmax(axis=5)(keras.Input((3,)))',
  'L.CategoryEncoding(num_tokens=4, output_mode="count", sparse=True)(keras.Input((3,), dtype="int32"))',
  'L.TextVectorization(ragged=True, output_mode="int")(keras.Input((1,), dtype="string"))',
  'L.BatchNormalization(axis=-1, renorm=True)(keras.Input((3,)))',
  'ops.top_k(keras.Input((3, 4)), 9)',
  'ops.einsum("bij,bjk->bik", keras.Input((3, 4)), keras.Input((5, 6)))',
  'ops.take(keras.Input((3, 4)), [9], axis=1)',
  'ops.sum(keras.Input((3, 4)), axis=(1, 1))',
  'ops.reshape(keras.Input((3, 4)), (2, 7))',
];

test.each(BUILDS)('nothing is told of %s', (code) => {
  expect(problems(code)).toEqual([]);
});

test('a layer that is called on another size keeps its parameters and has its shape', () => {
  const code = `${HEAD}\nlstm = L.LSTM(3)\na = lstm(keras.Input((3, 4)))\nb = lstm(keras.Input((3, 5)))`;
  const rows = inferRows(code).filter(({ className }) => className === 'LSTM');
  expect(rows.map(({ outputShape, params }) => [outputShape, params])).toEqual(
    rows.map(() => [[null, 3], 96]),
  );
  expect(rows.length).toBeGreaterThan(0);
});

test('only the first problem of a place is told', () => {
  expect(problems('L.Conv2D(4, 3, groups=3)(keras.Input((8, 8, 3)))')).toEqual([
    '4 filters cannot be divided into 3 groups.',
  ]);
});
