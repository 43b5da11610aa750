import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import {
  type CodeLens,
  CodeLensRefreshRequest,
  type CompletionItem,
  CompletionItemKind,
  type Connection,
  DidChangeWatchedFilesNotification,
  type Location,
  type Position,
  type TextDocuments,
  WatchKind,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { fail } from '../../../shared/errors';
import type { CompareWithCodeParams } from '../../../shared/protocol';
import type { CodeComparison, CodePlace } from '../../../shared/results/codeComparison';
import { layersOf } from '../../code/keras/members';
import type { Lookup } from '../../code/machine';
import type { Layer, Model } from '../../code/values';
import type { Graph } from '../../graph/graph';
import { documentPath } from '../../language/documents';
import type { OpenModels } from '../../session/openModels';
import { compareWithCode } from './compareWithCode';
import { foldersOf, guarded, settingOf } from './editor';
import { layerInCode, type WantedLayer } from './layerInCode';
import { lensesIn } from './lenses';
import { inCommon, modelInCode } from './modelInCode';
import { namedFile } from './namedFile';
import { type Program, type Programs, programInFile, programsIn } from './programs';

const WATCHED = '**/{*.keras,*.h5,*.hdf5,model*.json,saved_model.pb}';

/** A layer that a string may name, with what is shown beside it. */
interface NamedLayer {
  readonly name: string;
  readonly className: string;
}

/** Lenses over the model files that code names, and the names of layers in its strings. */
export class FilesInCode {
  constructor(
    private readonly connection: Connection,
    private readonly documents: TextDocuments<TextDocument>,
    private readonly programs: Programs,
    private readonly models: () => OpenModels,
  ) {
    connection.onCodeLens(({ textDocument }) =>
      guarded(this.connection, [], () => this.lenses(textDocument.uri)),
    );
    connection.onCompletion(({ textDocument, position }) =>
      guarded(this.connection, [], () => this.complete(textDocument.uri, position)),
    );
    connection.onDefinition(({ textDocument, position }) =>
      guarded(this.connection, null, async () => this.define(textDocument.uri, position)),
    );
    connection.onDidChangeWatchedFiles(() => this.refresh());
  }

  /** Asks the editor to tell when model files appear or vanish. */
  watchFiles(): void {
    void this.connection.client
      .register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: WATCHED, kind: WatchKind.Create | WatchKind.Delete }],
      })
      .catch(() => undefined);
  }

  /** Lets the editor ask for lenses again. */
  refresh(): void {
    // Not every editor can be asked to.
    void this.connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
  }

  /**
   * A model file and what code builds for it.
   * @param position where the call starts that names the file, if there is one
   * @throws Failure `not-applicable` where the code builds nothing that belongs to the file
   */
  async compare({ path, uri, position }: CompareWithCodeParams): Promise<CodeComparison> {
    const document = this.documents.get(uri);
    const own = documentPath(uri);
    const program = this.programs.of(uri) ?? (own === null ? null : programInFile(own));
    const at = document && program && position ? program.offsetOf(document, position) : null;
    const isFile = await this.isFile(path, uri);
    return this.withModel(path, (graph) => {
      const model = program && modelInCode(program, graph.summary, at, isFile);
      if (!model || !program)
        return fail(
          'not-applicable',
          l10n.t('{0} builds no model whose layers are those of {1}.', basename(own ?? uri), basename(path)),
          {
            subject: path,
            remedy: l10n.t('Compare it with the code that makes its layers, or saves it there.'),
          },
        );
      return compareWithCode(path, graph, model, (layer) => placeOf(program, layer));
    });
  }

  /** The open documents and files that build layers of a model file, what builds the most of them first. */
  async codeFor(path: string, paths: readonly string[]): Promise<string[]> {
    const programs = [...programsIn(this.open(), paths, (reason) => this.connection.console.info(reason))];
    const tests = await Promise.all(
      programs.map(({ pieces }) => this.isFile(path, pieces[0]?.document.uri ?? '')),
    );
    return this.withModel(path, ({ summary }) =>
      programs
        .flatMap((program, i) => {
          const model = modelInCode(program, summary, null, tests[i] ?? (() => false));
          const uri = program.pieces[0]?.document.uri;
          return model && uri !== undefined ? [{ uri, common: inCommon(model, summary) }] : [];
        })
        .sort((one, other) => other.common - one.common)
        .map(({ uri }) => uri),
    );
  }

  /** Where the code of open documents or of these files makes a layer of this name. */
  find(wanted: WantedLayer, paths: readonly string[]): CodePlace[] {
    return layerInCode(wanted, this.open(), paths, (reason) => this.connection.console.info(reason));
  }

  private open(): Program[] {
    return [...new Set(this.documents.all().flatMap(({ uri }) => this.programs.of(uri) ?? []))];
  }

  /** Tells whether a name in a document is that of a file. */
  private async isFile(path: string, uri: string): Promise<(name: string) => boolean> {
    const folders = await foldersOf(this.connection);
    return (name) => namedFile(documentPath(uri), folders, name) === path;
  }

  private async lenses(uri: string): Promise<CodeLens[]> {
    const document = this.documents.get(uri);
    const program = this.programs.of(uri);
    if (!document || !program || program.inference.files.length === 0) return [];
    if ((await settingOf(this.connection, 'layerglass.codeLens')) === false) return [];
    const folders = await foldersOf(this.connection);
    return lensesIn(program, document, (name) => namedFile(documentPath(uri), folders, name));
  }

  private lookupAt(uri: string, position: Position) {
    const document = this.documents.get(uri);
    const program = this.programs.of(uri);
    if (!document || !program) return null;
    const offset = program.offsetOf(document, position);
    const lookup = program.inference.lookups.find(({ at }) => at.from < offset && offset < at.to);
    return lookup === undefined ? null : { program, lookup };
  }

  private async complete(uri: string, position: Position): Promise<CompletionItem[]> {
    const found = this.lookupAt(uri, position);
    if (found === null) return [];
    const { at, of } = found.lookup;
    // Between the quotes.
    const place = found.program.placeOf({ from: at.from + 1, to: at.to - 1 });
    if (place === null) return [];
    const names = typeof of === 'string' ? await this.namesInFile(uri, of) : namesIn(of);
    return names.map(({ name, className }, i) => ({
      label: name,
      detail: className,
      kind: CompletionItemKind.Value,
      // In the order of the model.
      sortText: String(i).padStart(6, '0'),
      textEdit: { range: place.range, newText: name },
    }));
  }

  private async namesInFile(uri: string, name: string): Promise<NamedLayer[]> {
    const path = namedFile(documentPath(uri), await foldersOf(this.connection), name);
    if (path === null) return [];
    return this.withModel(path, ({ summary }) => summary.layers.filter(({ parent }) => parent === null));
  }

  private define(uri: string, position: Position): Location | null {
    const found = this.lookupAt(uri, position);
    if (found === null) return null;
    const { program, lookup } = found;
    const layer = layerNamed(program, lookup);
    return layer === null ? null : placeOf(program, layer);
  }

  private async withModel<T>(path: string, use: (graph: Graph) => T): Promise<T> {
    const models = this.models();
    const model = await models.open(path);
    try {
      return use(model.graph);
    } finally {
      models.close(model.id);
    }
  }
}

const namesIn = (model: Model): NamedLayer[] =>
  (layersOf(model) ?? []).flatMap(({ name, className }) => (name === null ? [] : [{ name, className }]));

/** The layer whose name is between the quotes of a lookup in a model of the program. */
function layerNamed({ text }: Program, { at, of }: Lookup): Layer | Model | null {
  if (typeof of === 'string') return null;
  const name = text.slice(at.from + 1, at.to - 1);
  return layersOf(of)?.find((layer) => layer.name === name) ?? null;
}

/** Where a program makes a layer; `null` for one that Keras makes. */
function placeOf(program: Program, { site }: Layer | Model): CodePlace | null {
  const place = site === null ? null : program.placeOf(site);
  return place === null ? null : { uri: place.document.uri, range: place.range };
}
