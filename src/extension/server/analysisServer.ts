import type { CancellationToken, Disposable, LogOutputChannel } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { Result } from '../../shared/errors';
import type { BackendStatus } from '../../shared/model';
import * as protocol from '../../shared/protocol';
import type { Mark } from '../../shared/timeLine';
import type { Progress } from '../../shared/view';
import { unpackNumbers } from '../../shared/wireNumbers';
import type { TimeLine } from '../timeLine';
import { endServer, forkServer, type ServerChild } from './serverChild';
import type { ServerRun } from './serverSupervisor';

/** How long a server may take to shut down before it is killed. */
const GRACE_MS = 2000;

export interface AnalysisServerOptions {
  readonly module: string;
  readonly log: LogOutputChannel;
  /** Read by every new server process, so that a restart applies changed settings. */
  readonly settings: () => protocol.ServerOptions;
  readonly onBackend: (backend: BackendStatus) => void;
  readonly timeLine: TimeLine;
}

/** One process of the analysis server and its language client. */
export class AnalysisServer implements ServerRun {
  readonly ready: Promise<void>;
  readonly exited: Promise<string>;
  private readonly child: ServerChild;
  private client: LanguageClient | undefined;
  private stopped: Promise<void> | undefined;

  constructor({ module, log, settings, onBackend, timeLine }: AnalysisServerOptions) {
    timeLine.reach('server process');
    this.child = forkServer(module, (text) => log.append(text));
    this.exited = this.child.exited;
    const { pid } = this.child.process;
    log.debug(`Starting the analysis server as process ${pid}.`);
    this.ready = this.connect({ log, settings, onBackend, timeLine });
  }

  /** @throws an error of the connection if the process ends */
  async ask<Value>(method: string, params: object, token?: CancellationToken): Promise<Result<Value>> {
    const client = this.connected();
    // An undefined token would be sent as a second parameter.
    const result: unknown = await (token === undefined
      ? client.sendRequest(method, params)
      : client.sendRequest(method, params, token));
    return unpackNumbers(result) as Result<Value>;
  }

  async tell(method: string, params: unknown): Promise<void> {
    await this.connected().sendNotification(method, params);
  }

  async onProgress(token: string, progress: (progress: Progress) => void): Promise<Disposable> {
    const { listenForProgress } = await import('./languageClient');
    return listenForProgress(this.connected(), token, progress);
  }

  stop(): Promise<void> {
    this.stopped ??= endServer(this.child, async () => this.client?.dispose(GRACE_MS), GRACE_MS);
    return this.stopped;
  }

  private async connect({
    log,
    settings,
    onBackend,
    timeLine,
  }: Omit<AnalysisServerOptions, 'module'>): Promise<void> {
    const { createLanguageClient } = await import('./languageClient');
    const client = createLanguageClient(this.child.process, log, settings);
    this.client = client;
    timeLine.reach('language client loaded');
    client.onNotification(protocol.backendChanged.method, onBackend);
    client.onNotification(protocol.reached.method, (reached: Mark) => timeLine.add(reached));
    const start = performance.now();
    await client.start();
    timeLine.reach('server ready');
    log.info(
      `The analysis server is running as process ${this.child.process.pid} (${Math.round(performance.now() - start)} ms).`,
    );
  }

  private connected(): LanguageClient {
    if (this.client === undefined) throw new Error('The analysis server has not started yet.');
    return this.client;
  }
}
