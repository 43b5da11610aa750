/** What every script shares: where things lie, running a program, and saying what happens. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const isWindows = process.platform === 'win32';

/** The project's root folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** What is slow to install is kept here once per machine, so that a fresh clone starts at once. */
export const cacheDir = resolve(process.env.LAYERGLASS_CACHE || join(homedir(), '.cache', 'layerglass'));

export const inProject = (...parts) => join(root, ...parts);

/** Prints one line of progress, to stderr: stdout is for results. */
export function say(sentence) {
  process.stderr.write(`layerglass: ${sentence}\n`);
}

/** A failure whose message is meant to be read as it is, without a stack. */
export class Trouble extends Error {}

/** Whether something lies at the path; a link that leads nowhere does not count. */
export function isThere(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Path of a program on the PATH, or null.
 * @param {string} name without extension
 */
export function which(name) {
  const endings = isWindows ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const candidate = join(folder, name + ending);
      try {
        if (!statSync(candidate).isFile()) continue;
        accessSync(candidate, constants.X_OK);
        return candidate;
      } catch {
        // Not here: the next folder.
      }
    }
  }
  return null;
}

/**
 * Runs a program to its end and returns what it printed; throws Trouble with the end of its output when it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeout?: number, show?: boolean }} [options]
 *   `timeout` in milliseconds; `show` passes its output through to stderr instead of collecting it
 */
export function run(program, args, { cwd = root, env = process.env, timeout, show = false } = {}) {
  const done = spawnSync(program, args, {
    cwd,
    env,
    timeout,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    // .cmd files only start through the shell; all our arguments are our own words.
    shell: isWindows && /\.(cmd|bat)$/i.test(program),
    stdio: show ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe'],
  });
  const output = `${done.stdout ?? ''}${done.stderr ?? ''}`;
  if (done.error || done.status !== 0) {
    const cause = done.error?.message ?? `exit code ${done.status ?? done.signal}`;
    const tail = output.trim().split('\n').slice(-15).join('\n');
    throw new Trouble(
      `${[program, ...args.map(shortened)].join(' ')} failed: ${cause}${tail ? `\n${tail}` : ''}`,
    );
  }
  return output;
}

const shortened = (argument) => (argument.includes('\n') ? '…' : argument);

/** Runs npm through this very Node, so that the two always belong together. */
export function npm(args, options) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return run(process.execPath, [cli, ...args], options);
  const program = which('npm');
  if (!program) throw new Trouble('npm was not found on the PATH: install Node.js 20 or newer with npm.');
  return run(program, args, options);
}

/**
 * Environment for what compiles Node add-ons: with the headers that came with this Node, where they did,
 * so that node-gyp need not download them.
 */
export function addonEnv(extra = {}) {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const here = isThere(join(prefix, 'include', 'node', 'node_api.h'));
  return { ...process.env, ...(here ? { npm_config_nodedir: prefix } : {}), ...extra };
}

/** Version of npm as a number, e.g. 11. */
export function npmMajor() {
  const lines = npm(['--version']).trim().split('\n');
  return Number(lines.find((line) => /^\d+\./.test(line))?.split('.')[0] ?? 0);
}

/** Starts a program that goes on; in a group of its own, so that its children can be ended with it. */
export function start(program, args, options = {}) {
  return spawn(program, args, { cwd: root, detached: !isWindows, ...options });
}

/** Ends a program begun with `start` and everything it began. */
export function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  if (isWindows) {
    spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
    return;
  }
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It ended between the check and the signal.
  }
}

/** Runs a script's main function; Trouble becomes its sentence and exit code 1. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (thrown) {
    say(thrown instanceof Trouble ? thrown.message : (thrown?.stack ?? String(thrown)));
    process.exitCode = 1;
  }
}
