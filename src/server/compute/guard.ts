/**
 * Runs in a thread of its own inside the compute process, whose main thread may be busy in one kernel for minutes: ends the
 * process when it takes more memory than it may, and when the server that it works for is gone.
 */
// biome-ignore lint/style/noRestrictedImports: writes to stderr past the main thread, through which streams of a worker go.
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { byteText } from '../../shared/amounts';
import { ENDED_BECAUSE } from './endedBecause';

const LOOK_EVERY_MS = 200;
const STDERR = 2;

const data: unknown = workerData;
const maxBytes =
  typeof data === 'object' && data !== null && 'maxBytes' in data && typeof data.maxBytes === 'number'
    ? data.maxBytes
    : Number.POSITIVE_INFINITY;
const server = process.ppid;

setInterval(() => {
  const taken = process.memoryUsage.rss();
  if (taken > maxBytes) {
    end(`it took ${byteText(taken)} of memory, more than the limit of ${byteText(maxBytes)}`);
  }
  if (process.ppid !== server) end('its server is gone');
}, LOOK_EVERY_MS);

function end(reason: string): void {
  try {
    // At once, past the main thread, which may never come to send a message.
    writeSync(STDERR, `\n${ENDED_BECAUSE}${reason}\n`);
  } finally {
    // Nobody reads the pipe of a server that is gone.
    process.kill(process.pid, 'SIGKILL');
  }
}
