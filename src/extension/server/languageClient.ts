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
 * The only module that imports the language client at run time. It is itself imported when the first server starts, so
 * that a window without a model never loads it.
 */

/** Documents that may name layers: Keras code, notebook cells and the text of a `model.json`. */
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

/** A client of one server process. It neither starts nor restarts the process, and ends with it. */
class OneServerClient extends LanguageClient {
  /** The library stops a client that failed to start without awaiting it: a rejection would be unhandled. */
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

/** Forwards the server's progress reports for the request with this token. */
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
