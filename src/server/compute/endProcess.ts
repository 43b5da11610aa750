// biome-ignore lint/style/noRestrictedImports: writes to stderr past the main thread, through which streams of a worker go.
import { writeSync } from 'node:fs';
import { EXIT_REASON_PREFIX } from './exitReason';

const STDERR = 2;

/** Ends the process from a worker thread, whatever its main thread does. @param reason as `exitReason` returns it. */
export function endProcess(reason: string): void {
  try {
    // Synchronously, bypassing the main thread, which may never get to send a message.
    writeSync(STDERR, `\n${EXIT_REASON_PREFIX}${reason}\n`);
  } finally {
    // The write fails when the server is gone.
    process.kill(process.pid, 'SIGKILL');
  }
}
