import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';

const project = resolve(import.meta.dirname, '../..');
export const CLI = join(project, 'dist/cli.js');
export const sample = (...parts: string[]): string => join(project, 'samples', ...parts);
export const fixture = (...parts: string[]): string => join(project, 'test/fixtures', ...parts);

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line in the folder `cwd`. */
export function layerglass(args: readonly string[], cli: string = CLI, cwd?: string): Promise<Finished> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.once('error', failed).once('close', (code) => done({ code, stdout, stderr }));
  });
}

/** Runs a command with --json; expects one JSON document on stdout, nothing on stderr and exit code 0. */
export async function json<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await layerglass([...args, '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** Expects exit code 1, nothing on stdout, and one sentence and a remedy on stderr; returns stderr. */
export async function refusal(args: readonly string[], cli?: string): Promise<string> {
  const { code, stdout, stderr } = await layerglass(args, cli);
  expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^layerglass: [^\n]+[.)]\n( {2}[^\n]+\n)?$/);
  return stderr;
}
