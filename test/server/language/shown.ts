import type { Diagnostic, InlayHint, PublishDiagnosticsParams } from 'vscode-languageserver/node';
import type { ServerProcess } from '../serverProcess';

/** All of a short document. */
export const WHOLE = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };

/** What an editor shows of the documents of a server: the problems that it is told of, and the hints that it asks for. */
export class Shown {
  private readonly told = new Map<string, readonly Diagnostic[]>();
  private readonly waiting = new Map<string, (found: readonly Diagnostic[]) => void>();

  constructor(private readonly server: ServerProcess) {
    server.connection.onNotification('textDocument/publishDiagnostics', (sent: PublishDiagnosticsParams) => {
      this.told.set(sent.uri, sent.diagnostics);
      this.waiting.get(sent.uri)?.(sent.diagnostics);
    });
  }

  /** Once they are known. */
  problemsOf(uri: string): Promise<readonly Diagnostic[]> {
    const known = this.told.get(uri);
    return known ? Promise.resolve(known) : new Promise((resolve) => this.waiting.set(uri, resolve));
  }

  /** Of the first hundred lines, with their places. */
  async hintsOf(uri: string): Promise<string[]> {
    const found = await this.server.connection.sendRequest<InlayHint[]>('textDocument/inlayHint', {
      textDocument: { uri },
      range: WHOLE,
    });
    return found.map(({ position, label }) => `${position.line}:${position.character} ${String(label)}`);
  }
}
