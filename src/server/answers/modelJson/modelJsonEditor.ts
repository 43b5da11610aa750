import { basename } from 'node:path';
import {
  type Connection,
  type DocumentSymbol,
  DocumentSymbolRequest,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { toError } from '../../../shared/errors';
import type { Graph } from '../../graph/graph';
import { graphOfText } from '../../session/modelText';
import { layerProblems, layerSymbols } from './symbols';

/** Problems are told when nothing was typed for so long, in milliseconds. */
const PAUSE = 300;

/** Longer texts are not checked while they are typed, only outlined. */
const MAX_CHARACTERS = 4_000_000;

const MODEL_JSON = /^model(?!.*\.layerglass\.json$).*\.json$/i;

/** Outline and problems of a `model.json` while it is edited. */
export class ModelJsonEditor {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** Of the version of a document that was asked for last. */
  private readonly graphs = new Map<string, { readonly version: number; readonly graph: Graph | null }>();

  constructor(
    private readonly connection: Connection,
    private readonly documents: TextDocuments<TextDocument>,
  ) {
    documents.onDidChangeContent(({ document }) => this.changed(document));
    documents.onDidClose(({ document: { uri } }) => this.closed(uri));
    connection.onDocumentSymbol(({ textDocument }) => this.symbols(textDocument.uri));
  }

  /** Asks the editor for the outlines of these files alone: in code of other languages there are none. */
  offerOutline(): void {
    void this.connection.client
      .register(DocumentSymbolRequest.type, {
        documentSelector: [{ language: 'json', pattern: '**/model*.json' }],
        label: 'Layerglass',
      })
      .catch(() => undefined);
  }

  private symbols(uri: string): DocumentSymbol[] {
    const document = this.documents.get(uri);
    return document === undefined || !isModelJson(document)
      ? []
      : layerSymbols(document, this.graphOf(document));
  }

  /** The model that a text describes; `null` for one that describes none, as while it is typed, or is too long. */
  graphOf(document: TextDocument): Graph | null {
    if (!isModelJson(document)) return null;
    const { uri, version } = document;
    const known = this.graphs.get(uri);
    if (known?.version === version) return known.graph;
    const text = document.getText();
    const graph = text.length > MAX_CHARACTERS ? null : graphOfText(text, basename(uri));
    this.graphs.set(uri, { version, graph });
    return graph;
  }

  private changed(document: TextDocument): void {
    if (!isModelJson(document)) return;
    clearTimeout(this.timers.get(document.uri));
    this.timers.set(
      document.uri,
      setTimeout(() => {
        this.timers.delete(document.uri);
        this.tellProblems(document).catch((thrown: unknown) =>
          this.connection.console.warn(`${basename(document.uri)}: ${toError(thrown).message}`),
        );
      }, PAUSE),
    );
  }

  /** While a text is no model, as between two words, the last problems stay. */
  private async tellProblems(document: TextDocument): Promise<void> {
    const graph = this.graphOf(document);
    if (graph === null) return;
    const { uri, version } = document;
    await this.connection.sendDiagnostics({ uri, version, diagnostics: layerProblems(document, graph) });
  }

  private closed(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.delete(uri);
    if (this.graphs.delete(uri)) void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }
}

const isModelJson = ({ languageId, uri }: TextDocument): boolean =>
  languageId === 'json' && MODEL_JSON.test(basename(uri));
