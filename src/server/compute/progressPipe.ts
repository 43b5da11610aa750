/**
 * Progress has a pipe of its own beside the channel of requests: a report is due before each node, because nobody knows yet
 * which one keeps the process busy, and over the channel those of a short run took longer than the run.
 */
// biome-ignore lint/style/noRestrictedImports: writes into a pipe, opens nothing.
import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** What the pipe is in the compute process; 3 is the channel. */
const PIPE = 4;

export interface ProgressReport {
  /** The number of the request, see `ComputeRequest`. */
  readonly run: number;
  readonly fraction: number;
  readonly message: string;
}

/** Reports from inside the compute process; it is out when this returns. */
export function writeProgress(report: ProgressReport): void {
  try {
    writeSync(PIPE, `${JSON.stringify(report)}\n`);
  } catch {
    // A server that is gone needs no reports.
  }
}

/** @param pipe the server's end. */
export function readProgress(pipe: Readable, hear: (report: ProgressReport) => void): void {
  let rest = '';
  pipe.setEncoding('utf8').on('data', (text: string) => {
    // What follows the last line break is not complete yet, and never will be where the process was ended in it.
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(JSON.parse(line) as ProgressReport);
  });
  // The end of the process says what there is to say.
  pipe.on('error', () => {});
}
