import { type ChildProcess, fork } from 'node:child_process';

/** The JavaScript heap; tensors and weights are outside it. */
const MAX_HEAP_MIB = 4096;
/** Initial size of V8's young generation: growing to it would take a dozen collections during the first run. */
const MIN_YOUNG_MIB = 16;
/**
 * From this size on, glibc takes each block from the system and gives it back when it is freed. Its own bound grows with the weights of
 * models that were closed, up to 32 MiB, and their memory then stays with the process.
 */
const MIN_MAPPED_BYTES = 2 ** 18;
/** A client that starts the server for a model opens it immediately; hovers alone need no compute process. */
const IDLE_MS = 10_000;

/**
 * Starts a compute process.
 * @param script the server's file, which knows the argument `--compute`.
 */
export function forkCompute(script: string): ChildProcess {
  return fork(script, ['--compute'], {
    execArgv: [
      // After a model was closed.
      '--expose-gc',
      `--max-old-space-size=${MAX_HEAP_MIB}`,
      `--min-semi-space-size=${MIN_YOUNG_MIB}`,
    ],
    serialization: 'advanced',
    env: { MALLOC_MMAP_THRESHOLD_: String(MIN_MAPPED_BYTES), ...process.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
  });
}

/** The first compute process. It starts with the server, so that both load at the same time, and ends if it stays unused. */
export class SpareProcess {
  private child: ChildProcess | null;
  private readonly timer: NodeJS.Timeout;

  /** @param start starts a compute process. */
  constructor(private readonly start: () => ChildProcess) {
    const child = start();
    this.child = child;
    const forget = () => {
      if (this.child === child) this.child = null;
    };
    child.once('error', forget).once('exit', forget);
    this.timer = setTimeout(() => this.end(), IDLE_MS).unref();
  }

  /** The spare process, the first time and while it is alive; else a new one. */
  take(): ChildProcess {
    const { child } = this;
    this.child = null;
    clearTimeout(this.timer);
    return child ?? this.start();
  }

  /** Ends the process unless it was taken. */
  end(): void {
    this.child?.kill('SIGKILL');
    this.child = null;
    clearTimeout(this.timer);
  }
}
