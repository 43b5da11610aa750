import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { locateLayer } from '../../../src/server/language/locateLayer';

const nested = `{
  "config": {
    "layers": [
      { "class_name": "Dense", "config": { "name": "block" } },
      { "class_name": "Functional", "config": { "name": "inner", "layers": [
        { "class_name": "Dense", "config": { "name": "block", "units": 2 } },
        { "class_name": "Dense", "config": { "name": "deep" } }
      ] } }
    ]
  }
}`;

function textAt(text: string, path: string): string | null {
  const range = locateLayer(text, path);
  if (!range) return null;
  const lines = text.split('\n').slice(range.start.line, range.end.line + 1);
  const last = lines.length - 1;
  return lines
    .map((line, i) =>
      line.slice(i === 0 ? range.start.character : 0, i === last ? range.end.character : undefined),
    )
    .join('\n');
}

it('finds a layer of the outer model before one of the same name inside', () => {
  expect(textAt(nested, 'block')).toBe('{ "class_name": "Dense", "config": { "name": "block" } }');
});

it('follows a path into nested models and ignores call numbers', () => {
  const inside = '{ "class_name": "Dense", "config": { "name": "block", "units": 2 } }';
  expect(textAt(nested, 'inner/block')).toBe(inside);
  expect(textAt(nested, 'inner@2/block@3')).toBe(inside);
  expect(textAt(nested, 'deep')).toContain('"deep"');
});

it('finds every layer of a file that Keras wrote', () => {
  const path = join(import.meta.dirname, '../../../samples/3-binary/spot/model.json');
  const text = readFileSync(path, 'utf8');
  for (const name of ['conv2d', 'max_pooling2d', 'conv2d_1', 'dense']) {
    expect(JSON.parse(textAt(text, name) ?? 'null')).toMatchObject({ config: { name } });
  }
});

it('finds nothing where there is nothing', () => {
  expect(locateLayer(nested, 'missing')).toBeNull();
  expect(locateLayer(nested, 'block/inner')).toBeNull();
  expect(locateLayer('', 'block')).toBeNull();
});

it('finds an operation of a graph model by its whole name', () => {
  const graph = `{ "modelTopology": { "node": [
    { "name": "net/conv", "op": "Conv2D" },
    { "name": "net/conv/Relu", "op": "Relu" },
    { "name": "out", "op": "Identity" }
  ] } }`;
  expect(textAt(graph, 'net/conv')).toBe('{ "name": "net/conv", "op": "Conv2D" }');
  expect(textAt(graph, 'net/conv/Relu')).toBe('{ "name": "net/conv/Relu", "op": "Relu" }');
  expect(textAt(graph, 'out')).toBe('{ "name": "out", "op": "Identity" }');
  expect(locateLayer(graph, 'net')).toBeNull();
});

it('reads a text of 8 MB once, whatever its lists contain and however deep', () => {
  const layers = Array.from(
    { length: 60_000 },
    (_, i) => `{"class_name":"Dense","config":{"name":"dense_${i}"}}`,
  );
  const numbers = Array.from({ length: 1_000_000 }, () => '1').join();
  const long = `{"config":{"layers":[${layers.join()}],"numbers":[${numbers}]},"deep":${'['.repeat(1_000_000)}`;
  const start = performance.now();
  expect(locateLayer(long, 'dense_59999')).not.toBeNull();
  expect(locateLayer(long, 'missing')).toBeNull();
  // Before, it took minutes, and the depth overflowed the stack.
  expect(performance.now() - start).toBeLessThan(20_000);
});
