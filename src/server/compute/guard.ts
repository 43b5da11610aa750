/**
 * Runs in a worker thread of the compute process, whose main thread may be busy in one kernel for minutes. Ends the process
 * when it exceeds its memory limit or when its server is gone.
 */
// biome-ignore lint/style/noRestrictedImports: writes to stderr past the main thread, through which streams of a worker go.
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { byteText } from '../../shared/amounts';
import { EXIT_REASON_PREFIX } from './exitReason';

const CHECK_INTERVAL_MS = 200;
const STDERR = 2;

const data: unknown = workerData;
const maxBytes =
  typeof data === 'object' && data !== null && 'maxBytes' in data && typeof data.maxBytes === 'number'
    ? data.maxBytes
    : Number.POSITIVE_INFINITY;
const serverPid = process.ppid;

setInterval(() => {
  const taken = process.memoryUsage.rss();
  if (taken > maxBytes) {
    exit(`it took ${byteText(taken)} of memory, more than the limit of ${byteText(maxBytes)}`);
  }
  if (process.ppid !== serverPid) exit('its server is gone');
}, CHECK_INTERVAL_MS);

function exit(reason: string): void {
  try {
    // Synchronously, bypassing the main thread, which may never get to send a message.
    writeSync(STDERR, `\n${EXIT_REASON_PREFIX}${reason}\n`);
  } finally {
    // The write fails when the server is gone.
    process.kill(process.pid, 'SIGKILL');
  }
}
