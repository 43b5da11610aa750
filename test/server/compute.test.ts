import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { Result } from '../../src/shared/errors';
import * as protocol from '../../src/shared/protocol';
import { activation, writeTfjs } from './badModels';
import { fixture } from './cliProcess';
import { errorOf, type ServerProcess, saliency, startServer, value } from './serverProcess';

const SERVER = resolve(import.meta.dirname, '../../dist/server.js');
const TOY = fixture('golden/toy.keras');
/** In GiB; a Node process with the wasm backend takes about 0.2. */
const MEMORY_LIMIT = 1;

let folder = '';
let server: ServerProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-compute-'));
  server = await startServer(SERVER, { backend: 'wasm', memoryLimit: MEMORY_LIMIT });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (on: ServerProcess, path: string): Promise<string> =>
  value(await on.request(protocol.openModel, { path })).modelId;

/** Explains another model, which shows that the server still works. */
async function expectAlive(on = server): Promise<void> {
  const modelId = await open(on, TOY);
  expect(value(await on.request(protocol.explain, saliency(modelId))).layer).toBe('x');
}

/** A model of under 1 KB whose only layer makes 4e12 comparisons. */
const pooling = (): string =>
  writeTfjs(
    join(folder, 'pooling'),
    [2048, 2048, 1],
    [
      {
        class_name: 'MaxPooling2D',
        config: { name: 'pool', pool_size: [1024, 1024], strides: [1, 1], padding: 'same' },
      },
    ],
  );

/** A chain of activations whose values take 64 MB before and 64 MB after each. */
const chain = (length: number): string =>
  writeTfjs(
    join(folder, `chain-${length}`),
    [4096, 4096, 1],
    Array.from({ length }, (_, i) => activation(`a${i}`)),
  );

const children = (pid: number | undefined): number[] =>
  execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row))
    .filter((row) => row !== null && Number(row[2]) === pid && row[3]?.includes('--compute') === true)
    .map((row) => Number(row?.[1]));

async function eventually(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !condition(); i++) await new Promise((done) => setTimeout(done, 100));
  expect(condition()).toBe(true);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Starts a run of the pooling model that would take hours, and waits until it computes the gradient of the pooling. */
async function startEndless(on: ServerProcess, token = new CancellationTokenSource().token) {
  const modelId = await open(on, pooling());
  const computing = new Promise<void>((done) => {
    on.connection.onNotification('$/progress', ({ value: { message, title } }) => {
      if (/Back through pool/.test(message ?? title ?? '')) done();
    });
  });
  const running = on.connection.sendRequest<Result<unknown>>(
    protocol.explain.method,
    { ...saliency(modelId, { insist: true }), workDoneToken: 'endless' },
    token,
  );
  await computing;
  // Progress is reported just before the kernel starts.
  await new Promise((done) => setTimeout(done, 300));
  return { modelId, running };
}

