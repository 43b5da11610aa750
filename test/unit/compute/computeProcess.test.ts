import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ComputeProcess } from '../../../src/server/compute/computeProcess';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-process-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A compute process that runs `script` instead of ours. */
function start(script: string): ComputeProcess {
  const file = join(folder, 'child.cjs');
  writeFileSync(file, script);
  const child = fork(file, { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'] });
  return new ComputeProcess(
    child,
    { backend: 'cpu', nativePath: '', customLayers: [], memoryLimit: 0, threads: 0 },
    { backendStarted: () => {}, progress: () => {}, reached: () => {}, log: () => {} },
  );
}

test('the end of a process says why', async () => {
  const running = start('process.stderr.write("out of luck"); process.exitCode = 3; process.disconnect();');
  expect(await running.ended).toMatch(/3/);
});

test('a process is gone although another one keeps its streams open', async () => {
  const began = Date.now();
  const running = start(`
    require('node:child_process').spawn('sleep', ['20'], { stdio: ['ignore', 'inherit', 'inherit'], detached: true }).unref();
    process.kill(process.pid, 'SIGKILL');
  `);
  const asked = running.backend();
  expect(await running.ended).toMatch(/SIGKILL/);
  expect((await asked).kind).toBe('ended');
  expect(Date.now() - began).toBeLessThan(15_000);
});
