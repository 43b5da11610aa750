import { resolve } from 'node:path';
import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  type LogOutputChannel,
  workspace,
} from 'vscode';
import { Failure, type LayerglassError, type Result, stackOf, toError } from '../../shared/errors';
import { BACKENDS, type BackendStatus } from '../../shared/model';
import * as protocol from '../../shared/protocol';
import type { Progress } from '../../shared/view';
import { AnalysisServer } from './analysisServer';
import { ModelIds } from './modelIds';
import { Questions } from './questions';
import { ServerKeeper } from './serverKeeper';

/** So many deaths in a row with nothing asked by the user between them, and the server is left alone. */
const MAX_DEATHS = 5;
/** A server that cannot be asked after this time hangs; a machine under load takes some seconds. */
const START_LIMIT_MS = 60_000;

const serverDownError: LayerglassError = {
  kind: 'closed',
  message: 'The Layerglass analysis server stopped unexpectedly and is being started again.',
};
const voidIdError: LayerglassError = {
  kind: 'closed',
  message: 'The model was opened by a Layerglass analysis server that has ended.',
  remedy: 'Ask again: the model is opened anew.',
};
const gaveUpError = (reason: string): LayerglassError => ({
  kind: 'closed',
  message: `The Layerglass analysis server stopped ${MAX_DEATHS} times in a row (${reason}), so it is not started again by itself.`,
  remedy: 'Ask again to start it, choose "Layerglass: Restart Server", or look into the log.',
});

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
 * The analysis server as the rest of the extension sees it: started by the first question, started again when it dies,
 * and never throwing: what goes wrong on the way is an error value like any other.
 */
export class Client implements Disposable {
  private readonly keeper: ServerKeeper<AnalysisServer>;
  private readonly questions = new Questions();
  private readonly ids = new ModelIds<AnalysisServer>();
  private token = 0;
  private current: ServerState = { kind: 'idle' };
  private readonly stateChanged = new EventEmitter<ServerState>();
  private readonly restarted = new EventEmitter<void>();
  private ended: Promise<void> | undefined;

  /** Fires on every change of `state`. */
  readonly onStateChanged = this.stateChanged.event;
  /** Fires when a new server process is ready after an old one went away: model ids of the old one are void. */
  readonly onRestarted = this.restarted.event;

  constructor(
    serverModule: string,
    private readonly log: LogOutputChannel,
  ) {
    const onBackend = (backend: BackendStatus) => {
      log.info(`Backend ${backend.name} ${backend.version}: ${backend.reason}`);
      if (this.current.kind === 'running') this.change({ kind: 'running', backend });
    };
    this.keeper = new ServerKeeper(
      () => new AnalysisServer({ module: serverModule, log, settings: serverOptions, onBackend }),
      {
        starting: () => this.change({ kind: 'starting' }),
        running: (server, again) => {
          this.ids.only(server);
          this.change({ kind: 'running', backend: null });
          if (again) this.restarted.fire();
        },
        died: (_, reason) => {
          log.error(`The analysis server ended: ${reason}.`);
          for (const { doing, path } of this.questions.died())
            log.error(`It ended while it ${doing} ${path}.`);
        },
        down: ({ reason, final }) => {
          log.warn(`The analysis server is down: ${reason}.`);
          this.change({ kind: 'down', error: final ? gaveUpError(reason) : serverDownError });
        },
      },
      (reason) => new Failure(gaveUpError(reason)),
      { maxDeaths: MAX_DEATHS, startMs: START_LIMIT_MS },
    );
  }

  get state(): ServerState {
    return this.current;
  }

  /** True once somebody has used Layerglass in this window; hovers live from then on. */
  get started(): boolean {
    return this.keeper.used;
  }

  /**
   * The user asks something, which is more than a page that restores itself: a server that was given up is started
   * again, and what was asked about the model at `path` when a server died may be asked again.
   */
  personAsks(path?: string): void {
    this.keeper.freshChance();
    if (path !== undefined) this.questions.allow(path);
  }