describe('a run that would cost too much', () => {
  test('time is refused with an estimate', async () => {
    const modelId = await open(server, pooling());
    const error = errorOf(await server.request(protocol.explain, saliency(modelId)));
    expect(error).toMatchObject({ kind: 'too-costly', subject: 'pool' });
    expect(error.message).toMatch(
      /^A run of model\.json on this input would take about \d+ (min|h), most of it in layer "pool"\.$/,
    );
    expect(error.remedy).toMatch(/anyway/);
    await expectAlive();
  });

  test('memory is refused with an estimate', async () => {
    const modelId = await open(server, chain(100));
    const error = errorOf(await server.request(protocol.explain, saliency(modelId)));
    expect(error.kind).toBe('too-costly');
    expect(error.message).toMatch(/would take about [\d.]+ GB of memory, most of it for layer "/);
    await expectAlive();
  });
});

describe('a process that is busy in one kernel', () => {
  test('does not delay the opening of a model, and ends when its request is cancelled', async () => {
    const source = new CancellationTokenSource();
    const { running } = await startEndless(server, source.token);
    const before = children(server.process.pid);
    await open(server, fixture('weights/frozen.keras'));
    source.cancel();
    expect(errorOf(await running).kind).toBe('cancelled');
    await eventually(() => before.every((pid) => !isAlive(pid)));
    // A cancelled request, unlike one that ended its process, may be repeated; other models work immediately.
    await expectAlive();
  });

  test('ends when its server is killed', async () => {
    const other = await startServer(SERVER, { backend: 'wasm' });
    const { running } = await startEndless(other);
    running.catch(() => {});
    const [child = 0] = children(other.process.pid);
    expect(isAlive(child)).toBe(true);
    const ended = once(other.process, 'exit');
    other.process.kill('SIGKILL');
    await ended;
    other.connection.dispose();
    await eventually(() => !isAlive(child));
  });
});

describe('a process that is suspended by a signal', () => {
  test('is ended when its request is cancelled, and when its server ends', async () => {
    const other = await startServer(SERVER, { backend: 'wasm' });
    const modelId = await open(other, TOY);
    await expectAlive(other);
    const [first = 0] = children(other.process.pid);
    process.kill(first, 'SIGSTOP');
    const source = new CancellationTokenSource();
    const requested = other.connection.sendRequest<Result<unknown>>(
      protocol.explain.method,
      saliency(modelId, { inputs: [{ kind: 'random', seed: 77 }] }),
      source.token,
    );
    // Until the request has reached the process.
    await new Promise((done) => setTimeout(done, 500));
    source.cancel();
    expect(errorOf(await requested).kind).toBe('cancelled');
    await eventually(() => !isAlive(first));
    await expectAlive(other);

    const [second = 0] = children(other.process.pid);
    process.kill(second, 'SIGSTOP');
    const ended = once(other.process, 'exit');
    other.process.stdin?.end();
    await ended;
    other.connection.dispose();
    await eventually(() => !isAlive(second));
  });
});

describe('a process that ends', () => {
  test('while it is idle is not restarted until a request needs it', async () => {
    const started: string[] = [];
    const other = await startServer(SERVER, { backend: 'wasm', memoryLimit: 1e-3 });
    other.connection.onNotification('window/logMessage', ({ message }) => {
      if (/^Compute process \d+ started/.test(message)) started.push(message);
    });
    const modelId = await open(other, TOY);
    const [first = 0] = children(other.process.pid);
    expect(isAlive(first)).toBe(true);
    process.kill(first, 'SIGKILL');
    await eventually(() => !isAlive(first));
    await new Promise((done) => setTimeout(done, 500));
    expect(started).toHaveLength(1);
    // A process can always start, however low the limit is.
    expect((await other.request(protocol.explain, saliency(modelId))).ok).toBe(true);
    expect(started).toHaveLength(2);
    await other.stop();
  });

  test('during a request reports why, and the request is not repeated automatically', async () => {
    const { modelId, running } = await startEndless(server);
    const [child = 0] = children(server.process.pid);
    process.kill(child, 'SIGKILL');
    const error = errorOf(await running);
    expect(error).toMatchObject({ kind: 'compute-ended' });
    expect(error.message).toBe(
      'The analysis of model.json on this input ended its process: it was ended by SIGKILL.',
    );
    const again = errorOf(
      await server.request(protocol.layerValues, { ...saliency(modelId), layer: 'pool' }),
    );
    expect(again.kind).toBe('compute-ended');
    expect(again.message).toMatch(/ended the analysis process before: it was ended by SIGKILL/);
    // A new process starts before the next request.
    await eventually(() => children(server.process.pid).some((pid) => pid !== child));
    await expectAlive();
  });

  test('leaves waiting requests to the next process', async () => {
    const { running } = await startEndless(server);
    const modelId = await open(server, TOY);
    const waiting = [1, 2, 3].map((seed) =>
      server.request(protocol.explain, saliency(modelId, { inputs: [{ kind: 'random', seed }] })),
    );
    const [child = 0] = children(server.process.pid);
    process.kill(child, 'SIGKILL');
    expect((await running).ok).toBe(false);
    expect((await Promise.all(waiting)).map((result) => result.ok)).toEqual([true, true, true]);
    expect(children(server.process.pid)).toHaveLength(1);
  });

  test('at its memory limit refuses to go on and does not exceed the limit', async () => {
    const modelId = await open(server, chain(100));
    await expectAlive();
    const [child = 0] = children(server.process.pid);
    let peak = 0;
    const watch = setInterval(() => {
      const status = `/proc/${child}/status`;
      if (existsSync(status)) peak = Math.max(peak, peakOf(status));
    }, 20);
    const error = errorOf(await server.request(protocol.explain, saliency(modelId, { insist: true })));
    clearInterval(watch);
    expect(error.kind).toBe('too-large');
    expect(error.message).toMatch(
      /^Layer ".+" \(\w+\) needs [\d.]+ \w+ more memory, and the limit is [\d.]+ GB\.$/,
    );
    // The guard checks every 200 ms.
    if (peak > 0) expect(peak).toBeLessThan((MEMORY_LIMIT + 0.75) * 2 ** 30);
    await expectAlive();
  });
});

describe('a process that takes far more memory than it uses', () => {
  test('is replaced between two requests, but not earlier', async () => {
    const other = await startServer(SERVER, { backend: 'wasm', memoryLimit: 2 });
    const large = { ...saliency(await open(other, chain(15)), { insist: true }), layer: 'a0' };
    value(await other.request(protocol.layerValues, large));
    const [first = 0] = children(other.process.pid);
    expect(residentOf(first)).toBeGreaterThan(2 ** 30);
    value(await other.request(protocol.layerValues, large));
    expect(isAlive(first)).toBe(true);
    // A run of another model frees the values, but WebAssembly never returns memory to the system.
    await expectAlive(other);
    await eventually(() => !isAlive(first));
    await eventually(() => children(other.process.pid).length === 1);
    await expectAlive(other);
    await other.stop();
  });
});

const residentOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

function peakOf(status: string): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
