import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyWasm, nodeBundle } from '../../../scripts/build.mjs';

const root = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** Laid out like `dist`: each start of the backend is a process of its own. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layerglass-threads-'));
  copyWasm(folder);
  await build({
    ...nodeBundle(folder),
    entryPoints: {
      network: join(root, 'test/unit/run/threadedNetwork.ts'),
      wasmThread: join(root, 'src/server/compute/wasmThread.ts'),
    },
    outdir: folder,
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly detail: string;
  /** By layer. */
  readonly values: readonly (readonly number[])[];
}

/** Ends without being told to, although threads wait for work. */
async function network(...options: string[]): Promise<Outcome> {
  const { stdout, stderr } = await run(process.execPath, [join(folder, 'network.js'), ...options], {
    timeout: 60_000,
    maxBuffer: 2 ** 26,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('two threads compute the values that one computes', async () => {
  const one = await network('1');
  const two = await network('2');
  expect(one.detail).toBe('one thread');
  expect(two.detail).toBe('2 threads');
  for (const [layer, values] of one.values.entries()) {
    const others = two.values[layer] ?? [];
    expect(others).toHaveLength(values.length);
    const farthest = values.reduce(
      (worst, value, i) => Math.max(worst, Math.abs(value - (others[i] ?? 0))),
      0,
    );
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0);
    expect(farthest).toBeLessThanOrEqual(1e-6 * largest);
  }
}, 120_000);

test('more threads than the module supports are not started', async () => {
  expect((await network('20')).detail).toBe('8 threads');
}, 120_000);

test('one thread computes where others do not start, and the log says why', async () => {
  const one = await network('1');
  const { detail, values } = await network('2', join(folder, 'missing.js'));
  expect(detail).toMatch(/^one thread \(others did not start: .*missing\.js/);
  expect(values).toEqual(one.values);
}, 120_000);
