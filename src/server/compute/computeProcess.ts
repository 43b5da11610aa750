import type { ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import {
  type CancellationToken,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from 'vscode-languageserver/node';
import type { Result } from '../../shared/errors';
import type { BackendStatus } from '../../shared/model';
import type { ServerOptions } from '../../shared/protocol';
import { whyEnded } from './endedBecause';
import type { ComputeModel, ComputeRequest } from './messages';
import * as messages from './messages';
import { readProgress } from './progressPipe';
import { untilEnd } from './untilEnd';

/** Of stderr, to find the reason for an end in. */
const KEPT_ERRORS = 16_384;

export interface ComputeEvents {
  backendStarted(status: BackendStatus): void;
  progress(fraction: number, message: string): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
}

/** How a request to a process ended: with its answer, or with the process. */
export type Outcome =
  | { readonly kind: 'answered'; readonly result: Result<unknown> }
  | { readonly kind: 'ended'; readonly reason: string };

/** One compute process, from its start to its end. */
export class ComputeProcess {
  private readonly connection: MessageConnection;
  private readonly lastOutcome: Promise<Outcome>;
  private readonly untilEnd: (answered: Promise<Outcome>) => Promise<Outcome>;
  private errors = '';
  private given: string | null = null;
  private runs = 0;
  /** Whether anything was asked of it. */
  wasAsked = false;
  /** Bytes that it took when they were far more than what it keeps. */
  outgrown: number | null = null;
  /** Settled with the reason when the process is gone; never rejects. */
  readonly ended: Promise<string>;

  /** @param child a process that was just started, to which nothing has been said yet. */
  constructor(
    private readonly child: ChildProcess,
    options: ServerOptions,
    events: ComputeEvents,
  ) {
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => events.log('info', text.trimEnd()));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-KEPT_ERRORS);
      if (text.trim() !== '') events.log('warn', text.trim());
    });
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(`it could not be started (${error.message})`));
      // "close", not "exit": by then all of stderr has been read.
      this.child.once('close', (code, signal) => resolve(this.given ?? whyEnded(this.errors, code, signal)));
    });
    this.connection = createMessageConnection(
      new IPCMessageReader(this.child),
      new IPCMessageWriter(this.child),
    );
    this.connection.onNotification(messages.backendStarted, (status) => events.backendStarted(status));
    const [, , , , pipe] = this.child.stdio;
    if (pipe instanceof Readable) {
      readProgress(pipe, ({ run, fraction, message }) => {
        // What is still in the pipe when the answer is there is of no interest.
        if (run === this.runs) events.progress(fraction, message);
      });
    }
    this.connection.onNotification(messages.outgrown, ({ bytes }) => {
      this.outgrown = bytes;
    });
    // Writing to a process that is going away fails; its end is what counts.
    this.connection.onError(() => {});
    this.connection.listen();
    // It ends by itself when the server does, but not while it is stopped.
    const endWithServer = () => this.child.kill('SIGKILL');
    process.once('exit', endWithServer);
    this.notify(async () => this.connection.sendNotification(messages.start, options));
    void this.ended.then(() => {
      process.off('exit', endWithServer);
      this.connection.dispose();
    });
    this.lastOutcome = this.ended.then((reason): Outcome => ({ kind: 'ended', reason }));
    this.untilEnd = untilEnd(this.lastOutcome);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  async answer(request: Omit<ComputeRequest, 'run'>, token: CancellationToken): Promise<Outcome> {
    const run = ++this.runs;
    return this.outcome(async () => this.connection.sendRequest(messages.answer, { run, ...request }, token));
  }

  async backend(): Promise<Outcome> {
    return this.outcome(async () => this.connection.sendRequest(messages.backend, null));
  }

  prepare(path: string): void {
    this.notify(async () => this.connection.sendNotification(messages.prepare, { path }));
  }

  release(model: ComputeModel): void {
    this.notify(async () => this.connection.sendNotification(messages.release, model));
  }

  /** Ends the process at once. @param reason the rest of a sentence that begins with "because". */
  end(reason: string): void {
    this.given ??= reason;
    this.child.kill('SIGKILL');
  }

  /** To a process that is going away nothing need be said. */
  private notify(send: () => Promise<void>): void {
    void send().catch(() => {});
  }

  private outcome(ask: () => Promise<Result<unknown>>): Promise<Outcome> {
    this.wasAsked = true;
    const answered = ask().then(
      (result): Outcome => ({ kind: 'answered', result }),
      // The channel closed before the process did.
      () => this.lastOutcome,
    );
    return this.untilEnd(answered);
  }
}
