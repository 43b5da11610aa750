import { resolve } from 'node:path';
import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  type LogOutputChannel,
  workspace,
} from 'vscode';
import type { LanguageClient, WorkDoneProgressReport } from 'vscode-languageclient/node';
import { Failure, type LayerglassError, type Result, toError } from '../shared/errors';
import type { BackendStatus } from '../shared/model';
import * as protocol from '../shared/protocol';
import type { Progress } from '../shared/view';

/** A server that crashes more often than this within the window is left alone until somebody restarts it. */
const MAX_CRASHES = 4;
const CRASH_WINDOW_MS = 3 * 60_000;

/** Where a layer's name may stand: Keras code, notebook cells and the text of a `model.json`. */
const HOVER_LANGUAGES = [
  'python',
  'typescript',
  'typescriptreact',
  'javascript',
  'javascriptreact',
  'json',
  'jsonc',
];
const HOVER_SCHEMES = ['file', 'untitled', 'vscode-notebook-cell'];

export const serverDownError: LayerglassError = {
  kind: 'closed',
  message: 'The Layerglass analysis server stopped unexpectedly and is being started again.',
};
const gaveUpError: LayerglassError = {
  kind: 'closed',
  message: `The Layerglass analysis server stopped ${MAX_CRASHES + 1} times within three minutes, so it was not started again.`,
  remedy: 'Look into the log, then choose "Layerglass: Restart Server".',
};

export type ServerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly backend: BackendStatus | null }
  | { readonly kind: 'down'; readonly error: LayerglassError };

export interface AskOptions {
  readonly token?: CancellationToken;
  /** Called with `null` when the request has ended, however it ended. */
  readonly progress?: (progress: Progress | null) => void;
}

/**
 * The analysis server as the rest of the extension sees it: started by the first question, restarted after a
 * crash, and never throwing: what goes wrong on the way is an error value like any other.
 */
export class Client implements Disposable {
  private client: LanguageClient | undefined;
  private starting: Promise<LanguageClient> | undefined;
  private crashes: number[] = [];
  private token = 0;
  private stopping = false;
  private gaveUp = false;
  private current: ServerState = { kind: 'idle' };
  private readonly stateChanged = new EventEmitter<ServerState>();
  private readonly restarted = new EventEmitter<void>();

  /** Fires on every change of `state`. */
  readonly onStateChanged = this.stateChanged.event;
  /** Fires when a new server process is ready after an old one went away: model ids of the old one are void. */
  readonly onRestarted = this.restarted.event;

  constructor(
    private readonly serverModule: string,
    private readonly log: LogOutputChannel,
  ) {}

  get state(): ServerState {
    return this.current;
  }

  /** True once somebody has used Layerglass in this window; hovers live from then on. */
  get started(): boolean {
    return this.starting !== undefined;
  }

  /** Starts the server if it is not up, and asks it one thing. Never throws. */
  async ask<Params extends object, Value>(
    type: protocol.RequestType<Params, Value>,
    params: Params,
    options: AskOptions = {},
  ): Promise<Result<Value>> {
    let listening: Disposable | undefined;
    try {
      const client = await this.start();
      let sent: object = { ...params };
      if (options.progress !== undefined) {
        const workDoneToken = `layerglass-${++this.token}`;
        listening = await this.listen(client, workDoneToken, options.progress);
        sent = { ...sent, workDoneToken };
      }
      return await client.sendRequest<Result<Value>>(type.method, sent, options.token);
    } catch (thrown) {
      return { ok: false, error: this.transportError(thrown, options.token) };
    } finally {
      listening?.dispose();
      options.progress?.(null);
    }
  }

  /** Tells a running server something; a server that is not up has nothing to be told. */
  async tell<Params>(type: protocol.NotificationType<Params>, params: Params): Promise<void> {
    const client = this.client;
    if (client?.isRunning() !== true) return;
    try {
      await client.sendNotification(type.method, params);
    } catch (thrown) {
      this.log.debug(`${type.method} was not sent: ${toError(thrown).message}`);
    }
  }

  /** Starts the server without asking anything, so that hovers work. */
  async wake(): Promise<void> {
    try {
      await this.start();
    } catch (thrown) {
      this.log.error(toError(thrown).message);
    }
  }

  /** A fresh server process, with fresh settings and a clean record of crashes. */
  async restart(): Promise<void> {
    this.crashes = [];
    this.gaveUp = false;
    const old = this.client;
    if (old === undefined) return this.wake();
    this.log.info('Restarting the analysis server.');
    this.stopping = true;
    this.change({ kind: 'down', error: serverDownError });
    try {
      // A server that does not answer the shutdown request in time is ended all the same.
      await old.dispose(3000);
    } catch (thrown) {
      this.log.debug(`Stopping the old server: ${toError(thrown).message}`);
    } finally {
      this.stopping = false;
    }
    this.client = undefined;
    this.starting = undefined;
    await this.wake();
    if (this.current.kind === 'running') this.restarted.fire();
  }