  /** Starts the server if it is not up, and asks it one thing. Never throws. */
  async ask<Params extends object, Value>(
    type: protocol.RequestType<Params, Value>,
    params: Params,
    options: AskOptions = {},
  ): Promise<Result<Value>> {
    const path = this.ids.pathOf(params);
    const question = this.questions.question(type.method, params, path);
    const refused = this.questions.refusal(question);
    if (refused !== undefined) return { ok: false, error: refused };
    let server: AnalysisServer | undefined;
    let listening: Disposable | undefined;
    let end = () => {};
    try {
      server = await this.keeper.get();
      let sent = this.ids.outgoing(params, server);
      if (sent === undefined) return { ok: false, error: voidIdError };
      if (options.progress !== undefined) {
        const workDoneToken = `layerglass-${++this.token}`;
        listening = await server.onProgress(workDoneToken, options.progress);
        sent = { ...sent, workDoneToken };
      }
      end = this.questions.begin(question);
      const began = performance.now();
      const result = await server.ask<Value>(type.method, sent, options.token);
      const noted = this.noted(type.method, path, result, performance.now() - began);
      return this.ids.incoming(type.method, noted, server);
    } catch (thrown) {
      if (options.token?.isCancellationRequested === true) {
        return { ok: false, error: { kind: 'cancelled', message: 'Cancelled.' } };
      }
      if (server !== undefined && this.keeper.running !== server) {
        return { ok: false, error: this.questions.refusal(question) ?? serverDownError };
      }
      this.log.error(`${type.method}: ${stackOf(thrown)}`);
      return { ok: false, error: toError(thrown) };
    } finally {
      end();
      listening?.dispose();
      options.progress?.(null);
    }
  }

  /** Tells a running server something; a server that is not up has nothing to be told. */
  async tell<Params>(type: protocol.NotificationType<Params>, params: Params): Promise<void> {
    try {
      await this.keeper.running?.tell(type.method, params);
    } catch (thrown) {
      this.log.debug(`${type.method} was not sent: ${toError(thrown).message}`);
    }
  }

  /** Starts the server without asking anything, so that hovers work. */
  async wake(): Promise<void> {
    try {
      await this.keeper.get();
    } catch (thrown) {
      this.log.error(stackOf(thrown));
    }
  }

  /** A fresh server process with fresh settings; the one that there is ends, whatever it is doing. Never throws. */
  async restart(): Promise<void> {
    this.log.info('Restarting the analysis server.');
    try {
      await this.keeper.restart();
    } catch (thrown) {
      this.log.error(stackOf(thrown));
    }
  }

  /** Ends the server; resolves when its process is gone. */
  end(): Promise<void> {
    this.ended ??= this.keeper.dispose();
    return this.ended;
  }

  dispose(): void {
    void this.end();
    this.stateChanged.dispose();
    this.restarted.dispose();
  }

  /** Writes down what was asked, how long it took and what it failed at. The server has logged the stacks. */
  private noted<Value>(
    method: string,
    path: string | undefined,
    result: Result<Value>,
    ms: number,
  ): Result<Value> {
    const what = `${method} ${path ?? ''} (${Math.round(ms)} ms)`;
    if (result.ok) {
      if (method === protocol.openModel.method) this.log.info(what);
      else this.log.debug(what);
      return result;
    }
    const { stack: _, ...error } = result.error;
    if (error.kind === 'cancelled') this.log.debug(`${what}: cancelled`);
    else this.log.warn(`${what}: ${error.kind}: ${error.message}`);
    return { ok: false, error };
  }

  private change(state: ServerState): void {
    this.current = state;
    this.stateChanged.fire(state);
  }
}

/** Read anew by every server process, so that a restart is all that a changed setting needs. */
function serverOptions(): protocol.ServerOptions {
  const configuration = workspace.getConfiguration('layerglass');
  const backend = configuration.get<string>('backend');
  return {
    backend: BACKENDS.find((name) => name === backend) ?? 'auto',
    // VS Code itself gives back the default here while the workspace is not trusted.
    nativePath: configuration.get<string>('nativePath') ?? '',
    customLayers: customLayers(configuration.get<unknown>('customLayers')),
    memoryLimit: configuration.get<number>('memoryLimit') ?? 0,
  };
}

/** Paths of the setting as the server takes them; relative ones start at the first folder of the workspace. */
function customLayers(setting: unknown): string[] {
  const root = workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const paths = Array.isArray(setting) ? setting.filter((path) => typeof path === 'string') : [];
  return paths.filter((path) => path.trim() !== '').map((path) => resolve(root, path));
}
