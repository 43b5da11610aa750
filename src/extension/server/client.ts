import { resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  type LogOutputChannel,
  workspace,
} from 'vscode';
import { Failure, type LayerglassError, type Result, stackOf, toError } from '../../shared/errors';
import { BACKENDS, type BackendStatus } from '../../shared/model';
import type * as protocol from '../../shared/protocol';
import type { Progress } from '../../shared/view';
import type { TimeLine } from '../timeLine';
import { AnalysisServer } from './analysisServer';
import { FatalRequests } from './fatalRequests';
import { logResult, withoutStack } from './logResult';
import { ModelIds } from './modelIds';
import { ServerSupervisor } from './serverSupervisor';

/** After this many deaths in a row without a request by the user, the server is not restarted. */
const MAX_DEATHS = 5;
/** A server that is not ready after this time hangs; a machine under load takes some seconds. */
const START_LIMIT_MS = 60_000;

const serverDownError: LayerglassError = {
  kind: 'closed',
  message: l10n.t('The Layerglass analysis server stopped unexpectedly and is restarting.'),
};
const voidIdError: LayerglassError = {
  kind: 'closed',
  message: l10n.t('The model was opened by a Layerglass analysis server that has ended.'),
  remedy: l10n.t('Try again to reopen the model.'),
};
const gaveUpError = (reason: string): LayerglassError => ({
  kind: 'closed',
  message: l10n.t(
    'The Layerglass analysis server stopped {0} times in a row ({1}), so it is not restarted automatically.',
    MAX_DEATHS,
    reason,
  ),
  remedy: l10n.t('Try again, run "Layerglass: Restart Server", or see the log.'),
});

export type ServerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly backend: BackendStatus | null }
  | { readonly kind: 'down'; readonly error: LayerglassError };

export interface AskOptions {
  readonly token?: CancellationToken;
  /** Called with `null` when the request has ended, successfully or not. */
  readonly progress?: (progress: Progress | null) => void;
}

/**
 * The analysis server for the rest of the extension. It starts with the first request and restarts when it dies. Nothing
 * here throws: failures of the process or connection are error values, too.
 */
export class Client implements Disposable {
  private readonly supervisor: ServerSupervisor<AnalysisServer>;
  private readonly fatalRequests = new FatalRequests();
  private readonly ids = new ModelIds<AnalysisServer>();
  private token = 0;
  private current: ServerState = { kind: 'idle' };
  private readonly stateChanged = new EventEmitter<ServerState>();
  private readonly restarted = new EventEmitter<void>();
  private ended: Promise<void> | undefined;

  /** Fires on every change of `state`. */
  readonly onStateChanged = this.stateChanged.event;
  /** Fires when a new server process is ready after an old one ended: model ids of the old one are invalid. */
  readonly onRestarted = this.restarted.event;