  dispose(): void {
    this.stopping = true;
    void this.client?.dispose(2000).catch(() => undefined);
    this.stateChanged.dispose();
    this.restarted.dispose();
  }

  private async start(): Promise<LanguageClient> {
    if (this.gaveUp) throw new Failure(gaveUpError);
    const client = this.client;
    if (client !== undefined && this.starting !== undefined) {
      // After a crash the library starts the next process itself; `start` waits for that one.
      return this.starting.then(() => client.start()).then(() => client);
    }
    this.starting ??= this.create().catch((thrown) => {
      this.starting = undefined;
      this.client = undefined;
      this.change({ kind: 'down', error: toError(thrown) });
      throw thrown;
    });
    return this.starting;
  }

  private async create(): Promise<LanguageClient> {
    this.change({ kind: 'starting' });
    // Loaded here and not at the top: a window in which nobody opens a model never evaluates it.
    const { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State, TransportKind } =
      await import('vscode-languageclient/node');
    // A process that dies before it ever ran fails the start instead of being tried again and again.
    let everRan = false;
    const client = new LanguageClient(
      'layerglass',
      'Layerglass',
      { module: this.serverModule, transport: TransportKind.ipc },
      {
        outputChannel: this.log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: serverOptions,
        documentSelector: HOVER_SCHEMES.flatMap((scheme) =>
          HOVER_LANGUAGES.map((language) =>
            language.startsWith('json')
              ? { scheme, language, pattern: '**/model*.json' }
              : { scheme, language },
          ),
        ),
        initializationFailedHandler: () => false,
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => ({
            action: everRan && this.mayRestart() ? CloseAction.Restart : CloseAction.DoNotRestart,
            handled: true,
          }),
        },
      },
    );
    this.client = client;
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client || this.stopping) return;
      if (newState === State.Running) {
        this.change({ kind: 'running', backend: null });
        if (everRan) this.restarted.fire();
        everRan = true;
      } else if (everRan && this.current.kind === 'running') {
        this.change({ kind: 'down', error: serverDownError });
      }
    });
    client.onNotification(protocol.backendChanged.method, (backend: BackendStatus) => {
      if (this.current.kind === 'running') this.change({ kind: 'running', backend });
    });
    await client.start();
    return client;
  }

  /** Called for every process that went away on its own; remembers it and decides whether to try again. */
  private mayRestart(): boolean {
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    const may = this.crashes.length <= MAX_CRASHES;
    this.log.warn(`The analysis server went away (${this.crashes.length} within three minutes).`);
    this.gaveUp = !may;
    this.change({ kind: 'down', error: may ? serverDownError : gaveUpError });
    return may;
  }

  private change(state: ServerState): void {
    this.current = state;
    this.stateChanged.fire(state);
  }

  private async listen(
    client: LanguageClient,
    token: string,
    progress: (progress: Progress | null) => void,
  ): Promise<Disposable> {
    const { WorkDoneProgress } = await import('vscode-languageclient/node');
    let last: Progress = { fraction: null, message: '' };
    return client.onProgress(WorkDoneProgress.type, token, (value) => {
      if (value.kind === 'end') return;
      const report: Omit<WorkDoneProgressReport, 'kind'> = value;
      last = {
        fraction: report.percentage === undefined ? last.fraction : report.percentage / 100,
        message: report.message ?? (value.kind === 'begin' ? value.title : last.message),
      };
      progress(last);
    });
  }

  private transportError(thrown: unknown, token: CancellationToken | undefined): LayerglassError {
    if (token?.isCancellationRequested === true) return { kind: 'cancelled', message: 'Cancelled.' };
    if (this.current.kind === 'down') return this.current.error;
    if (this.client?.isRunning() !== true) return serverDownError;
    return toError(thrown);
  }
}

/** Read anew by every server process, so that a restart is all that a changed setting needs. */
function serverOptions(): protocol.ServerOptions {
  const configuration = workspace.getConfiguration('layerglass');
  const backend = configuration.get<string>('backend');
  return {
    backend: backend === 'native' || backend === 'wasm' || backend === 'cpu' ? backend : 'auto',
    // VS Code itself gives back the default here while the workspace is not trusted.
    nativePath: configuration.get<string>('nativePath') ?? '',
    customLayers: customLayers(configuration.get<unknown>('customLayers')),
  };
}

/** Paths of the setting as the server takes them; relative ones start at the first folder of the workspace. */
function customLayers(setting: unknown): string[] {
  const root = workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const paths = Array.isArray(setting) ? setting.filter((path) => typeof path === 'string') : [];
  return paths.filter((path) => path.trim() !== '').map((path) => resolve(root, path));
}
