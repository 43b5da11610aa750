import type { ChildProcess } from 'node:child_process';
import type { Disposable, LogOutputChannel } from 'vscode';
import {
  CloseAction,
  ErrorAction,
  IPCMessageReader,
  IPCMessageWriter,
  LanguageClient,
  RevealOutputChannelOn,
  WorkDoneProgress,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import { toError } from '../../shared/errors';
import type { ServerOptions } from '../../shared/protocol';
import type { Progress } from '../../shared/view';

/**
 * The one module that evaluates the language client. It is imported when the first server starts, so that a window in
 * which nobody opens a model never loads it.
 */

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

/** Speaks to one process of the server. It starts no process, restarts none, and is thrown away with its process. */
class OneServerClient extends LanguageClient {
  /** The library stops a client that failed to start without waiting for it; nobody would hear the rejection. */
  override async stop(timeout?: number): Promise<void> {
    try {
      await super.stop(timeout);
    } catch (thrown) {
      this.outputChannel.appendLine(`Stopping the language client: ${toError(thrown).message}`);
    }
  }
}

export function createLanguageClient(
  server: ChildProcess,
  log: LogOutputChannel,
  options: () => ServerOptions,
): LanguageClient {
  return new OneServerClient(
    'layerglass',
    'Layerglass',
    async () => ({ reader: new IPCMessageReader(server), writer: new IPCMessageWriter(server) }),
    {
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: options,
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
        closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
      },
    },
  );
}

/** Passes on what the server reports about the request that was sent with this token. */
export function listenForProgress(
  client: LanguageClient,
  token: string,
  progress: (progress: Progress) => void,
): Disposable {
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
