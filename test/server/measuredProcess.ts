import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, type Finished } from './cliProcess';

export interface Measured extends Finished {
  /** The process's peak memory in MiB; `Infinity` if it was killed before it could report it. */
  readonly peak: number;
}

/** Limit of V8's heap, above which V8 ends the process. */
const HEAP_MIB = 512;
const PRELOAD = join(import.meta.dirname, 'peakMemory.cjs');

/** Runs the built command line with a bounded heap and measures its peak memory. Ends it after a minute. */
export function measured(args: readonly string[]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-peak-'));
  const report = join(folder, 'peak');
  const flags = [`--max-old-space-size=${HEAP_MIB}`, '--require', PRELOAD];
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [...flags, CLI, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LAYERGLASS_PEAK: report },
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.once('error', failed).once('close', (code) => {
      done({ code, stdout, stderr, peak: peakIn(report) });
      rmSync(folder, { recursive: true, force: true });
    });
  });
}

function peakIn(report: string): number {
  try {
    return Number(readFileSync(report, 'utf8')) / 2 ** 20;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