  /** @param ownNative the folder in which the extension sets TensorFlow up, whether it is there or not */
  constructor(
    serverModule: string,
    private readonly log: LogOutputChannel,
    ownNative: string,
    timeLine: TimeLine,
  ) {
    const settings = () => serverOptions(ownNative);
    const onBackend = (backend: BackendStatus) => {
      log.info(`Backend ${backend.name} ${backend.version}: ${backend.reason}`);
      if (this.current.kind === 'running') this.change({ kind: 'running', backend });
    };
    this.supervisor = new ServerSupervisor(
      () => new AnalysisServer({ module: serverModule, log, settings, onBackend, timeLine }),
      {
        starting: () => this.change({ kind: 'starting' }),
        running: (server, again) => {
          this.ids.keepOnly(server);
          this.change({ kind: 'running', backend: null });
          if (again) this.restarted.fire();
        },
        died: (_, reason) => {
          log.error(`The analysis server ended: ${reason}.`);
          for (const { action, path } of this.fatalRequests.died())
            log.error(`It ended while it ${action} ${path}.`);
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

  /** True once Layerglass was used in this window; hovers work from then on. */
  get started(): boolean {
    return this.supervisor.used;
  }

  /**
   * To be called for requests by the user, as opposed to pages that restore themselves: a server that was given up may
   * restart, and requests about the model at `path` during which a server died may be repeated.
   */
  noteUserRequest(path?: string): void {
    this.supervisor.resetDeaths();
    if (path !== undefined) this.fatalRequests.allow(path);
  }

  /** Sends a request; starts the server if it is not running. Never throws. */
  async ask<Params extends object, Value>(
    type: protocol.RequestType<Params, Value>,
    params: Params,
    options: AskOptions = {},
  ): Promise<Result<Value>> {
    const path = this.ids.pathOf(params);
    const tracked = this.fatalRequests.track(type.method, params, path);
    const refused = this.fatalRequests.refusal(tracked);
    if (refused !== undefined) return { ok: false, error: refused };
    let server: AnalysisServer | undefined;
    let listening: Disposable | undefined;
    let end = () => {};
    try {
      server = await this.supervisor.get();
      let sent = this.ids.outgoing(params, server);
      if (sent === undefined) return { ok: false, error: voidIdError };
      if (options.progress !== undefined) {
        const workDoneToken = `layerglass-${++this.token}`;
        listening = await server.onProgress(workDoneToken, options.progress);
        sent = { ...sent, workDoneToken };
      }
      end = this.fatalRequests.begin(tracked);
      const start = performance.now();
      const result = await server.ask<Value>(type.method, sent, options.token);
      logResult(this.log, { method: type.method, path, ms: performance.now() - start }, result);
      return this.ids.incoming(type.method, withoutStack(result), server);
    } catch (thrown) {
      if (options.token?.isCancellationRequested === true) {
        return { ok: false, error: { kind: 'cancelled', message: l10n.t('Cancelled.') } };
      }
      if (server !== undefined && this.supervisor.running !== server) {
        return { ok: false, error: this.fatalRequests.refusal(tracked) ?? serverDownError };
      }
      this.log.error(`${type.method}: ${stackOf(thrown)}`);
      return { ok: false, error: toError(thrown) };
    } finally {
      end();
      listening?.dispose();
      options.progress?.(null);
    }
  }

  /** Sends a notification, if the server is running. */
  async tell<Params>(type: protocol.NotificationType<Params>, params: Params): Promise<void> {
    try {
      await this.supervisor.running?.tell(type.method, params);
    } catch (thrown) {
      this.log.debug(`${type.method} was not sent: ${toError(thrown).message}`);
    }
  }

  /** Starts the server without a request, so that hovers work. */
  async start(): Promise<void> {
    try {
      await this.supervisor.get();
    } catch (thrown) {
      this.log.error(stackOf(thrown));
    }
  }

  /** Replaces the server process, busy or not, by a new one with the current settings. Never throws. */
  async restart(): Promise<void> {
    this.log.info('Restarting the analysis server.');
    try {
      await this.supervisor.restart();
    } catch (thrown) {
      this.log.error(stackOf(thrown));
    }
  }

  /** Ends the server; resolves when its process is gone. */
  end(): Promise<void> {
    this.ended ??= this.supervisor.dispose();
    return this.ended;
  }

  dispose(): void {
    void this.end();
    this.stateChanged.dispose();
    this.restarted.dispose();
  }

  private change(state: ServerState): void {
    this.current = state;
    this.stateChanged.fire(state);
  }
}

/** Read by every new server process, so that a restart applies changed settings. */
export function serverOptions(ownNative: string): protocol.ServerOptions {
  const configuration = workspace.getConfiguration('layerglass');
  const backend = configuration.get<string>('backend');
  return {
    backend: BACKENDS.find((name) => name === backend) ?? 'auto',
    // VS Code returns the default here while the workspace is not trusted.
    nativePath: configuration.get<string>('nativePath') || ownNative,
    customLayers: customLayers(configuration.get<unknown>('customLayers')),
    memoryLimit: configuration.get<number>('memoryLimit') ?? 0,
    threads: configuration.get<number>('threads') ?? 0,
  };
}

/** Absolute paths from the setting; relative ones start at the first workspace folder. */
function customLayers(setting: unknown): string[] {
  const root = workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const paths = Array.isArray(setting) ? setting.filter((path) => typeof path === 'string') : [];
  return paths.filter((path) => path.trim() !== '').map((path) => resolve(root, path));
}
