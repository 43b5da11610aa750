import type { BatchProgress } from '../../shared/batch/batchProgress';
import { visible } from '../../shared/text';

/** Between two lines where nobody watches, and between two changes of the line on a terminal. */
const PACE_MS = 5000;
const TERMINAL_PACE_MS = 100;
/** Inputs whose mean time the estimate is made from. */
const RECENT = 50;

/**
 * Says on stderr how far a batch is and how long it will take: on one line of a terminal, else as a line every few seconds. A program that
 * started this process with a channel gets each step as a message.
 */
export function batchProgress(total: number, doneBefore: number) {
  const isTerminal = process.stderr.isTTY;
  const times: number[] = [performance.now()];
  let last = Number.NEGATIVE_INFINITY;
  let done = doneBefore;
  let failed = 0;
  const secondsLeft = (): number | null => {
    const [first = 0] = times;
    const steps = times.length - 1;
    return steps === 0 ? null : (((times.at(-1) ?? first) - first) / steps / 1000) * (total - done);
  };
  const say = (name: string): void => {
    const left = secondsLeft();
    const text = visible(
      `${done} of ${total}${failed > 0 ? `, ${failed} failed` : ''}${left === null ? '' : `, ${durationText(left)} left`}: ${name}`,
    );
    process.stderr.write(
      isTerminal ? `\r\u001b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}` : `${text}\n`,
    );
  };
  return {
    /** One more input is done. */
    add(name: string, isFailed: boolean): void {
      done += 1;
      if (isFailed) failed += 1;
      const now = performance.now();
      times.push(now);
      if (times.length > RECENT) times.shift();
      const step: BatchProgress = { done, total, failed, secondsLeft: secondsLeft(), name };
      if (process.connected) process.send?.(step);
      if (now - last < (isTerminal ? TERMINAL_PACE_MS : PACE_MS)) return;
      last = now;
      say(name);
    },
    end(): void {
      if (isTerminal) process.stderr.write('\r\u001b[2K');
    },
  };
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
