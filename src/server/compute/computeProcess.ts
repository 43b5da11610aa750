import type { ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import * as l10n from '@vscode/l10n';
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
import type { Mark } from '../../shared/timeLine';
import { exitReason } from './exitReason';
import type { ComputeModel, ComputeRequest } from './messages';
import * as messages from './messages';
import { readProgress } from './progressPipe';
import { raceAgainst } from './raceAgainst';

/** The end of stderr that is kept, to find the reason of an exit in. */
const MAX_STDERR_CHARACTERS = 16_384;

/** A process that has exited is gone for good after this time, whether or not its streams have closed. */
const STREAMS_MS = 1000;

export interface ComputeEvents {
  backendStarted(status: BackendStatus): void;
  progress(fraction: number, message: string): void;
  reached(mark: Mark): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
}

/** How a request to a process ended: with its result, or with the end of the process. */
export type Outcome =
  | { readonly kind: 'answered'; readonly result: Result<unknown> }
  | { readonly kind: 'ended'; readonly reason: string };

/** One compute process, from its start to its end. */
export class ComputeProcess {
  private readonly connection: MessageConnection;
  private readonly endOutcome: Promise<Outcome>;
  private readonly orEnd: (answered: Promise<Outcome>) => Promise<Outcome>;
  private stderr = '';
  private endReason: string | null = null;
  private runs = 0;
  /** Whether it ever received a request. */
  hasRequests = false;
  /** Its bytes of memory, once they are far more than what it keeps. */
  outgrown: number | null = null;
  /** Resolves with the reason when the process has ended; never rejects. */
  readonly ended: Promise<string>;

  /** @param child a process that was just started, before any message to it. */
  constructor(
    private readonly child: ChildProcess,
    options: ServerOptions,
    events: ComputeEvents,
  ) {
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => events.log('info', text.trimEnd()));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-MAX_STDERR_CHARACTERS);
      if (text.trim() !== '') events.log('warn', text.trim());
    });
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(l10n.t('it could not be started ({0})', error.message)));
      const end = (code: number | null, signal: NodeJS.Signals | null) =>
        resolve(this.endReason ?? exitReason(this.stderr, code, signal));
      // On "close" all of stderr has been read; it never comes while something else keeps a stream open.
      this.child.once('close', end);
      this.child.once('exit', (code, signal) => setTimeout(end, STREAMS_MS, code, signal).unref());
    });
    this.connection = createMessageConnection(
      new IPCMessageReader(this.child),
      new IPCMessageWriter(this.child),
    );
    this.connection.onNotification(messages.backendStarted, (status) => events.backendStarted(status));
    this.connection.onNotification(messages.reached, (mark) => events.reached(mark));
    const [, , , , pipe] = this.child.stdio;
    if (pipe instanceof Readable) {
      readProgress(pipe, ({ run, fraction, message }) => {
        // Reports that arrive after the result are dropped.
        if (run === this.runs) events.progress(fraction, message);
      });
    }
    this.connection.onNotification(messages.outgrown, ({ bytes }) => {
      this.outgrown = bytes;
    });
    // Writing to a process that is exiting fails; its end is handled below.
    this.connection.onError(() => {});
    this.connection.listen();
    // It ends automatically with the server, unless it is suspended.
    const endWithServer = () => this.child.kill('SIGKILL');
    process.once('exit', endWithServer);
    this.notify(async () => this.connection.sendNotification(messages.start, options));
    void this.ended.then(() => {
      process.off('exit', endWithServer);
      this.connection.dispose();
    });
    this.endOutcome = this.ended.then((reason): Outcome => ({ kind: 'ended', reason }));
    this.orEnd = raceAgainst(this.endOutcome);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  async request(request: Omit<ComputeRequest, 'run'>, token: CancellationToken): Promise<Outcome> {
    const run = ++this.runs;
    return this.outcome(async () =>
      this.connection.sendRequest(messages.request, { run, ...request }, token),
    );
  }

  async backend(): Promise<Outcome> {
    return this.outcome(async () => this.connection.sendRequest(messages.backend, null));
  }

  prepare(path: string, architecture: string | undefined): void {
    this.notify(async () => this.connection.sendNotification(messages.prepare, { path, architecture }));
  }

  warmUp(model: ComputeModel): void {
    this.notify(async () => this.connection.sendNotification(messages.warmUp, model));
  }

  release(model: ComputeModel): void {
    this.notify(async () => this.connection.sendNotification(messages.release, model));
  }

  /** Kills the process. @param reason the rest of a sentence that begins with "because". */
  end(reason: string): void {
    this.endReason ??= reason;
    this.child.kill('SIGKILL');
  }

  /** Errors are ignored: a process that is exiting needs no notification. */
  private notify(send: () => Promise<void>): void {
    void send().catch(() => {});
  }

  private outcome(ask: () => Promise<Result<unknown>>): Promise<Outcome> {
    this.hasRequests = true;
    const answered = ask().then(
      (result): Outcome => ({ kind: 'answered', result }),
      // The channel closed before the process did.
      () => this.endOutcome,
    );
    return this.orEnd(answered);
  }
}
