import { basename } from 'node:path';
import type { Worker } from 'node:worker_threads';
import * as l10n from '@vscode/l10n';
import {
  createMessageConnection,
  type MessageConnection,
  PortMessageReader,
  PortMessageWriter,
  SharedArrayReceiverStrategy,
  SharedArraySenderStrategy,
} from 'vscode-languageserver/node';
import { Failure, fail, type Result } from '../../../shared/errors';
import type { RequestType } from '../../../shared/protocol';
import type { OpenModel } from '../../session/openModels';
import { cancelledFailure, type RequestControl } from '../compute';
import { computeModel } from '../messages';
import { raceAgainst } from '../raceAgainst';
import * as messages from './messages';

/** Without a request for so long, the thread ends, and its memory is freed. */
const IDLE_MS = 60_000;

/** The thread while it runs. */
interface Running {
  readonly connection: MessageConnection;
  /** Resolves with the outcome of a request, or with the reason why the thread has ended. */
  readonly orEnd: <T>(work: Promise<T>) => Promise<T | { readonly ended: string }>;
  end(): void;
}

/**
 * Reads and examines weights in a thread of the server's process, because hundreds of megabytes take seconds in which the server has
 * to answer. It starts with the first request and ends when it is idle.
 */
export class WeightsThread {
  private running: Running | null = null;
  private pending = 0;
  private runs = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param start starts the thread */
  constructor(private readonly start: () => Worker) {}

  /**
   * Makes one of the requests in `WEIGHT_HANDLERS`.
   * @throws Failure `cancelled`, `internal` when the thread ended, or that of the request
   */
  async request<Params extends object, Value>(
    type: RequestType<Params, Value>,
    model: OpenModel,
    params: Params,
    { cancellation: token, report }: RequestControl,
  ): Promise<Value> {
    if (token.isCancellationRequested) throw cancelledFailure();
    const { connection, orEnd } = this.thread();
    const run = ++this.runs;
    const listening = connection.onProgress(messages.progress, run, ({ fraction, message }) =>
      report(fraction, message),
    );
    const cancelled = new Promise<never>((_, reject) => {
      token.onCancellationRequested(() => reject(cancelledFailure()));
    });
    this.pending++;
    clearTimeout(this.timer);
    try {
      const asked = { run, method: type.method, model: computeModel(model), params };
      const outcome = await Promise.race([
        orEnd<Result<unknown>>(connection.sendRequest(messages.request, asked, token)),
        cancelled,
      ]);
      if ('ended' in outcome) {
        const { path } = model;
        return fail(
          'internal',
          l10n.t('Reading the weights of {0} failed: {1}.', basename(path), outcome.ended),
          { subject: path, remedy: l10n.t('Try again; restart the server if it happens again.') },
        );
      }
      if (!outcome.ok) throw new Failure(outcome.error);
      return outcome.value as Value;
    } finally {
      listening.dispose();
      if (--this.pending === 0) this.timer = setTimeout(() => this.dispose(), IDLE_MS).unref();
    }
  }

  /** Lets the thread close the file of a model. */
  release(model: OpenModel): void {
    void this.running?.connection.sendNotification(messages.release, computeModel(model));
  }

  /** Ends the thread; another request starts a new one. */
  dispose(): void {
    clearTimeout(this.timer);
    this.running?.end();
    this.running = null;
  }

  private thread(): Running {
    if (this.running) return this.running;
    const worker = this.start();
    // The thread alone does not keep the server.
    worker.unref();
    const connection = createMessageConnection(
      new PortMessageReader(worker),
      new PortMessageWriter(worker),
      undefined,
      {
        cancellationStrategy: {
          receiver: new SharedArrayReceiverStrategy(),
          sender: new SharedArraySenderStrategy(),
        },
      },
    );
    const ended = new Promise<{ readonly ended: string }>((resolve) => {
      worker.once('error', (error) => resolve({ ended: error.message }));
      worker.once('exit', () => resolve({ ended: l10n.t('its thread has ended') }));
    });
    const running: Running = {
      connection,
      orEnd: raceAgainst(ended),
      end: () => void worker.terminate(),
    };
    void ended.then(() => {
      connection.dispose();
      if (this.running === running) this.running = null;
    });
    connection.listen();
    this.running = running;
    return running;
  }
}
