import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress, MIN_REPORT_INTERVAL_MS } from '../../src/server/answers/progress';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function heard(params: unknown) {
  const said: unknown[] = [];
  const sendProgress = async (_type: unknown, _token: unknown, value: unknown) => void said.push(value);
  return { said, progress: createProgress({ sendProgress }, params) };
}

test('the layer that takes long is named, however soon it came after the one before', () => {
  const { said, progress } = heard({ workDoneToken: 't' });
  progress.report(0, 'Computing input');
  progress.report(0.3, 'Computing conv');
  progress.report(0.5, 'Computing pool');
  expect(said).toEqual([{ kind: 'begin', title: 'Computing input', percentage: 0 }]);
  vi.advanceTimersByTime(MIN_REPORT_INTERVAL_MS);
  expect(said.slice(1)).toEqual([{ kind: 'report', message: 'Computing pool', percentage: 50 }]);
  progress.end();
  expect(said.at(-1)).toEqual({ kind: 'end' });
});

test('nothing is said after the end, nor without a token', () => {
  const { said, progress } = heard({ workDoneToken: 1 });
  progress.report(0, 'Computing input');
  progress.report(1, 'Computing pool');
  progress.end();
  vi.advanceTimersByTime(1000);
  expect(said).toHaveLength(2);
  const unasked = heard({});
  unasked.progress.report(0, 'Computing input');
  unasked.progress.end();
  expect(unasked.said).toEqual([]);
});
