import { type Control, NO_CONTROL } from '../../server/run/control';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Calls `work` with a control that is cancelled by Ctrl+C, and by what a scheduler sends before it ends a task. Work stops at its next checkpoint;
 * a second signal ends the process at once.
 */
export async function untilStopped<T>(work: (control: Control) => Promise<T>): Promise<T> {
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    return await work({ ...NO_CONTROL, isCancelled: () => isStopped });
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  }
}
