import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

test('numbers without end arrive as such', async () => {
  const found = value(
    await server.request(protocol.compare, question(await open('base.h5'), await open('not-a-number.keras'))),
  );
  const edges = found.layers.find(({ path }) => path === 'edges');
  expect(edges?.weightChange).toBe(Number.POSITIVE_INFINITY);
});

test('a model that is closed, and an input that is not there, are errors', async () => {
  const [a, b] = [await open('base.h5'), await open('tfjs')];
  expect(value(await server.request(protocol.compare, question(a, b))).isEqual).toBe(true);
  const missing = {
    ...question(a, b),
    inputs: [{ kind: 'file', path: fixture('compare/none.npy') }],
  } as const;
  expect(errorOf(await server.request(protocol.compare, missing)).kind).toBe('file-not-found');
  value(await server.request(protocol.closeModel, { modelId: b, atOnce: true }));
  expect(errorOf(await server.request(protocol.compare, question(a, b))).kind).toBe('closed');
});
