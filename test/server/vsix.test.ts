import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPromise } from 'yauzl';
import { backendStatus, explain, openModel } from '../../src/shared/protocol';
import { startServer } from './serverProcess';

const run = promisify(execFile);
const project = resolve(import.meta.dirname, '../..');
const model = join(project, 'samples/1-sequence/motif.keras');

/** The download must not grow unnoticed. */
const SIZE_LIMIT = 8_000_000;

let folder: string;
let files: string[];
const vsix = () => join(folder, 'layerglass.vsix');
const unpacked = (...parts: string[]) => join(folder, 'unpacked', 'extension', ...parts);

beforeAll(async () => {
  // Outside the project, so that its node_modules cannot be found.
  folder = await mkdtemp(join(tmpdir(), 'layerglass-vsix-'));
  await run(process.execPath, [join(project, 'scripts/package.mjs'), '--out', vsix()]);
  files = await unpack(vsix(), join(folder, 'unpacked'));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function unpack(archive: string, target: string): Promise<string[]> {
  const names: string[] = [];
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    const path = join(target, entry.fileName);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
    names.push(entry.fileName);
  }
  return names;
}

test('the VSIX contains the bundles and nothing that should not be published', async () => {
  const inExtension = files.filter((name) => name.startsWith('extension/'));
  expect(inExtension).toEqual(
    expect.arrayContaining([
      'extension/package.json',
      'extension/readme.md',
      'extension/dist/extension.js',
      'extension/dist/server.js',
      'extension/dist/cli.js',
      'extension/dist/webview/explain.js',
      'extension/dist/wasm/tfjs-backend-wasm-simd.wasm',
    ]),
  );
  const allowed = /^extension\/(package\.json|readme\.md|changelog\.md|LICENSE\.txt|dist\/|media\/)/;
  expect(inExtension.filter((name) => !allowed.test(name))).toEqual([]);
  expect(inExtension.filter((name) => name.endsWith('.map'))).toEqual([]);
  expect((await stat(vsix())).size).toBeLessThan(SIZE_LIMIT);
});

test('the unpacked server explains a prediction on the wasm backend without node_modules', async () => {
  const server = await startServer(unpacked('dist/server.js'), { backend: 'wasm' });
  try {
    expect(await server.request(backendStatus, {})).toMatchObject({ ok: true, value: { name: 'wasm' } });
    const opened = await server.request(openModel, { path: model });
    if (!opened.ok) throw new Error(opened.error.message);
    const explained = await server.request(explain, {
      modelId: opened.value.modelId,
      inputs: [{ kind: 'random', seed: 1 }],
      preprocessing: { name: 'none' },
      method: 'grad-cam',
      layer: 'auto',
      target: { index: 'auto' },
    });
    if (!explained.ok) throw new Error(explained.error.message);
    expect(explained.value.backend).toBe('wasm');
    expect(explained.value.predictions.length).toBeGreaterThan(0);
  } finally {
    await server.stop();
  }
});

test('the unpacked command line lists a model', async () => {
  const { stdout } = await run(process.execPath, [unpacked('dist/cli.js'), 'inspect', model, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ format: 'keras', params: { total: 201 } });
});
