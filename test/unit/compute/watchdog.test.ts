import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { exitReason } from '../../../src/server/compute/exitReason';
import { FIRST_PROMPT_MS, Watchdog } from '../../../src/server/compute/watchdog';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Answer = 'stop' | 'wait' | null;

function watched(answer: Answer) {
  const asked: [string, number][] = [];
  let isStopped = false;
  const watchdog = new Watchdog(async (doing, seconds) => {
    asked.push([doing, seconds]);
    return answer;
  });
  void watchdog.stopped.then(() => {
    isStopped = true;
  });
  return { watchdog, asked, isStopped: () => isStopped };
}

test('asks about a run without progress for 20 seconds, then less and less often', async () => {
  const { watchdog, asked, isStopped } = watched('wait');
  watchdog.progress('Computing conv1');
  await vi.advanceTimersByTimeAsync(FIRST_PROMPT_MS - 1);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual([['Computing conv1', 20]]);
  await vi.advanceTimersByTimeAsync(FIRST_PROMPT_MS * 2);
  expect(asked).toEqual([
    ['Computing conv1', 20],
    ['Computing conv1', 60],
  ]);
  expect(isStopped()).toBe(false);
  watchdog.dispose();
});

test('stops only when the user says so', async () => {
  const { isStopped } = watched('stop');
  await vi.advanceTimersByTimeAsync(FIRST_PROMPT_MS);
  expect(isStopped()).toBe(true);
});

test('a run that made progress or ended while the prompt was shown is not stopped', async () => {
  let reply: (answer: Answer) => void = () => {};
  let isStopped = false;
  const watchdog = new Watchdog(() => new Promise((resolve) => (reply = resolve)));
  void watchdog.stopped.then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(FIRST_PROMPT_MS);
  watchdog.progress('Computing conv2');
  reply('stop');
  await vi.advanceTimersByTimeAsync(1);
  expect(isStopped).toBe(false);

  await vi.advanceTimersByTimeAsync(FIRST_PROMPT_MS);
  watchdog.dispose();
  reply('stop');
  await vi.advanceTimersByTimeAsync(1);
  expect(isStopped).toBe(false);
});

test('progress every ten seconds keeps the prompt away', async () => {
  const { watchdog, asked } = watched('stop');
  for (let i = 0; i < 10; i++) {
    await vi.advanceTimersByTimeAsync(FIRST_PROMPT_MS / 2);
    watchdog.progress(`Computing layer ${i}`);
  }
  expect(asked).toEqual([]);
  watchdog.dispose();
});

test('why a process ended', () => {
  expect(exitReason('Noise\n\nlayerglass-compute-ended: it took 7 GB\nmore noise', null, 'SIGKILL')).toBe(
    'it took 7 GB',
  );
  expect(
    exitReason(
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      134,
      null,
    ),
  ).toBe('JavaScript ran out of memory');
  expect(exitReason('', null, 'SIGKILL')).toBe('it was ended by SIGKILL');
  expect(exitReason('', 1, null)).toBe('it ended with code 1');
});

test('a client that cannot ask does not end the server', async () => {
  let times = 0;
  const watchdog = new Watchdog(() => {
    times++;
    return Promise.reject(new Error('Unhandled method window/showMessageRequest'));
  });
  await vi.advanceTimersByTimeAsync(FIRST_PROMPT_MS * 3);
  expect(times).toBe(2);
  watchdog.dispose();
});
