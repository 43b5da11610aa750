import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPromise } from 'yauzl';
import manifest from '../../package.json' with { type: 'json' };
import { TARGETS, targetHere, UNIVERSAL } from '../../scripts/bundle/onnxRuntime.mjs';
import type { BackendName } from '../../src/shared/model';
import { backendStatus, explain, openModel } from '../../src/shared/protocol';
import { loadTimeImports } from './loadTimeImports';
import { startServer } from './serverProcess';

const run = promisify(execFile);
const project = resolve(import.meta.dirname, '../..');
const script = join(project, 'scripts/package.mjs');
const model = join(project, 'samples/1-sequence/motif.keras');
const here = targetHere();
const platforms = TARGETS.filter((target) => target !== UNIVERSAL);

let folder: string;
const vsix = (target: string) => join(folder, `layerglass-${target}-${manifest.version}.vsix`);
const unpacked = (target: string, ...parts: string[]) => join(folder, target, 'extension', ...parts);
const filesOf = new Map<string, readonly string[]>();

beforeAll(async () => {
  // Outside the project, so that its node_modules cannot be found.
  folder = await mkdtemp(join(tmpdir(), 'layerglass-vsix-'));
  await run(process.execPath, [script, '--all', '--out', folder]);
  for (const target of TARGETS) filesOf.set(target, await unpack(vsix(target), join(folder, target)));
}, 300_000);
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

function inExtension(target: string): string[] {
  return (filesOf.get(target) ?? []).filter((name) => name.startsWith('extension/'));
}

describe.each(TARGETS)('the VSIX for %s', (target) => {
  test('contains the bundles and nothing that should not be published', async () => {
    const files = inExtension(target);
    expect(files).toEqual(
      expect.arrayContaining([
        'extension/package.json',
        'extension/package.nls.de.json',
        'extension/l10n/bundle.l10n.zh-cn.json',
        'extension/readme.md',
        'extension/dist/extension.js',
        'extension/dist/server.js',
        'extension/dist/wasmThread.js',
        'extension/dist/cli.js',
        'extension/dist/webview/explain.js',
        'extension/dist/wasm/tfjs-backend-wasm-simd.wasm',
        'extension/samples/4-cat-or-dog/cat-or-dog.keras',
      ]),
    );
    const allowed =
      /^extension\/(package(\.nls(\.\w\w(-\w\w)?)?)?\.json|l10n\/bundle\.l10n\.[\w-]+\.json$|readme\.md|changelog\.md|LICENSE\.txt|dist\/|media\/|samples\/(README\.md$|\d-))/;
    expect(files.filter((name) => !allowed.test(name))).toEqual([]);
    expect(files.filter((name) => name.endsWith('.map'))).toEqual([]);
  });

  test('contains the licence of every package', async () => {
    const notices = await readFile(unpacked(target, 'dist/ThirdPartyNotices.txt'), 'utf8');
    const sections = notices.split(/^-{80}\n\n/m);
    // Some with a licence file, some without.
    for (const name of ['h5wasm', 'zod', 'yauzl', 'd3-color', '@tensorflow/tfjs-core', 'seedrandom']) {
      const section = sections.find((text) => text.startsWith(`${name} `));
      expect(section, name).toMatch(/licen[cs]e|copyright/i);
    }
  });

  test('says which platform it is for', async () => {
    const text = await readFile(join(folder, target, 'extension.vsixmanifest'), 'utf8');
    const [, platform] = /TargetPlatform="([^"]*)"/.exec(text) ?? [];
    expect(platform).toBe(target === UNIVERSAL ? undefined : target);
  });
});

test('the universal VSIX contains no native library', () => {
  expect(inExtension(UNIVERSAL).filter((name) => /onnx|\.(node|so|dylib|dll)(\.|$)/.test(name))).toEqual([]);
});

test.each(platforms)('the VSIX for %s contains what its binding loads, and the licences', async (target) => {
  const files = await readdir(unpacked(target, 'dist/onnx'));
  expect(files).toEqual(
    expect.arrayContaining(['onnxruntime_binding.node', 'LICENSE', 'ThirdPartyNotices.txt']),
  );
  // What ONNX Runtime brings itself must not be looked for elsewhere; the rest is the system's.
  const brought = await readdir(
    join(project, 'node_modules/onnxruntime-node/bin/napi-v6', ...target.split('-')),
  );
  const libraries = files.filter((name) => brought.includes(name));
  expect(libraries).toHaveLength(2);
  for (const library of libraries) {
    const imports = loadTimeImports(await readFile(unpacked(target, 'dist/onnx', library)));
    expect(imports.length).toBeGreaterThan(0);
    const own = imports.map((name) => basename(name)).filter((name) => brought.includes(name));
    expect(libraries).toEqual(expect.arrayContaining(own));
    if (library.endsWith('.node')) expect(own).toHaveLength(1);
  }
});

/** Explains a prediction with the unpacked server of a target; it has no node_modules in reach. */
async function explainOn(target: string, asked: 'auto' | BackendName): Promise<BackendName> {
  const server = await startServer(unpacked(target, 'dist/server.js'), { backend: asked });
  try {
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
    expect(explained.value.predictions.length).toBeGreaterThan(0);
    expect(await server.request(backendStatus, {})).toMatchObject({
      ok: true,
      value: { name: explained.value.backend },
    });
    return explained.value.backend;
  } finally {
    await server.stop();
  }
}

test('the unpacked server of the universal VSIX computes on wasm', async () => {
  expect(await explainOn(UNIVERSAL, 'auto')).toBe('wasm');
});

test.runIf(here !== UNIVERSAL)('the unpacked server of this platform computes on onnx', async () => {
  expect(await explainOn(here, 'onnx')).toBe('onnx');
});

test('a VSIX of another platform, which an editor installs when told to, computes on wasm', async () => {
  const other = here === 'win32-x64' ? 'linux-x64' : 'win32-x64';
  expect(await explainOn(other, 'onnx')).toBe('wasm');
});

test('the unpacked command line lists a model', async () => {
  const { stdout } = await run(process.execPath, [unpacked(here, 'dist/cli.js'), 'inspect', model, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ format: 'keras', params: { total: 201 } });
});

test('the unpacked command line explains sample 4', async () => {
  const cat = join(project, 'samples/4-cat-or-dog');
  const image = ['--input', join(cat, 'cat.png'), '--out', join(folder, 'map.png')];
  const args = ['explain', join(cat, 'cat-or-dog.keras'), ...image, '--json'];
  const { stdout } = await run(process.execPath, [unpacked(here, 'dist/cli.js'), ...args]);
  expect(JSON.parse(stdout)).toMatchObject({
    predictions: [{ label: 'cat', logit: expect.closeTo(9.85465, 3) }, { label: 'dog' }],
  });
});

test('an unknown target is refused with the list of targets', async () => {
  const refused = run(process.execPath, [script, '--target', 'beos-x64']);
  await expect(refused).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`Unknown target beos-x64: choose one of ${TARGETS.join(', ')}.`),
  });
});
