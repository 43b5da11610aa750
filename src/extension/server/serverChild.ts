import { type ChildProcess, fork } from 'node:child_process';
import { languageEnvironment } from '../language';

/** A process of the analysis server. */
export interface ServerChild {
  readonly process: ChildProcess;
  /** Resolves when the process has ended, with the reason as text: "exit code 1", "signal SIGKILL". */
  readonly exited: Promise<string>;
}

/**
 * Starts the server's module in a child process that communicates over Node's IPC channel. The language client could start
 * it, too, but would leave a hanging server alive: the script that it uses to kill processes is not in the bundle.
 *
 * @param onOutput called with what the process writes to its standard streams
 */
export function forkServer(module: string, onOutput: (text: string) => void): ServerChild {
  const child = fork(module, ['--node-ipc', `--clientProcessId=${process.pid}`], {
    // Otherwise a host that is being debugged would pass its debugger port to the child.
    execArgv: [],
    silent: true,
    env: { ...process.env, ...languageEnvironment(), ELECTRON_RUN_AS_NODE: '1', ELECTRON_NO_ASAR: '1' },
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    // A process that failed to start emits no exit.
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
      else onOutput(`${error.message}\n`);
    });
  });
  child.stdout?.on('data', (data) => onOutput(String(data)));
  child.stderr?.on('data', (data) => onOutput(String(data)));
  return { process: child, exited };
}

/**
 * Ends a server: requests its shutdown, and kills it if it has not ended in time, e.g. because it hangs in a computation.
 *
 * @param shutDown sends the request; its errors are ignored, since the process is watched
 * @param graceMs how long the shutdown may take
 * @returns when the process has ended
 */
export async function endServer(
  { process: child, exited }: ServerChild,
  shutDown: () => Promise<void>,
  graceMs: number,
): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  try {
    await Promise.race([exited, shutDown().catch(() => undefined)]);
    await exited;
  } finally {
    clearTimeout(timer);
  }
}
