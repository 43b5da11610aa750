import {
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  type Hover,
  type NotebookDocuments,
  type Position,
  type ServerCapabilities,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import * as z from 'zod';
import type { OpenModels } from '../../session/openModels';
import { codeHover } from './codeHover';
import { guarded, settingOf } from './editor';
import { FilesInCode } from './filesInCode';
import { HINT_STYLES, type HintStyle, hintsIn } from './hints';
import { diagnosticsOf, fixesFor } from './problems';
import { Programs } from './programs';

/** Problems are told when nothing was typed for so long, in milliseconds. */
const PAUSE = 300;

const styleSchema = z.enum(HINT_STYLES).catch('shapesAndParameters');

/** What the server does for code, for the answer to `initialize`. */
export const CODE_CAPABILITIES = {
  inlayHintProvider: true,
  codeLensProvider: {},
  completionProvider: { triggerCharacters: ['"', "'"] },
  definitionProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  notebookDocumentSync: { notebookSelector: [{ notebook: '*', cells: [{ language: 'python' }] }] },
} satisfies ServerCapabilities;

/** Hints, problems, quick fixes and hovers in files of Python, JavaScript and TypeScript, and in notebooks. */
export class CodeEditor {
  private readonly programs: Programs;
  readonly files: FilesInCode;
  private style: HintStyle | null = null;
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly connection: Connection,
    private readonly documents: TextDocuments<TextDocument>,
    notebooks: NotebookDocuments<TextDocument>,
    models: () => OpenModels,
  ) {
    this.programs = new Programs(documents, notebooks);
    this.files = new FilesInCode(connection, documents, this.programs, models);
    documents.onDidChangeContent(({ document }) => this.changed(document.uri));
    documents.onDidClose(({ document }) => this.closed(document.uri));
    connection.onRequest('textDocument/inlayHint', (params) =>
      guarded(this.connection, [], () => this.hints(params)),
    );
    connection.onCodeAction(({ textDocument, context }) =>
      guarded(this.connection, [], async () => {
        const document = documents.get(textDocument.uri);
        const program = this.programs.of(textDocument.uri);
        return document && program ? fixesFor(program, document, context.diagnostics) : [];
      }),
    );
    connection.onDidChangeConfiguration(() => {
      this.style = null;
      this.files.refresh();
      void connection.languages.inlayHint.refresh().catch(() => undefined);
    });
  }

  /** Asks the editor to tell when a setting changes, or model files appear or vanish. */
  listen(): void {
    void this.connection.client
      .register(DidChangeConfigurationNotification.type, { section: 'layerglass' })
      .catch(() => undefined);
    this.files.watchFiles();
  }

  hover(uri: string, position: Position): Hover | null {
    const document = this.documents.get(uri);
    const program = this.programs.of(uri);
    return document && program ? codeHover(program, document, position) : null;
  }

  private async hints(params: z.infer<typeof hintParams>) {
    const { textDocument, range } = hintParams.parse(params);
    const document = this.documents.get(textDocument.uri);
    const program = this.programs.of(textDocument.uri);
    if (!document || !program) return [];
    this.style ??= styleSchema.parse(await settingOf(this.connection, 'layerglass.inlayHints'));
    return hintsIn(program, document, range, this.style);
  }

  private changed(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.set(
      uri,
      setTimeout(() => {
        this.timers.delete(uri);
        void guarded(this.connection, undefined, () => this.tellProblems(uri));
      }, PAUSE),
    );
  }

  private async tellProblems(uri: string): Promise<void> {
    const program = this.programs.of(uri);
    if (program === null) return;
    for (const [document, diagnostics] of diagnosticsOf(program))
      await this.connection.sendDiagnostics({ uri: document.uri, version: document.version, diagnostics });
  }

  private closed(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.delete(uri);
    this.programs.forget(uri);
    void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }
}

const position = z.object({ line: z.number(), character: z.number() });
const hintParams = z.object({
  textDocument: z.object({ uri: z.string() }),
  range: z.object({ start: position, end: position }),
});
