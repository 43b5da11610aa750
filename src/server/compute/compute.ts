import type { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-languageserver/node';
import { byteText } from '../../shared/amounts';
import { Failure, fail } from '../../shared/errors';
import type { BackendStatus } from '../../shared/model';
import type { RequestType, RunParams, ServerOptions } from '../../shared/protocol';
import type { Mark } from '../../shared/timeLine';
import { inputVersions } from '../session/fileVersion';
import type { OpenModel } from '../session/openModels';
import { SerialQueue } from '../session/serialQueue';
import { ComputeProcess } from './computeProcess';
import { computeModel } from './messages';
import { Watchdog } from './watchdog';

/** A process that does not stop within this time after a cancellation is ended. */
const CANCEL_TIMEOUT_MS = 1000;
/** Failed requests that are remembered; the oldest are dropped. */
const MAX_FAILURES = 200;

export interface ComputeHost {
  /** Starts a process. */
  fork(): ChildProcess;
  readonly options: ServerOptions;
  backendChanged(status: BackendStatus): void;
  reached(mark: Mark): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
  /** Whether something is computed, or about to be, from now on. */
  computing(isBusy: boolean): void;
  /** Asks the user whether to stop a run that has reported nothing for a while. `null`: no choice was made, keep waiting. */
  askToStop(model: string, doing: string, seconds: number): Promise<'stop' | 'wait' | null>;
}

export interface RequestControl {
  readonly cancellation: CancellationToken;
  report(fraction: number, message: string): void;
}

/**
 * Runs everything that needs tensors in a separate process, one request at a time. When a process ends, the next request
 * gets a new one. A request that ended a process is remembered and refused until the user insists.
 */
export class Compute {
  private current: ComputeProcess | null = null;
  private status: BackendStatus | null = null;
  private readonly queue = new SerialQueue();
  private readonly failures = new Map<string, string>();
  /** Receives the progress of the current request. */
  private onProgress: (fraction: number, message: string) => void = () => {};
  private disposed = false;

  constructor(private readonly host: ComputeHost) {}

  /** Lets the process open a model and start its backend while the server opens the model. */
  prepare(path: string, architecture?: string): void {
    this.host.computing(true);
    this.process().prepare(path, architecture);
  }

  /** Lets the process prepare the first run of an open model while the user chooses the input. */
  warmUp(model: OpenModel): void {
    this.host.computing(true);
    this.process().warmUp(computeModel(model));
  }

  /** @throws Failure `backend`, `compute-ended` */
  async backend(): Promise<BackendStatus> {
    if (this.status) return this.status;
    const outcome = await this.process().backend();
    if (outcome.kind === 'ended')
      return failEnded(l10n.t('The analysis process ended: {0}.', outcome.reason), null);
    if (!outcome.result.ok) throw new Failure(outcome.result.error);
    return outcome.result.value as BackendStatus;
  }

  /**
   * Makes one of the requests in `runHandlers.ts`.
   * @param other the second model of a request about two
   * @throws Failure `compute-ended` when it ended the process, now or before; `cancelled`; or the failure of the request.
   */
  async request<Params extends RunParams, Value>(
    type: RequestType<Params, Value>,
    model: OpenModel,
    params: Params,
    control: RequestControl,
    other: OpenModel | null = null,
  ): Promise<Value> {
    let isRunning = false;
    const turn = this.queue.run(() => {
      isRunning = true;
      return this.send(type, { model, other }, params, control);
    });
    // After the result was returned and before the next request starts.
    void this.queue.run(() => this.endIfOutgrown());
    // A request that is still in the queue can be cancelled immediately.
    const cancelled = new Promise<never>((_, reject) => {
      control.cancellation.onCancellationRequested(() => {
        if (!isRunning) reject(cancelledFailure());
      });
    });
    return Promise.race([turn, cancelled]);
  }

  /** Lets the compute process release a model. */
  release(model: OpenModel): void {
    this.current?.release(computeModel(model));
  }

  dispose(): void {
    this.disposed = true;
    this.current?.end(l10n.t('the server was stopped'));
  }

  private async send<Params extends RunParams, Value>(
    type: RequestType<Params, Value>,
    { model, other }: { readonly model: OpenModel; readonly other: OpenModel | null },
    params: Params,
    { cancellation: token, report }: RequestControl,
  ): Promise<Value> {
    if (token.isCancellationRequested) throw cancelledFailure();
    const key = JSON.stringify([keyOf(model, params), other && keyOf(other, params)]);
    const before = this.failures.get(key);
    if (before !== undefined && params.insist !== true) {
      return failEnded(
        l10n.t('{0} on this input ended the analysis process before: {1}.', basename(model.path), before),
        model,
      );
    }
    this.host.computing(true);
    const process = this.process();
    const stop = stopOnCancel(process, token);
    const watchdog = new Watchdog((doing, seconds) => this.host.askToStop(model.path, doing, seconds));
    this.onProgress = (fraction, message) => {
      watchdog.progress(message);
      report(fraction, message);
    };
    watchdog.stopped.then(() => {
      stop.byUser = true;
      process.end(l10n.t('the user stopped it'));
    });
    try {
      const request = {
        method: type.method,
        model: computeModel(model),
        other: other && computeModel(other),
        params,
      };
      const outcome = await process.request(request, token);
      if (outcome.kind === 'answered' && outcome.result.ok) {
        this.failures.delete(key);
        return outcome.result.value as Value;
      }
      if (stop.byUser) throw cancelledFailure();
      if (outcome.kind === 'answered' && !outcome.result.ok) {
        const { error } = outcome.result;
        if (error.kind === 'compute-ended') {
          this.rememberFailure(key, error.message.replace(/[.。]$/, ''));
          // The process exits after this result; the next request must not be sent to it.
          process.end(error.message);
          await process.ended;
        }
        throw new Failure(error);
      }
      const reason = outcome.kind === 'ended' ? outcome.reason : '';
      this.rememberFailure(key, reason);
      return failEnded(
        l10n.t('The analysis of {0} on this input ended its process: {1}.', basename(model.path), reason),
        model,
      );
    } finally {
      this.onProgress = () => {};
      watchdog.dispose();
      stop.dispose();
      if (!this.disposed) this.host.computing(false);
    }
  }

  private async endIfOutgrown(): Promise<void> {
    const process = this.current;
    if (!process || process.outgrown === null) return;
    process.end(l10n.t('it used {0}, far more than it keeps', byteText(process.outgrown)));
    await process.ended;
  }

  private rememberFailure(key: string, reason: string): void {
    this.failures.delete(key);
    this.failures.set(key, reason);
    const [oldest] = this.failures.keys();
    if (this.failures.size > MAX_FAILURES && oldest !== undefined) this.failures.delete(oldest);
  }

  private process(): ComputeProcess {
    if (this.disposed) return fail('closed', l10n.t('The analysis server is being stopped.'));
    if (this.current) return this.current;
    const { options } = this.host;
    const process = new ComputeProcess(this.host.fork(), options, {
      backendStarted: (status) => {
        this.status = status;
        this.host.backendChanged(status);
      },
      progress: (fraction, message) => this.onProgress(fraction, message),
      reached: (mark) => this.host.reached(mark),
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
      // Starts the next process early. One that ended without any request would probably end again and again.
      if (process.hasRequests && !this.disposed) this.process();
    });
    return process;
  }
}

/** Identifies a run by its model and inputs: every request on them starts with the same forward pass. */
function keyOf(model: OpenModel, { inputs, preprocessing }: RunParams): string {
  return JSON.stringify([model.path, model.version, preprocessing, inputVersions(inputs)]);
}

export const cancelledFailure = (): Failure =>
  new Failure({ kind: 'cancelled', message: l10n.t('Cancelled.') });

function failEnded(message: string, model: OpenModel | null): never {
  return fail('compute-ended', message, {
    ...(model ? { subject: model.path } : {}),
    remedy: l10n.t(
      'Other models are not affected. It is not retried automatically: choose another input or backend, or try again.',
    ),
  });
}

/** Ends a process that does not respond soon after its request was cancelled. */
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
    timer = setTimeout(() => process.end(l10n.t('it did not stop when it was cancelled')), CANCEL_TIMEOUT_MS);
  });
  return stop;
}
