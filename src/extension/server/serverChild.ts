import { type ChildProcess, fork } from 'node:child_process';

/** A process of the analysis server, and the one way to end it. */
export interface ServerChild {
  readonly process: ChildProcess;
  /** Resolves when the process is gone, with the reason in text: "exit code 1", "signal SIGKILL". */
  readonly exited: Promise<string>;
}

/**
 * Starts the server's module in a process of its own that is spoken to over Node's IPC channel. It is started here and
 * not by the language client, which would leave a server that hangs alive: its script for that is not in our bundle.
 *
 * @param onOutput called with what the process writes to its standard streams
 */
export function forkServer(module: string, onOutput: (text: string) => void): ServerChild {
  const child = fork(module, ['--node-ipc', `--clientProcessId=${process.pid}`], {
    // Without this a host that is being debugged would hand its debugger's port on.
    execArgv: [],
    silent: true,
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', ELECTRON_NO_ASAR: '1' },
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    // A process that never came to life has no exit.
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
 * Ends a server: asks it politely, and kills it when it is not gone in time, e.g. because it hangs in a computation.
 *
 * @param shutDown sends the request; what it throws does not matter, the process is watched
 * @param graceMs how long a polite end may take
 * @returns when the process is gone
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
