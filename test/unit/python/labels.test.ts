import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { inferShapes } from '../../../src/server/code/infer';
import { PYTHON } from '../../../src/server/code/python/language';

const problems = (code: string) =>
  inferShapes(`import keras\nimport numpy as np\nfrom keras import layers\n${code}`, PYTHON).problems;

const KERAS = z
  .array(
    z.object({
      loss: z.string(),
      output: z.array(z.number()),
      labels: z.array(z.number()),
      raises: z.boolean(),
    }),
  )
  .parse(JSON.parse(readFileSync(join(__dirname, '../../fixtures/python/labels.json'), 'utf8')));

const told = KERAS.map((row) => {
  const size = row.output.reduce((a, b) => a * b, 1);
  const loss = /^[A-Z]/.test(row.loss) ? `keras.losses.${row.loss}()` : `"${row.loss}"`;
  const found =
    problems(`m = keras.Sequential([keras.Input((4,)), layers.Dense(${size}), layers.Reshape(${tuple(row.output)})])
m.compile("adam", loss=${loss})
m.fit(np.zeros((8, 4)), np.zeros(${tuple([8, ...row.labels])}))`);
  return { ...row, isTold: found.length > 0 };
});

function tuple(sizes: readonly number[]): string {
  return `(${sizes.join(', ')},)`;
}

test('labels are refused only where Keras refuses them', () => {
  expect(told.filter(({ isTold, raises }) => isTold && !raises)).toEqual([]);
  const missed = told.filter(({ isTold, raises }) => raises && !isTold);
  // What a difference broadcasts to depends on the batch.
  expect(missed.filter(({ loss }) => !/mse|Mean/.test(loss))).toEqual([]);
  expect(told.filter(({ isTold }) => isTold).length).toBeGreaterThan(30);
});

test('one-hot labels of a data set are followed through NumPy', () => {
  const code = (units: number, loss: string) => `
(x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
x_train = x_train.astype("float32") / 255.0
y_train = keras.utils.to_categorical(y_train, 10)
inputs = keras.Input(shape=x_train.shape[1:])
x = layers.Flatten()(inputs)
model = keras.Model(inputs, layers.Dense(${units}, activation="softmax")(x))
model.compile(optimizer="adam", loss="${loss}")
model.fit(x_train[:1000], y_train[:1000], epochs=2)
model.evaluate(x_test, y_test)
`;
  expect(problems(code(10, 'mse'))).toEqual([]);
  expect(problems(code(10, 'sparse_categorical_crossentropy')).map(({ message }) => message)).toEqual([
    'sparse_categorical_crossentropy needs a class number for each prediction of (None, 10) but gets labels of (1000, 10).',
  ]);
  expect(problems(code(12, 'categorical_crossentropy')).map(({ message }) => message)).toEqual([
    'categorical_crossentropy cannot compare the predictions of (None, 12) with labels of (1000, 10).',
    'categorical_crossentropy cannot compare the predictions of (None, 12) with labels of (10000, 1).',
  ]);
});

test('a class of the program may train in its own way', () => {
  expect(
    problems(`class Own(keras.Model):
    def train_step(self, data):
        return {}
i = keras.Input((4,))
m = Own(i, layers.Dense(3)(i))
m.compile("adam", "categorical_crossentropy")
m.fit(np.zeros((8, 4)), np.zeros((8, 5)))`),
  ).toEqual([]);
});

test('where positions are left over, layers that take them away are offered', () => {
  const [problem] = problems(`m = keras.Sequential([
    keras.Input((8, 8, 3)),
    layers.Conv2D(4, 3),
    layers.Dense(10),
])
m.compile("adam", "categorical_crossentropy")
m.fit(np.zeros((8, 8, 8, 3)), np.zeros((8, 10)))`);
  expect(problem?.fixes.map(({ title }) => title)).toEqual([
    'Insert Flatten()',
    'Insert GlobalAveragePooling2D()',
  ]);
});

test('of a layer name that is not there the nearest is told', () => {
  const [problem] =
    problems(`m = keras.Sequential([keras.Input((8,)), layers.Dense(4, name="hidden"), layers.Dense(1)])
m.get_layer("hiden")`);
  expect(problem?.message).toBe(
    'The model has no layer "hiden"; did you mean "hidden"? It has hidden, dense.',
  );
  expect(problem?.fixes.map(({ title, insert }) => [title, insert])).toEqual([
    ['Change to "hidden"', { text: '"hidden"' }],
  ]);
});
