import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SpareProcess } from '../../../src/server/compute/spareProcess';

class FakeProcess extends EventEmitter {
  readonly kill = vi.fn();
}

let started: FakeProcess[] = [];
const start = (): ChildProcess => {
  started.push(new FakeProcess());
  return started.at(-1) as unknown as ChildProcess;
};

beforeEach(() => {
  started = [];
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

test('the first process starts immediately and is taken once', () => {
  const spare = new SpareProcess(start);
  expect(started).toHaveLength(1);
  expect(spare.take()).toBe(started[0]);
  expect(spare.take()).toBe(started[1]);
  vi.advanceTimersByTime(60_000);
  spare.end();
  for (const { kill } of started) expect(kill).not.toHaveBeenCalled();
});

test('an unused process is ended, and the next one is new', () => {
  const spare = new SpareProcess(start);
  vi.advanceTimersByTime(60_000);
  expect(started[0]?.kill).toHaveBeenCalledOnce();
  expect(started).toHaveLength(1);
  expect(spare.take()).toBe(started[1]);
});

test.each(['exit', 'error'])('a process that is gone by itself is not handed out (%s)', (event) => {
  const spare = new SpareProcess(start);
  started[0]?.emit(event, new Error('not started'));
  expect(spare.take()).toBe(started[1]);
});

test('it ends with the server', () => {
  const spare = new SpareProcess(start);
  spare.end();
  expect(started[0]?.kill).toHaveBeenCalledOnce();
});
