import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as protocol from '../../../src/shared/protocol';
import { type ServerProcess, startServer } from '../serverProcess';

const MODEL = join(__dirname, '../../../samples/3-binary/spot/model.json');
/** As in the file, but for the units of the last layer. */
const program = (units: number): string => `import * as tf from '@tensorflow/tfjs';
export function build(): tf.Sequential {
  const conv = { filters: 20, kernelSize: 3, activation: 'relu' as const };
  const model = tf.sequential();
  model.add(tf.layers.conv2d({ name: 'conv2d', inputShape: [95, 95, 1], ...conv }));
  model.add(tf.layers.maxPooling2d({ name: 'max_pooling2d', poolSize: 2 }));
  model.add(tf.layers.conv2d({ name: 'conv2d_1', ...conv }));
  model.add(tf.layers.maxPooling2d({ name: 'max_pooling2d_1', poolSize: 2 }));
  model.add(tf.layers.globalAveragePooling2d({ name: 'global_average_pooling2d' }));
  model.add(tf.layers.dense({ name: 'dense', units: ${units}, activation: 'sigmoid' }));
  return model;
}
export const model = build();
`;

const folder = mkdtempSync(join(tmpdir(), 'layerglass-javascript-files-'));
const same = join(folder, 'same.ts');
const other = join(folder, 'other.ts');
let server: ServerProcess;

beforeAll(async () => {
  writeFileSync(same, program(1));
  writeFileSync(other, program(2));
  writeFileSync(join(folder, 'none.js'), 'console.log("no layers");\n');
  server = await startServer(join(__dirname, '../../../dist/server.js'));
  server.connection.onRequest('workspace/workspaceFolders', () => []);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a layer of a model.json is found in TypeScript that is not open', async () => {
  const names = [
    'conv2d',
    'max_pooling2d',
    'conv2d_1',
    'max_pooling2d_1',
    'global_average_pooling2d',
    'dense',
  ];
  const paths = [join(folder, 'none.js'), same];
  const found = await server.request(protocol.layerInCode, { layer: 'conv2d_1', names, paths });
  expect(found).toMatchObject({
    ok: true,
    value: [{ uri: pathToFileURL(same).href, range: { start: { line: 6 } } }],
  });
});

test('the programs that build a model.json are found', async () => {
  const paths = [join(folder, 'none.js'), same, other];
  const found = await server.request(protocol.codeFor, { path: MODEL, paths });
  expect(found).toEqual({ ok: true, value: [pathToFileURL(same).href, pathToFileURL(other).href] });
});

test.each([
  ['the same', same, true],
  ['another last layer', other, false],
])('a model.json is compared with code that builds %s', async (_, path, isEqual) => {
  const found = await server.request(protocol.compareWithCode, {
    path: MODEL,
    uri: pathToFileURL(path).href,
  });
  if (!found.ok) throw new Error(found.error.message);
  const { comparison } = found.value;
  expect(comparison.isEqual).toBe(isEqual);
  expect(comparison.firstDifference?.path ?? null).toBe(isEqual ? null : 'dense');
});
