import { type ChildProcess, fork } from 'node:child_process';
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
import { untilEnd } from './untilEnd';

/** JavaScript's own heap; tensors and weights lie outside it. */
const MAX_HEAP_MIB = 4096;
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
  private readonly child: ChildProcess;
  private readonly connection: MessageConnection;
  private readonly started: Promise<unknown>;
  private readonly lastOutcome: Promise<Outcome>;
  private readonly untilEnd: (answered: Promise<Outcome>) => Promise<Outcome>;
  private errors = '';
  private given: string | null = null;
  /** Whether anything was asked of it. */
  wasAsked = false;
  /** Bytes that it took when they were far more than what it keeps. */
  outgrown: number | null = null;
  /** Settled with the reason when the process is gone; never rejects. */
  readonly ended: Promise<string>;

  /** @param script the server's bundle, which knows the argument `--compute`. */
  constructor(script: string, options: ServerOptions, events: ComputeEvents) {
    this.child = fork(script, ['--compute'], {
      execArgv: [`--max-old-space-size=${MAX_HEAP_MIB}`],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
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
    this.connection.onNotification(messages.progress, ({ fraction, message }) =>
      events.progress(fraction, message),
    );
    this.connection.onNotification(messages.outgrown, ({ bytes }) => {
      this.outgrown = bytes;
    });
    // Writing to a process that is going away fails; its end is what counts.
    this.connection.onError(() => {});
    this.connection.listen();
    // It ends by itself when the server does, but not while it is stopped.
    const endWithServer = () => this.child.kill('SIGKILL');
    process.once('exit', endWithServer);
    this.started = this.connection.sendRequest(messages.start, options).catch(() => {});
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

  async answer(request: ComputeRequest, token: CancellationToken): Promise<Outcome> {
    return this.outcome(async () => {
      await this.started;
      return this.connection.sendRequest(messages.answer, request, token);
    });
  }

  async backend(): Promise<Outcome> {
    return this.outcome(async () => {
      await this.started;
      return this.connection.sendRequest(messages.backend, null);
    });
  }

  prepare(path: string): void {
    void this.started
      .then(() => this.connection.sendNotification(messages.prepare, { path }))
      .catch(() => {});
  }

  release(model: ComputeModel): void {
    void this.connection.sendNotification(messages.release, model).catch(() => {});
  }

  /** Ends the process at once. @param reason the rest of a sentence that begins with "because". */
  end(reason: string): void {
    this.given ??= reason;
    this.child.kill('SIGKILL');
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
