import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import * as protocol from '../../../src/shared/protocol';
import { fixture, layerglass } from '../cliProcess';
import { saliency, startServer, value } from '../serverProcess';

const PROJECT = resolve(import.meta.dirname, '../../..');
const PATIENCE_MS = 120_000;

/** What is measured is kept beside the bundles: those here are for this test alone. */
const folder = mkdtempSync(join(tmpdir(), 'layerglass-dist-'));
const dist = join(folder, 'dist');
const file = join(dist, 'backends.json');
cpSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
cpSync(join(PROJECT, 'dist'), dist, {
  recursive: true,
  filter: (path) => !/[\\/](compiled|webview|backends\.json)$/.test(path),
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an idle server measures the backends once, and later starts go by it', {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  const server = await startServer(join(dist, 'server.js'));
  const before = value(await server.request(protocol.backendStatus, {}));
  expect(before.reason).toMatch(/^the best that is there/);
  const { modelId } = value(await server.request(protocol.openModel, { path: fixture('golden/toy.keras') }));
  value(await server.request(protocol.explain, saliency(modelId)));
  // Written empty at first, to see whether it can be kept.
  await vi.waitFor(() => expect(measured()).toHaveLength(1), { timeout: PATIENCE_MS, interval: 500 });
  await server.stop();
  const later = await startServer(join(dist, 'server.js'));
  const { reason } = value(await later.request(protocol.backendStatus, {}));
  expect(reason).toMatch(/^the fastest here, measured on /);
  await later.stop();
});

test('the command line goes by it', async () => {
  const [entry] = measured();
  writeFileSync(file, JSON.stringify({ measured: [{ ...entry, milliseconds: { onnx: 90, wasm: 9 } }] }));
  const model = [
    'run',
    fixture('golden/toy.keras'),
    '--input',
    'random:1',
    '--out',
    join(folder, 'out'),
    '--json',
  ];
  const { stdout } = await layerglass(model, join(dist, 'cli.js'));
  expect(JSON.parse(stdout)).toMatchObject({ backend: 'wasm' });
});

const measured = (): object[] => JSON.parse(readFileSync(file, 'utf8')).measured;
