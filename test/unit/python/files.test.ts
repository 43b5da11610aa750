import { expect, test } from 'vitest';
import { inferShapes } from '../../../src/server/code/infer';
import { PYTHON } from '../../../src/server/code/python/language';

const MODEL = `import keras, numpy as np
from keras import layers
from tensorflow.keras.models import load_model, save_model
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="d")], name="net")
`;

const filesOf = (code: string): [string, string | null][] =>
  inferShapes(MODEL + code, PYTHON).files.map(({ file, model }) => [file, model?.name ?? null]);

test.each<[string, [string, string | null][]]>([
  ['model.save("a.keras")', [['a.keras', 'net']]],
  ['model.save(filepath="a.keras")', [['a.keras', 'net']]],
  ['save_model(model, "a.h5")', [['a.h5', 'net']]],
  ['keras.saving.save_model(filepath="a.h5", model=model)', [['a.h5', 'net']]],
  ['x = load_model("a.keras")', [['a.keras', null]]],
  ['name = "a"\nkeras.models.load_model(f"runs/{name}.keras")', [['runs/a.keras', null]]],
  ['model.load_weights("w.weights.h5")', [['w.weights.h5', 'net']]],
  [
    'x = load_model("a.keras")\nx.save("b.keras")',
    [
      ['a.keras', null],
      ['b.keras', null],
    ],
  ],
  ['np.save("a.npy", 1)', []],
  ['model.save(path)', []],
  ['def load_model(x): return x\nload_model("a.keras")', []],
])('%j names files', (code, expected) => expect(filesOf(code)).toEqual(expected));

test('a lookup knows its model or the file that it was loaded from', () => {
  const code = `${MODEL}model.get_layer("d")\nold = load_model("a.keras")\nold.get_layer(name="e")\nother.get_layer("f")\n`;
  const found = inferShapes(code, PYTHON).lookups.map(({ at, of }) => [
    code.slice(at.from, at.to),
    typeof of === 'string' ? of : of.name,
  ]);
  expect(found).toEqual([
    ['"d"', 'net'],
    ['"e"', 'a.keras'],
  ]);
});

test('what a loop does is noted once for each time it runs', () => {
  expect(filesOf('for i in range(2):\n    model.save(f"epoch{i}.keras")')).toEqual([
    ['epoch0.keras', 'net'],
    ['epoch1.keras', 'net'],
  ]);
});
