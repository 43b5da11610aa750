import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { compareWithCode } from '../../../src/server/answers/code/compareWithCode';
import { inferShapes } from '../../../src/server/code/infer';
import { PYTHON } from '../../../src/server/code/python/language';
import { graphOfText } from '../../../src/server/session/modelText';
import type { LayerComparison } from '../../../src/shared/compare/comparison';

const FIXTURES = join(__dirname, '../../fixtures/python');
const json = (name: string): unknown => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));
const change = z.object({
  old: z.string(),
  new: z.string(),
  /** By path: `added`, `removed`, or what is not the same for Keras. */
  differences: z.record(z.string(), z.union([z.enum(['added', 'removed']), z.array(z.string())])),
});
/** Written by make_compared.py with Keras. */
const { changed, corpus } = z
  .object({
    changed: z.record(
      z.string(),
      z.object({ code: z.string(), model: z.unknown(), changes: z.array(change) }),
    ),
    corpus: z.record(z.string(), z.object({ variable: z.string(), model: z.unknown() })),
  })
  .parse(json('compared.json'));
const snippets = z.record(z.string(), z.object({ code: z.string() })).parse(json('snippets.json'));

function compared(model: unknown, code: string, variable = 'model'): readonly LayerComparison[] {
  const { files } = inferShapes(`${code}\n${variable}.save("model.keras")\n`, PYTHON);
  const built = files.at(-1)?.model;
  const graph = graphOfText(JSON.stringify(model), 'model.json');
  if (!built || graph === null) throw new Error('There is no model to compare.');
  return compareWithCode('model.json', graph, built, () => null).comparison.layers;
}

/** What differs, as in the fixture. */
const differing = (layers: readonly LayerComparison[]) =>
  Object.fromEntries(
    layers
      .filter(({ status }) => status !== 'same')
      .map(({ path, status, config }) => [
        path,
        status === 'changed' ? [...new Set(config.map(({ key }) => key.split('.')[0]))].sort() : status,
      ]),
  );
const NAMES: Readonly<Record<string, string>> = { class: 'class_name', output: 'output_shape' };
/** The first follows from the code's parameters, the second repeats the layer that it wraps. */
const REPEATED = new Set(['input_dim', 'backward_layer']);

test.each(Object.entries(changed))(
  '%s: nothing differs from the code that built it',
  (_, { model, code }) => {
    const layers = compared(model, code);
    expect(layers.length).toBeGreaterThan(1);
    expect(differing(layers)).toEqual({});
  },
);

test.each(
  Object.entries(changed).flatMap(([name, { model, code, changes }]) =>
    changes.map((one) => [name, one.old, one.new, { model, code, differences: one.differences }] as const),
  ),
)('%s: %s → %s differs as for Keras', (_, old, text, { model, code, differences }) => {
  const expected = Object.entries(differences).map(([path, what]) => [
    path,
    typeof what === 'string'
      ? what
      : what
          .filter((key) => !REPEATED.has(key))
          .map((key) => NAMES[key] ?? key)
          .sort(),
  ]);
  expect(differing(compared(model, code.replace(old, text)))).toEqual(Object.fromEntries(expected));
});

test.each(Object.entries(corpus))('nothing of "%s" differs from its code', (name, { model, variable }) => {
  expect(differing(compared(model, snippets[name]?.code ?? '', variable))).toEqual({});
});
