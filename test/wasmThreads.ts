import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { nodeBundle } from '../scripts/build.mjs';
import type { WasmOptions } from '../src/server/run/backends/wasm';

const root = resolve(import.meta.dirname, '..');

/**
 * How tests start the wasm backend: with as many threads as `LAYERGLASS_THREADS` says, as the project `unit-threads` of
 * vitest.config.mts does, else with one.
 */
export async function wasmOptions(): Promise<WasmOptions> {
  const threads = Number(process.env.LAYERGLASS_THREADS ?? 1);
  if (threads === 1) return {};
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-thread-'));
  const threadFile = join(folder, 'wasmThread.js');
  await build({
    ...nodeBundle(folder),
    entryPoints: [join(root, 'src/server/compute/wasmThread.ts')],
    outfile: threadFile,
  });
  return { threads, threadFile };
}
