import { expect, test } from 'vitest';
import { inferRows } from '../../../src/server/code/rows';

/** `line name (shape) params` of each layer, and problems. */
const shown = (...lines: string[]): string[] =>
  inferRows(lines.join('\n')).map(
    ({ line, name, outputShape, params, problem }) =>
      problem ?? `${line} ${name} ${JSON.stringify(outputShape)} ${params}`,
  );

test('a Sequential is followed as it is written', () => {
  expect(
    shown(
      'from tensorflow import keras',
      'from tensorflow.keras import layers as L',
      'model = keras.Sequential([keras.Input((28, 28, 1))])',
      'model.add(L.Conv2D(32, 3, activation="relu"))',
      'model.add(L.Flatten())',
      'model.add(L.Dense(10))',
    ),
  ).toEqual([
    '3 sequential [null,10] 216650',
    '3 input_layer [null,28,28,1] 0',
    '4 conv2d [null,26,26,32] 320',
    '5 flatten [null,21632] 0',
    '6 dense [null,10] 216330',
  ]);
});

test('loops, functions, names and operators of a functional model are followed', () => {
  expect(
    shown(
      'import keras',
      'from keras.layers import *',
      'def block(x, units, name="block"):',
      '    y = Dense(units, name=f"{name}_dense")(x)',
      '    return y * 2 if units > 4 else y',
      'x = inputs = Input(shape=(8,))',
      'for i, n in enumerate([4, 2 * 4]):',
      '    x = block(x, n, name=f"b{i}")',
      'model = keras.Model(inputs, x)',
    ),
  ).toEqual([
    '4 b0_dense [null,4] 36',
    '4 b1_dense [null,8] 40',
    '6 input_layer [null,8] 0',
    '9 functional [null,8] 76',
  ]);
});

test('what is not known stays silent', () => {
  expect(
    shown(
      'from keras import layers, Input',
      'from helpers import units, build',
      'x = Input((4, 4, 3))',
      'y = layers.Dense(units)(x)',
      'z = layers.Dense(3)(y)',
      'if build(x): x = layers.Flatten()(x)',
      'w = layers.Dense(3)(x)',
    ),
  ).toEqual([
    '3 input_layer [null,4,4,3] 0',
    '4 dense null null',
    '5 dense_1 null null',
    '6 null [null,48] 0',
    '7 null null null',
  ]);
});

test('nothing is given of a list of tensors of which one is not known', () => {
  expect(
    shown(
      'import keras, other',
      'from keras import layers',
      'i = keras.Input((8,))',
      'x = layers.Concatenate()([i, other.tensor(i)])',
      'x = layers.Dense(1)(x)',
      'm = keras.Model(i, x)',
    ),
  ).toEqual(['3 input_layer [null,8] 0', '4 concatenate null null', '5 null null null', '6 null null null']);
});

test('a call that Keras refuses is a problem on its line', () => {
  expect(shown('import keras', 'x = keras.layers.Conv2D(3, 3)(keras.Input((10,)))')).toEqual([
    'Conv2D takes an input of 4 axes but gets (None, 10), which has 2.',
    '2 input_layer [null,10] 0',
  ]);
});

test('no text takes long or fails', () => {
  const texts = [
    'while True: x = 1',
    'def f(): return f()\nf()',
    'x = [1]\nfor i in range(9999):\n  for j in range(9999): x = x + x',
    `x = ${'('.repeat(50_000)}`,
    `${Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}if x:`).join('\n')}`,
    `if x: pass\n${'elif x: pass\n'.repeat(20_000)}`,
    'x = 2 ** 10 ** 10 ** 10\ns = "a" * 10 ** 9',
  ];
  for (const text of texts) expect(inferRows(text)).toEqual([]);
});

test.each([
  'not a and b',
  'not a or b and c',
  'a and not b or c',
  'not a and not b and c',
  'not not a or b',
  'a or not b and not (c or a)',
  '(not a) or (b and not c)',
  'not (a and b) or not c and a',
])('"%s" is read with the precedence of Python', (expression) => {
  // `&&`, `||` and `!` bind in JavaScript as Python's words do.
  const script = expression.replaceAll('and', '&&').replaceAll('or', '||').replaceAll('not', '!');
  const expected = new Function('a', 'b', 'c', `return ${script};`);
  for (const [a, b, c] of [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [4, 2, 1].map((bit) => (bits & bit) > 0))) {
    const python = (value: boolean | undefined): string => (value ? 'True' : 'False');
    const [row] = shown(
      `a, b, c = ${python(a)}, ${python(b)}, ${python(c)}; from keras import *; i = layers.Dense(2 if ${expression} else 1)(Input((3,)))`,
    );
    expect(row).toBe(`1 dense [null,${expected(a, b, c) ? 2 : 1}] ${expected(a, b, c) ? 8 : 4}`);
  }
});
