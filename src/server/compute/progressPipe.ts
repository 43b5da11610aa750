/**
 * Progress has its own pipe beside the request channel. A report is due before each node, because any node may be the slow
 * one, and over the channel the reports of a short run took longer than the run.
 */
// biome-ignore lint/style/noRestrictedImports: writes into a pipe, opens nothing.
import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** File descriptor of the pipe in the compute process; 3 is the channel. */
const PIPE_FD = 4;

export interface ProgressReport {
  /** The number of the request, see `ComputeRequest`. */
  readonly run: number;
  readonly fraction: number;
  readonly message: string;
}

/** Sends a report from the compute process; synchronous, because the next kernel may block the event loop. */
export function writeProgress(report: ProgressReport): void {
  try {
    writeSync(PIPE_FD, `${JSON.stringify(report)}\n`);
  } catch {
    // A server that is gone needs no reports.
  }
}

/** @param pipe the server's end. */
export function readProgress(pipe: Readable, hear: (report: ProgressReport) => void): void {
  let rest = '';
  pipe.setEncoding('utf8').on('data', (text: string) => {
    // The text after the last line break is incomplete, and stays so if the process was killed while writing it.
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(JSON.parse(line) as ProgressReport);
  });
  // The exit of the process is reported elsewhere.
  pipe.on('error', () => {});
}
