import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { Comparison } from '../../../src/shared/compare/comparison';
import { headline } from '../../../src/shared/compare/comparisonText';
import type { Result } from '../../../src/shared/errors';
import * as protocol from '../../../src/shared/protocol';
import { fixture } from '../cliProcess';
import { errorOf, type ServerProcess, startServer, value } from '../serverProcess';

/** The request behind the page "Compare two models", as the extension sends it. */

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer(resolve(import.meta.dirname, '../../../dist/server.js'), { backend: 'wasm' });
});
afterAll(() => server.stop());

const open = async (name: string): Promise<string> =>
  value(await server.request(protocol.openModel, { path: fixture('compare', name) })).modelId;

const question = (modelId: string, otherModelId: string): protocol.CompareParams => ({
  modelId,
  otherModelId,
  inputs: [{ kind: 'file', path: fixture('compare/input.npy') }],
  preprocessing: { name: 'none' },
});

test('compares two open models on an input', async () => {
  const [a, b] = [await open('base.h5'), await open('wrong-scale.keras')];
  const found = value(await server.request(protocol.compare, question(a, b)));
  expect(found.firstDifference).toEqual({ path: 'scale', by: 'values' });
  expect(found.backend).toBe('wasm');
  expect(found.layers.map(({ status }) => status)).toEqual(['same', 'changed', ...Array(8).fill('same')]);
  const without = value(await server.request(protocol.compare, { ...question(a, b), inputs: [] }));
  expect(without.firstDifference).toEqual({ path: 'scale', by: 'layer' });
  expect(without.predictions).toBeNull();
});

/** What the page says first. */
test.each([
  ['tfjs', 'The models are equal: layers, arguments, weights, and all values on this input.'],
  ['changed-weight.keras', 'Values part first in hidden.'],
  ['swapped-class.keras', 'Values part first in pool.'],
  ['swapped-order.keras', 'Values part first in left.'],
  ['wrong-scale.keras', 'Values part first in scale.'],
  ['pruned.keras', 'Values part first in hidden.'],
  ['quantized.keras', 'Values part first in hidden.'],
])('%s: %s', async (name, sentence) => {
  const found = value(
    await server.request(protocol.compare, question(await open('base.h5'), await open(name))),
  );
  expect(headline(found)).toBe(sentence);
});

test('a comparison that is cancelled ends, and the next one is answered', async () => {
  const [a, b] = [await open('base.h5'), await open('tfjs')];
  const source = new CancellationTokenSource();
  const asked = server.connection.sendRequest<Result<Comparison>>(
    protocol.compare.method,
    question(a, b),
    source.token,
  );
  source.cancel();
  expect(errorOf(await asked).kind).toBe('cancelled');
  expect(value(await server.request(protocol.compare, question(a, b))).isEqual).toBe(true);
});

test('numbers without end arrive as such', async () => {
  const found = value(
    await server.request(protocol.compare, question(await open('base.h5'), await open('not-a-number.keras'))),
  );
  const edges = found.layers.find(({ path }) => path === 'edges');
  expect(edges?.weightChange).toBe(Number.POSITIVE_INFINITY);
});

test('a model that is closed, and an input that is not there, are errors', async () => {
  const [a, b] = [await open('base.h5'), await open('base.keras')];
  expect(value(await server.request(protocol.compare, question(a, b))).isEqual).toBe(true);
  const missing = {
    ...question(a, b),
    inputs: [{ kind: 'file', path: fixture('compare/none.npy') }],
  } as const;
  expect(errorOf(await server.request(protocol.compare, missing)).kind).toBe('file-not-found');
  value(await server.request(protocol.closeModel, { modelId: b, atOnce: true }));
  expect(errorOf(await server.request(protocol.compare, question(a, b))).kind).toBe('closed');
});
