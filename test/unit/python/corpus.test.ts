import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { type InferredRow, inferRows } from '../../../src/server/code/rows';

const FIXTURES = join(__dirname, '../../fixtures/python');
const shape = z.array(z.number().nullable());
const snippetSchema = z.object({
  code: z.string(),
  layers: z.array(
    z.object({
      line: z.number(),
      name: z.string(),
      className: z.string(),
      outputShape: z.union([shape, z.array(shape)]).nullable(),
      params: z.number().nullable(),
    }),
  ),
});
const brokenSchema = z.object({ code: z.string(), line: z.number(), error: z.string() });

const read = <T>(name: string, schema: z.ZodType<T>): readonly (readonly [string, T])[] => {
  const text = readFileSync(join(FIXTURES, name), 'utf8');
  return Object.entries(z.record(z.string(), schema).parse(JSON.parse(text)));
};
const SNIPPETS = read('snippets.json', snippetSchema);
const BROKEN = read('broken.json', brokenSchema);

const keyOf = ({ line, className }: { readonly line: number; readonly className: string }): string =>
  `${line} ${className}`;

/** Keras's layers with what was inferred for each: those of one line and class in their order. */
function pairs(layers: z.infer<typeof snippetSchema>['layers'], rows: readonly InferredRow[]) {
  const left = [...rows];
  return layers.map((layer) => {
    const at = left.findIndex((row) => keyOf(row) === keyOf(layer));
    return { layer, row: at < 0 ? undefined : left.splice(at, 1)[0] };
  });
}

test.each(SNIPPETS)('what is given for "%s" is what Keras gives', (_, { code, layers }) => {
  const rows = inferRows(code);
  expect(rows.flatMap(({ problem }) => problem ?? [])).toEqual([]);
  for (const { layer, row } of pairs(layers, rows)) {
    if (row === undefined) continue;
    const given = {
      line: layer.line,
      ...(row.name !== null && { name: row.name }),
      ...(row.outputShape !== null && { outputShape: row.outputShape }),
      ...(row.params !== null && { params: row.params }),
    };
    expect(layer).toMatchObject(given);
  }
});

test('at least 95 % of all layers are given whole', () => {
  const all = SNIPPETS.flatMap(([, { code, layers }]) => pairs(layers, inferRows(code)));
  const missing = all.filter(
    ({ row }) => row === undefined || row.outputShape === null || row.params === null || row.name === null,
  );
  expect(missing.length / all.length).toBeLessThanOrEqual(0.05);
});

test('problems of broken snippets are told on the line at fault, and nowhere else', () => {
  const told = BROKEN.map(([name, { code, line }]) => ({
    name,
    line,
    lines: inferRows(code).flatMap((row) => (row.problem === undefined ? [] : [row.line])),
  }));
  expect(told.filter(({ line, lines }) => lines.some((other) => other !== line))).toEqual([]);
  const found = told.filter(({ lines }) => lines.length > 0);
  expect(found.length).toBeGreaterThanOrEqual(35);
});
