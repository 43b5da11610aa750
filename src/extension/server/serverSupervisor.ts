import { type Failure, toError } from '../../shared/errors';

/** One process of the server. It is not reused after its end. */
export interface ServerRun {
  /** Resolves when the process accepts requests; rejects when it cannot start. */
  readonly ready: Promise<void>;
  /** Resolves when the process has ended, with the reason as text. */
  readonly exited: Promise<string>;
  /** Ends the process, busy or not; resolves when it has ended. Never rejects. */
  stop(): Promise<void>;
}

/** Called on every change of state. */
export interface SupervisorEvents<Run> {
  starting(): void;
  /** @param again whether an earlier process has ended, so that its state is lost */
  running(run: Run, again: boolean): void;
  /** The process ended on its own. Comes before `down`. */
  died(run: Run, reason: string): void;
  /** @param final whether it stays down until the next request by the user */
  down(cause: { readonly reason: string; readonly final: boolean }): void;
}

export interface SupervisorLimits {
  /** After this many deaths in a row without a request by the user, the server is not restarted. */
  readonly maxDeaths: number;
  /** A process that is not ready after this time is considered hung. */
  readonly startMs: number;
}

/** Rejects callers that waited for a start which a restart has replaced. */
class Superseded extends Error {}

/**
 * Keeps exactly one server process running. Every start, stop and restart goes through one queue, so that each begins when
 * the previous one has ended: after any sequence of them there is exactly one process, or none after `dispose`. A server
 * that dies is restarted immediately.
 */
export class ServerSupervisor<Run extends ServerRun> {
  /** The process that accepts requests. */
  private current: Run | undefined;
  /** The process that is starting. */
  private pending: Run | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  /** A restart that waits for its turn; further restarts share it. */
  private queuedRestart: Promise<void> | undefined;
  private deaths = 0;
  private lastReason = '';
  private started = false;
  private disposed = false;

  constructor(
    private readonly start: () => Run,
    private readonly events: SupervisorEvents<Run>,
    private readonly giveUpError: (reason: string) => Failure,
    private readonly limits: SupervisorLimits,
  ) {}

  /** True after the first start. */
  get used(): boolean {
    return this.started;
  }

  /** The server, if it accepts requests now. */
  get running(): Run | undefined {
    return this.current;
  }

  /** The server; starts it if needed. Rejects when it cannot start or was given up. */
  async get(): Promise<Run> {
    for (;;) {
      try {
        return await this.inTurn(() => this.up());
      } catch (thrown) {
        if (!(thrown instanceof Superseded)) throw thrown;
      }
    }
  }

  /** Allows a server that was given up to start again, since the user made a request. */
  resetDeaths(): void {
    this.deaths = 0;
  }

  /** Ends the running server, busy or not, and starts a new one. Rejects when that cannot start. */
  restart(): Promise<void> {
    this.resetDeaths();
    if (this.queuedRestart !== undefined) return this.queuedRestart;
    // A start that hangs must not block the queue.
    void this.pending?.stop();
    const turn = this.inTurn(async () => {
      this.queuedRestart = undefined;
      await this.end('it is restarting');
      await this.up();
    });
    this.queuedRestart = turn.catch(async (thrown) => {
      if (!(thrown instanceof Superseded)) throw thrown;
      await this.get();
    });
    return this.queuedRestart;
  }

  /** Ends the server permanently; resolves when it has ended. */
  async dispose(): Promise<void> {
    this.disposed = true;
    void this.pending?.stop();
    await this.inTurn(() => this.end('the window was closed'));
  }

  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(step);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async end(reason: string): Promise<void> {
    const run = this.current;
    if (run === undefined) return;
    this.current = undefined;
    this.events.down({ reason, final: false });
    await run.stop();
  }

  private async up(): Promise<Run> {
    for (;;) {
      if (this.disposed) throw new Error('The window is closing.');
      if (this.current !== undefined) return this.current;
      if (this.deaths >= this.limits.maxDeaths) throw this.giveUpError(this.lastReason);
      const run = await this.tryStart();
      if (run !== undefined) return run;
      if (this.queuedRestart !== undefined) throw new Superseded();
    }
  }

  /** Starts one process; `undefined` when it ended before it was ready, which counts as a death. */
  private async tryStart(): Promise<Run | undefined> {
    const again = this.started;
    this.started = true;
    this.events.starting();
    let run: Run;
    try {
      run = this.start();
    } catch (thrown) {
      this.count(toError(thrown).message);
      return undefined;
    }
    this.pending = run;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const seconds = this.limits.startMs / 1000;
      timer = setTimeout(() => reject(new Error(`not ready after ${seconds} s`)), this.limits.startMs);
    });
    const gone = run.exited.then((reason) => Promise.reject(new Error(reason)));
    try {
      await Promise.race([run.ready, gone, late]);
    } catch (thrown) {
      await run.stop();
      const stopped = this.disposed || this.queuedRestart !== undefined;
      if (!stopped) this.count(thrown instanceof Error ? thrown.message : String(thrown));
      return undefined;
    } finally {
      clearTimeout(timer);
      this.pending = undefined;
      gone.catch(() => undefined);
    }
    this.current = run;
    this.events.running(run, again);
    void run.exited.then((reason) => this.died(run, reason));
    return run;
  }

  private died(run: Run, reason: string): void {
    if (this.current !== run) return;
    this.current = undefined;
    this.events.died(run, reason);
    this.count(reason);
    if (this.deaths < this.limits.maxDeaths) this.get().catch(() => undefined);
  }

  private count(reason: string): void {
    this.deaths += 1;
    this.lastReason = reason;
    this.events.down({ reason, final: this.deaths >= this.limits.maxDeaths });
  }
}
