import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { JAVASCRIPT, TYPESCRIPT } from '../../../src/server/code/javascript/language';
import { type InferredRow, inferRows } from '../../../src/server/code/rows';

const FIXTURES = join(__dirname, '../../fixtures/javascript');
const shape = z.array(z.number().nullable());
const rowSchema = z.object({
  line: z.number(),
  name: z.string(),
  className: z.string(),
  outputShape: z.union([shape, z.array(shape)]).nullable(),
  params: z.number().nullable(),
});
const snippetSchema = z.object({ file: z.string(), code: z.string(), layers: z.array(rowSchema) });
const brokenSchema = z.object({
  file: z.string(),
  code: z.string(),
  line: z.number(),
  error: z.string().nullable(),
});

const read = <T>(name: string, schema: z.ZodType<T>): readonly (readonly [string, T])[] => {
  const text = readFileSync(join(FIXTURES, name), 'utf8');
  return Object.entries(z.record(z.string(), schema).parse(JSON.parse(text)));
};
const SNIPPETS = read('snippets.json', snippetSchema);
const BROKEN = read('broken.json', brokenSchema);

const rowsOf = ({ file, code }: { readonly file: string; readonly code: string }): readonly InferredRow[] =>
  inferRows(code, extname(file) === '.ts' ? TYPESCRIPT : JAVASCRIPT);

/** The layers of TensorFlow.js with what was inferred for each: those of one line and class in their order. */
function pairs({ layers, ...snippet }: z.infer<typeof snippetSchema>) {
  const left = [...rowsOf(snippet)];
  return layers.map((layer) => {
    const at = left.findIndex((row) => row.line === layer.line && row.className === layer.className);
    return { layer, row: at < 0 ? undefined : left.splice(at, 1)[0] };
  });
}

test.each(SNIPPETS)('what is given for "%s" is what TensorFlow.js gives', (_, snippet) => {
  expect(rowsOf(snippet).flatMap(({ problem }) => problem ?? [])).toEqual([]);
  for (const { layer, row } of pairs(snippet)) {
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

test('at least 95 % of all layers that are called are given whole', () => {
  const all = SNIPPETS.flatMap(([, snippet]) => pairs(snippet)).filter(
    ({ layer }) => layer.outputShape !== null,
  );
  const missing = all.filter(
    ({ row }) => row === undefined || row.outputShape === null || row.params === null || row.name === null,
  );
  expect(missing.length / all.length).toBeLessThanOrEqual(0.05);
});

test.each(BROKEN)('"%s" is told on the line at fault, and nowhere else', (_, snippet) => {
  const lines = rowsOf(snippet).flatMap(({ line, problem }) => (problem === undefined ? [] : [line]));
  expect([...new Set(lines)]).toEqual([snippet.line]);
});
