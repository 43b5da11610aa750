import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { inferShapes } from '../../../src/server/code/infer';
import { formulasOf } from '../../../src/server/code/keras/explained';
import { PYTHON } from '../../../src/server/code/python/language';

const HEAD = 'from keras import layers as L, Input\n';

/** `axis: formula` of the last call. */
const formulas = (code: string): string[] =>
  (inferShapes(HEAD + code, PYTHON).uses.slice(-1) ?? []).flatMap((use) =>
    formulasOf(use).map(({ axis, text }) => `${axis}: ${text}`),
  );

test.each([
  [
    'L.Conv2D(8, 3)(Input((28, 20, 1)))',
    ['1: floor((28 - 3) / 1) + 1 = 26', '2: floor((20 - 3) / 1) + 1 = 18'],
  ],
  ['L.Conv1D(8, 3, strides=2, padding="same")(Input((27, 1)))', ['1: ceil(27 / 2) = 14']],
  ['L.Conv1D(8, 3, padding="causal")(Input((27, 1)))', ['1: ceil(27 / 1) = 27']],
  ['L.Conv1D(8, 3, dilation_rate=4)(Input((27, 1)))', ['1: floor((27 - (4 * (3 - 1) + 1)) / 1) + 1 = 19']],
  ['L.Conv1D(8, 3, strides=2)(Input((None, 1)))', []],
  ['L.MaxPooling2D(3, 2)(Input((9, None, 4)))', ['1: floor((9 - 3) / 2) + 1 = 4']],
  ['L.AveragePooling1D()(Input((9, 4)))', ['1: floor((9 - 2) / 2) + 1 = 4']],
  [
    'L.Conv2DTranspose(4, 3, strides=2, padding="same")(Input((7, 6, 4)))',
    ['1: 7 * 2 = 14', '2: 6 * 2 = 12'],
  ],
  ['L.Conv1DTranspose(4, 3, strides=2)(Input((7, 4)))', ['1: (7 - 1) * 2 + max(3, 2) = 15']],
  ['L.Conv1DTranspose(4, 3, strides=2, output_padding=1)(Input((7, 4)))', ['1: (7 - 1) * 2 + 3 + 1 = 16']],
  ['L.UpSampling2D((2, 3))(Input((7, 6, 4)))', ['1: 7 * 2 = 14', '2: 6 * 3 = 18']],
  ['L.ZeroPadding2D(((1, 2), 3))(Input((7, 6, 4)))', ['1: 7 + 1 + 2 = 10', '2: 6 + 3 + 3 = 12']],
  ['L.Cropping1D((1, 2))(Input((7, 4)))', ['1: 7 - 1 - 2 = 4']],
  ['L.Flatten()(Input((7, 6, 4)))', ['1: 7 * 6 * 4 = 168']],
  ['L.Concatenate(axis=1)([Input((7, 4)), Input((5, 4))])', ['1: 7 + 5 = 12']],
  ['L.Dense(4)(Input((7,)))', []],
])('the sizes of %s are explained', (code, expected) => {
  expect(formulas(code)).toEqual(expected);
});

test('every formula of the corpus comes to the size that Keras gives', () => {
  const { floor, ceil, max } = Math;
  const snippets = z
    .record(z.string(), z.object({ code: z.string() }))
    .parse(JSON.parse(readFileSync(join(__dirname, '../../fixtures/python/snippets.json'), 'utf8')));
  let count = 0;
  for (const { code } of Object.values(snippets))
    for (const use of inferShapes(code, PYTHON).uses)
      for (const { axis, text } of formulasOf(use)) {
        const [sum = ''] = text.split(' = ');
        const value: unknown = new Function('floor', 'ceil', 'max', `return ${sum};`)(floor, ceil, max);
        expect([text, value]).toEqual([`${sum} = ${value}`, use.outputs?.[0]?.[axis]]);
        count++;
      }
  expect(count).toBeGreaterThan(100);
});
