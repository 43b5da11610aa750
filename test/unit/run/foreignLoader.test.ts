import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';

const MODEL = join(__dirname, '../../fixtures/foreign/writes_files');
const folder = mkdtempSync(join(tmpdir(), 'layerglass-loader-'));
const called = join(folder, 'called.txt');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * A package that passes for `@tensorflow/tfjs-node`: TF.js's JavaScript kernels under the name of the native backend, and a
 * loader of SavedModels that leaves a file when it is called.
 */
function writeNativePackage(): string {
  const place = join(folder, 'tfjs-node');
  for (const part of ['dist', 'lib/napi']) mkdirSync(join(place, part), { recursive: true });
  writeFileSync(join(place, 'dist/nodejs_kernel_backend.js'), '');
  writeFileSync(join(place, 'lib/napi/tfjs_binding.node'), '');
  writeFileSync(join(place, 'package.json'), '{"name": "tfjs-node", "main": "index.js"}');
  const resolved = (name: string) => JSON.stringify(createRequire(__filename).resolve(name));
  writeFileSync(
    join(place, 'index.js'),
    `const tf = require(${resolved('@tensorflow/tfjs-core')});
const { MathBackendCPU } = require(${resolved('@tensorflow/tfjs-backend-cpu')});
tf.enableProdMode();
tf.registerBackend('tensorflow', () => new MathBackendCPU(), 9);
tf.copyRegisteredKernels('cpu', 'tensorflow');
const loadSavedModel = async () => {
  require('node:fs').writeFileSync(${JSON.stringify(called)}, '');
  throw new Error('no model');
};
module.exports = { ...tf, node: { loadSavedModel } };
`,
  );
  return place;
}

test('no SavedModel is handed to the loader of TensorFlow, not even one whose outputs are not computed', async () => {
  const session = new Session({ backend: 'native', nativePath: writeNativePackage(), strict: true });
  const { id, graph } = await session.open(MODEL);
  expect(graph.outputs.map(({ node }) => graph.nodes.get(node)?.unknownBecause)).not.toContain(undefined);
  await session.run(id, [{ kind: 'random', seed: 1 }], { name: 'none' }, NO_CONTROL, async ({ trace }) => {
    expect(trace.runtime.status.name).toBe('native');
    expect(trace.runtime.tf).toHaveProperty('node.loadSavedModel');
  });
  expect(existsSync(called)).toBe(false);
  session.close(id);
});
