import type { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import type { CancellationToken } from 'vscode-languageserver/node';
import { byteText } from '../../shared/amounts';
import { Failure, fail } from '../../shared/errors';
import type { BackendStatus } from '../../shared/model';
import type { RequestType, RunParams, ServerOptions } from '../../shared/protocol';
import { inputVersions } from '../session/fileVersion';
import type { OpenModel } from '../session/openModels';
import { Turns } from '../session/turns';
import { ComputeProcess } from './computeProcess';
import { Watchdog } from './watchdog';

/** A process that does not stop within this time after Cancel is ended. */
const CANCEL_MS = 1000;
/** Requests that ended a process; the oldest are forgotten. */
const MAX_REMEMBERED = 200;

export interface ComputeHost {
  /** Starts a process. */
  fork(): ChildProcess;
  readonly options: ServerOptions;
  backendChanged(status: BackendStatus): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
  /** Asks the user about a run that has said nothing for a while. `null`: no answer, go on waiting. */
  askAboutSilence(model: string, doing: string, seconds: number): Promise<'stop' | 'wait' | null>;
}

export interface RequestControl {
  readonly token: CancellationToken;
  report(fraction: number, message: string): void;
}

/**
 * Everything that takes tensors, done in a process of its own: one request at a time, the next in a new process when one
 * ended. A request that ended a process is remembered and refused until the user insists.
 */
export class Compute {
  private current: ComputeProcess | null = null;
  private status: BackendStatus | null = null;
  private readonly turns = new Turns();
  private readonly remembered = new Map<string, string>();
  /** Of the request in progress. */
  private onProgress: (fraction: number, message: string) => void = () => {};
  private disposed = false;

  constructor(private readonly host: ComputeHost) {}

  /** Lets the process open a model and start its backend while the server opens the model. */
  prepare(path: string): void {
    this.process().prepare(path);
  }

  /** @throws Failure `backend`, `compute-ended` */
  async backend(): Promise<BackendStatus> {
    if (this.status) return this.status;
    const outcome = await this.process().backend();
    if (outcome.kind === 'ended') return failEnded('The analysis process ended', outcome.reason, null);
    if (!outcome.result.ok) throw new Failure(outcome.result.error);
    return outcome.result.value as BackendStatus;
  }

  /**
   * Answers one of `RUN_ANSWERS`.
   * @throws Failure `compute-ended` when the process ended over it, now or before, `cancelled`, or what the answer says.
   */
  async answer<Params extends RunParams, Value>(
    type: RequestType<Params, Value>,
    model: OpenModel,
    params: Params,
    control: RequestControl,
  ): Promise<Value> {
    let isRunning = false;
    const turn = this.turns.take(() => {
      isRunning = true;
      return this.answerNow(type, model, params, control);
    });
    // Not before the answer is out, and before the next request begins.
    void this.turns.take(() => this.replaceOutgrown());
    // A request that still waits for its turn need not wait in order to be cancelled.
    const cancelled = new Promise<never>((_, reject) => {
      control.token.onCancellationRequested(() => {
        if (!isRunning) reject(cancelledFailure());
      });
    });
    return Promise.race([turn, cancelled]);
  }

  /** Lets the compute process forget a model. */
  release({ path, version }: OpenModel): void {
    this.current?.release({ path, version });
  }

  dispose(): void {
    this.disposed = true;
    this.current?.end('the server was stopped');
  }

  private async answerNow<Params extends RunParams, Value>(
    type: RequestType<Params, Value>,
    model: OpenModel,
    params: Params,
    { token, report }: RequestControl,
  ): Promise<Value> {
    if (token.isCancellationRequested) throw cancelledFailure();
    const key = keyOf(model, params);
    const before = this.remembered.get(key);
    if (before !== undefined && params.insist !== true) {
      return failEnded(
        `${basename(model.path)} on this input ended the analysis process before`,
        before,
        model,
      );
    }
    const process = this.process();
    const stop = stopOnCancel(process, token);
    const watchdog = new Watchdog((doing, seconds) => this.host.askAboutSilence(model.path, doing, seconds));
    this.onProgress = (fraction, message) => {
      watchdog.heard(message);
      report(fraction, message);
    };
    watchdog.stopped.then(() => {
      stop.byUser = true;
      process.end('the user stopped it');
    });
    try {
      const { path, version } = model;
      const outcome = await process.answer({ method: type.method, model: { path, version }, params }, token);
      if (outcome.kind === 'answered' && outcome.result.ok) {
        this.remembered.delete(key);
        return outcome.result.value as Value;
      }
      if (stop.byUser) throw cancelledFailure();
      if (outcome.kind === 'answered' && !outcome.result.ok) {
        const { error } = outcome.result;
        if (error.kind === 'compute-ended') {
          this.remember(key, error.message.replace(/\.$/, ''));
          // It ends by itself with this answer; the next request must not meet it on its way out.
          process.end(error.message);
          await process.ended;
        }
        throw new Failure(error);
      }
      const reason = outcome.kind === 'ended' ? outcome.reason : '';
      this.remember(key, reason);
      return failEnded(
        `The analysis of ${basename(model.path)} on this input ended its process`,
        reason,
        model,
      );
    } finally {
      this.onProgress = () => {};
      watchdog.dispose();
      stop.dispose();
    }
  }

  private async replaceOutgrown(): Promise<void> {
    const process = this.current;
    if (!process || process.outgrown === null) return;
    process.end(`it took ${byteText(process.outgrown)}, far more than what it keeps`);
    await process.ended;
  }

  private remember(key: string, reason: string): void {
    this.remembered.delete(key);
    this.remembered.set(key, reason);
    const [oldest] = this.remembered.keys();
    if (this.remembered.size > MAX_REMEMBERED && oldest !== undefined) this.remembered.delete(oldest);
  }

  private process(): ComputeProcess {
    if (this.disposed) return fail('closed', 'The analysis server is being stopped.');
    if (this.current) return this.current;
    const { options } = this.host;
    const process = new ComputeProcess(this.host.fork(), options, {
      backendStarted: (status) => {
        this.status = status;
        this.host.backendChanged(status);
      },
      progress: (fraction, message) => this.onProgress(fraction, message),
      log: (level, text) => this.host.log(level, text),
    });
    this.host.log('info', `Compute process ${process.pid} started.`);
    this.current = process;
    void process.ended.then((reason) => {
      this.host.log(
        this.disposed || process.outgrown !== null ? 'info' : 'warn',
        `Compute process ${process.pid} ended because ${reason}.`,
      );
      if (this.current !== process) return;
      this.current = null;
      this.status = null;
      // The next request finds one that is ready. One that ended although nothing was asked of it would end again and again.
      if (process.wasAsked && !this.disposed) this.process();
    });
    return process;
  }
}

/** A run is known by what it is made on: whatever is asked of it, the same forward pass comes first. */
function keyOf(model: OpenModel, { inputs, preprocessing }: RunParams): string {
  return JSON.stringify([model.path, model.version, preprocessing, inputVersions(inputs)]);
}

const cancelledFailure = (): Failure => new Failure({ kind: 'cancelled', message: 'Cancelled.' });

function failEnded(what: string, reason: string, model: OpenModel | null): never {
  return fail('compute-ended', `${what}: ${reason}.`, {
    ...(model ? { subject: model.path } : {}),
    remedy:
      'Other models are not affected. It is not tried again by itself: choose another input or backend, or try again.',
  });
}

/** Ends a process that does not answer soon after its request was cancelled. */
function stopOnCancel(
  process: ComputeProcess,
  token: CancellationToken,
): { byUser: boolean; dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  const stop = {
    byUser: false,
    dispose: () => {
      listening.dispose();
      clearTimeout(timer);
    },
  };
  const listening = token.onCancellationRequested(() => {
    stop.byUser = true;
    timer = setTimeout(() => process.end('it did not stop when it was cancelled'), CANCEL_MS);
  });
  return stop;
}
