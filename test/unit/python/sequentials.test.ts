import { expect, test } from 'vitest';
import { inferRows } from '../../../src/server/code/rows';

const CODE = `import keras
from keras import layers, Input, Sequential, Model
def functional(name=None):
    x = Input((4,))
    return Model(x, layers.Dense(3)(x), name=name)
`;
const rowsOf = (code: string) => {
  const rows = inferRows(CODE + code);
  expect(rows.flatMap(({ problem }) => problem ?? [])).toEqual([]);
  return rows;
};

/** What Keras 3.15 gives; where it raises, nothing is known. */
const UNKNOWN = null;
test.each([
  ['m = Sequential([layers.Dense(3)])', UNKNOWN, UNKNOWN],
  ['m = Sequential([Input((4,))])', UNKNOWN, UNKNOWN],
  ['m = Sequential([Input((4,)), layers.Dense(3)])', UNKNOWN, 3],
  ['m = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])\nm.pop()', UNKNOWN, 3],
  ['m = Sequential([layers.Dense(3)])\nm.build((None, 4))\nm.add(layers.Dense(2))', UNKNOWN, 2],
  ['m = Sequential([layers.Dense(3)])\nm(Input((4,)))\nm.add(layers.Dense(2))', 3, 2],
  ['m = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])\nm(Input((4,)))\nm.pop()', 2, 3],
  ['m = Sequential([Input((4,)), layers.Dense(3)])\nm(keras.ops.ones((1, 4)))', UNKNOWN, 3],
  ['m = Sequential([functional()])', UNKNOWN, UNKNOWN],
  ['m = Sequential([functional()])\nm(Input((4,)))', 3, 3],
  ['m = Sequential([functional(), layers.Dense(2)])', UNKNOWN, 2],
  ['m = functional()', 3, 3],
])('%s: what its output and its outputs are', (code, output, outputs) => {
  const sizeOf = (value: string) =>
    rowsOf(`${code}\nlayers.Reshape((-1, 1), name="asked")(${value})\n`).find(({ name }) => name === 'asked')
      ?.outputShape ?? null;
  const shape = (size: number | null) => (size === null ? null : [null, size, 1]);
  expect(sizeOf('m.output')).toEqual(shape(output));
  expect(sizeOf('m.outputs[0]')).toEqual(shape(outputs));
  expect(sizeOf('keras.Input(m.output_shape[1:])')).toEqual(shape(outputs));
});

test.each([
  ['Sequential([functional("f")])', 'functional'],
  ['Sequential([Input((4,))])', 'functional'],
  ['Sequential([functional("f")])(Input((4,)))', 'functional_1'],
  ['Sequential([Input((4,))])(Input((4,)))', 'functional_1'],
  ['Sequential([functional("f"), layers.Dense(2)])', 'functional_1'],
  [
    's = Sequential()\ns.add(functional("f"))\ns.add(layers.Dense(2))\ns.add(layers.Dense(2))',
    'functional_2',
  ],
  ['s = Sequential()\ns.add(functional("f"))\ns(Input((4,)))\ns.add(layers.Dense(2))', 'functional_2'],
  ['Sequential([functional("f")]).build((None, 4))', null],
])('after %s a model is called %s', (code, name) => {
  const models = rowsOf(`${code}\nfunctional()`).filter(({ className }) => className === 'Functional');
  expect(models.at(-1)?.name).toBe(name);
});
