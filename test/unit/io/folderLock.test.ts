import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LOCK, lockFolder } from '../../../src/server/io/folderLock';
import { Failure } from '../../../src/shared/errors';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lock = (): string => join(folder, LOCK);
const leave = (owner: unknown): void => writeFileSync(lock(), JSON.stringify(owner));
const here = { host: hostname(), since: Date.now() };

function refusal(): { message: string; remedy: string } {
  try {
    lockFolder(folder);
  } catch (thrown) {
    if (thrown instanceof Failure)
      return { message: thrown.error.message, remedy: thrown.error.remedy ?? '' };
    throw thrown;
  }
  throw new Error('The folder was taken.');
}

/** The number of a process that runs until `end`. */
async function otherProcess(): Promise<{ pid: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("here")'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const closed = once(child, 'close');
  return {
    pid: child.pid ?? 0,
    async end() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

test('a folder is made, taken, and given back without a trace', () => {
  const inner = join(folder, 'out/part');
  const { release } = lockFolder(inner);
  expect(JSON.parse(readFileSync(join(inner, LOCK), 'utf8'))).toMatchObject({
    pid: process.pid,
    host: hostname(),
  });
  expect(readdirSync(inner)).toEqual([LOCK]);
  release();
  expect(readdirSync(inner)).toEqual([]);
});

test('a process that lives keeps others out; one that was killed does not', async () => {
  const other = await otherProcess();
  leave({ ...here, pid: other.pid });
  const { message, remedy } = refusal();
  expect(message).toBe(`Process ${other.pid} on ${hostname()} is writing into ${folder}.`);
  expect(remedy).toContain(`delete ${lock()}`);
  expect(readdirSync(folder)).toEqual([LOCK]);
  await other.end();
  lockFolder(folder).release();
  expect(existsSync(lock())).toBe(false);
});

test('a lock from before the machine was started is of no process', async () => {
  const other = await otherProcess();
  try {
    leave({ ...here, pid: other.pid, since: 0 });
    lockFolder(folder).release();
    expect(existsSync(lock())).toBe(false);
  } finally {
    await other.end();
  }
});

test('a lock of another machine stays until nobody has touched it for two minutes', () => {
  const other = { pid: 1, host: 'another-machine', since: 0 };
  const touched = (secondsAgo: number) => {
    const time = new Date(Date.now() - secondsAgo * 1000);
    leave(other);
    utimesSync(lock(), time, time);
  };
  touched(60);
  const { message, remedy } = refusal();
  expect(message).toBe(`Process 1 on another-machine is writing into ${folder}.`);
  expect(remedy).toContain('two minutes later');
  touched(180);
  lockFolder(folder).release();
  expect(existsSync(lock())).toBe(false);
});

test('the owner touches its lock', () => {
  vi.useFakeTimers();
  try {
    const { release } = lockFolder(folder);
    utimesSync(lock(), new Date(0), new Date(0));
    vi.advanceTimersByTime(60_000);
    expect(statSync(lock()).mtimeMs).toBeGreaterThan(0);
    release();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('what is no lock stays', () => {
  writeFileSync(lock(), 'not a lock');
  expect(refusal().message).toBe(`Another process is writing into ${folder}.`);
  expect(readFileSync(lock(), 'utf8')).toBe('not a lock');
});

test('what another process has put in its place is not removed', () => {
  const { release } = lockFolder(folder);
  leave({ pid: 1, host: 'another-machine', since: 1 });
  release();
  expect(existsSync(lock())).toBe(true);
});
