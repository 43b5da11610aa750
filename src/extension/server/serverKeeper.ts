import { type Failure, toError } from '../../shared/errors';

/** One process of the server, from its start to its end. It is never used again after that. */
export interface ServerRun {
  /** Resolves when it can be asked; rejects when it cannot start. */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone, with the reason in text. */
  readonly exited: Promise<string>;
  /** Ends the process, whatever it is doing, and resolves when it is gone. Never rejects. */
  stop(): Promise<void>;
}

/** What the keeper tells while it works. */
export interface KeeperEvents<Run> {
  starting(): void;
  /** @param again a process before this one is gone: what it knew is lost */
  running(run: Run, again: boolean): void;
  /** The process ended on its own. Comes before `down`. */
  died(run: Run, reason: string): void;
  /** @param final it is not started again before the user asks something */
  down(cause: { readonly reason: string; readonly final: boolean }): void;
}

export interface KeeperLimits {
  /** So many deaths in a row, with nothing asked by the user between them, are the end of trying. */
  readonly maxDeaths: number;
  /** A process that cannot be asked after this time is taken for one that hangs. */
  readonly startMs: number;
}

/** Thrown to those who waited for a start that a restart took the place of. */
class Superseded extends Error {}

/**
 * Sees to it that one server lives, and never two. Every start, stop and restart goes through one queue, so that each
 * begins when the one before has ended: after any sequence of them there is exactly one process, or none after
 * `dispose`. A server that dies is started again at once.
 */
export class ServerKeeper<Run extends ServerRun> {
  /** The process that can be asked. */
  private current: Run | undefined;
  /** The process that is on its way. */
  private coming: Run | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  /** A restart that waits for its turn; another wish for one is answered by it. */
  private awaited: Promise<void> | undefined;
  private deaths = 0;
  private lastReason = '';
  private started = false;
  private disposed = false;

  constructor(
    private readonly start: () => Run,
    private readonly events: KeeperEvents<Run>,
    private readonly givenUp: (reason: string) => Failure,
    private readonly limits: KeeperLimits,
  ) {}

  /** True from the first start on. */
  get used(): boolean {
    return this.started;
  }

  /** The server, if it can be asked right now. */
  get running(): Run | undefined {
    return this.current;
  }

  /** The server, started if there is none. Rejects when it cannot start or was given up. */
  async get(): Promise<Run> {
    for (;;) {
      try {
        return await this.inTurn(() => this.up());
      } catch (thrown) {
        if (!(thrown instanceof Superseded)) throw thrown;
      }
    }
  }

  /** The user is at work: a server that was given up gets another chance. */
  freshChance(): void {
    this.deaths = 0;
  }

  /** Ends the server that there is, however busy, and starts another one. Rejects when that cannot start. */
  restart(): Promise<void> {
    this.freshChance();
    if (this.awaited !== undefined) return this.awaited;
    // A start that hangs must not hold up the queue.
    void this.coming?.stop();
    const turn = this.inTurn(async () => {
      this.awaited = undefined;
      await this.end('it is being restarted');
      await this.up();
    });
    this.awaited = turn.catch(async (thrown) => {
      if (!(thrown instanceof Superseded)) throw thrown;
      await this.get();
    });
    return this.awaited;
  }

  /** Ends the server for good and resolves when it is gone. */
  async dispose(): Promise<void> {
    this.disposed = true;
    void this.coming?.stop();
    await this.inTurn(() => this.end('the window is closed'));
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
      if (this.disposed) throw new Error('The window is being closed.');
      if (this.current !== undefined) return this.current;
      if (this.deaths >= this.limits.maxDeaths) throw this.givenUp(this.lastReason);
      const run = await this.tryStart();
      if (run !== undefined) return run;
      if (this.awaited !== undefined) throw new Superseded();
    }
  }

  /** Starts one process; `undefined` when it ended before it could be asked, which is counted like any death. */
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
    this.coming = run;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const seconds = this.limits.startMs / 1000;
      timer = setTimeout(() => reject(new Error(`no answer for ${seconds} s`)), this.limits.startMs);
    });
    const gone = run.exited.then((reason) => Promise.reject(new Error(reason)));
    try {
      await Promise.race([run.ready, gone, late]);
    } catch (thrown) {
      await run.stop();
      const stopped = this.disposed || this.awaited !== undefined;
      if (!stopped) this.count(thrown instanceof Error ? thrown.message : String(thrown));
      return undefined;
    } finally {
      clearTimeout(timer);
      this.coming = undefined;
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
