import { pathToFileURL } from 'node:url';
import type { NotebookDocuments, Position, Range, TextDocuments } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { toError } from '../../../shared/errors';
import { type Inference, inferShapes } from '../../code/infer';
import { languageNamed, languageOfFile } from '../../code/languages';
import type { Language } from '../../code/machine';
import { PYTHON } from '../../code/python/language';
import type { Span } from '../../code/syntax/ast';
import { readFile } from '../../io/openFile';
import { documentPath } from '../../language/documents';

/** Longer files are data, not code. */
const MAX_BYTES = 1_000_000;

/** A document of a program: a file, or a cell of a notebook, whose cells are one program in their order. */
interface Piece {
  readonly document: TextDocument;
  /** Where its text starts in the program's. */
  readonly start: number;
  readonly end: number;
}

/** A range of one document. */
export interface PlaceInDocument {
  readonly document: TextDocument;
  readonly range: Range;
}

/** A program that is open in the editor, with what is known of it. */
export class Program {
  private known: Inference | null = null;

  constructor(
    readonly language: Language,
    readonly text: string,
    readonly pieces: readonly Piece[],
  ) {}

  get inference(): Inference {
    this.known ??= inferShapes(this.text, this.language);
    return this.known;
  }

  offsetOf(document: TextDocument, position: Position): number {
    const piece = this.pieces.find((other) => other.document.uri === document.uri);
    return (piece?.start ?? 0) + document.offsetAt(position);
  }

  /** `null` for what lies in no document. */
  placeOf({ from, to }: Span): PlaceInDocument | null {
    const piece = this.pieces.find(({ start, end }) => start <= from && from <= end);
    if (piece === undefined) return null;
    const { document, start, end } = piece;
    const last = Math.min(to, end);
    return {
      document,
      range: { start: document.positionAt(from - start), end: document.positionAt(last - start) },
    };
  }
}

/** The programs of the open documents, followed again when one of their documents changed. */
export class Programs {
  /** By the document or notebook. */
  private readonly programs = new Map<
    string,
    { readonly versions: string; readonly program: Program | null }
  >();

  constructor(
    private readonly documents: TextDocuments<TextDocument>,
    private readonly notebooks: NotebookDocuments<TextDocument>,
  ) {}

  /** `null` for a document of another language, or of JavaScript that mentions no TensorFlow.js. */
  of(uri: string): Program | null {
    const document = this.documents.get(uri);
    const language = document === undefined ? null : languageNamed(document.languageId);
    if (document === undefined || language === null) return null;
    const notebook = this.notebooks.findNotebookDocumentForCell(uri);
    const cells = notebook?.cells.flatMap((cell) => {
      const found = this.documents.get(cell.document);
      return found?.languageId === document.languageId ? [found] : [];
    });
    const parts = cells ?? [document];
    const key = `${notebook?.uri ?? uri} ${document.languageId}`;
    const versions = parts.map((part) => `${part.uri} ${part.version}`).join('\n');
    const known = this.programs.get(key);
    if (known?.versions === versions) return known.program;
    const isFollowed = language === PYTHON || parts.some((part) => language.mentions(part.getText()));
    const program = isFollowed ? programOf(parts, language) : null;
    this.programs.set(key, { versions, program });
    return program;
  }

  /** After a document, or a cell of a notebook, was closed. */
  forget(uri: string): void {
    for (const [key, { versions }] of this.programs)
      if (versions.split('\n').some((version) => version.startsWith(`${uri} `))) this.programs.delete(key);
  }
}

/** A program in a file that is not open; `null` for a text that does not mention the library of layers. @throws Failure `file-not-found`, `too-large`, ... */
export function programInFile(path: string): Program | null {
  const text = readFile(path, MAX_BYTES).toString('utf8');
  const uri = pathToFileURL(path).href;
  const language = languageOfFile(path);
  return language.mentions(text) ? programOf([TextDocument.create(uri, '', 0, text)], language) : null;
}

/**
 * The programs of the editor, then those in files.
 * @param paths those that are open, cannot be read or are too large are left out
 * @param skipped is told of the files that cannot be read
 */
export function* programsIn(
  open: readonly Program[],
  paths: readonly string[],
  skipped: (reason: string) => void,
): Generator<Program> {
  yield* open;
  const shown = new Set(
    open.flatMap(({ pieces }) => pieces.map(({ document }) => documentPath(document.uri))),
  );
  for (const path of paths) {
    if (shown.has(path)) continue;
    try {
      const program = programInFile(path);
      if (program !== null) yield program;
    } catch (thrown) {
      skipped(toError(thrown).message);
    }
  }
}

export function programOf(documents: readonly TextDocument[], language: Language): Program {
  const pieces: Piece[] = [];
  let text = '';
  for (const document of documents) {
    const own = language === PYTHON ? withoutMagics(document.getText()) : document.getText();
    pieces.push({ document, start: text.length, end: text.length + own.length });
    text += `${own}\n`;
  }
  return new Program(language, text, pieces);
}

/** Lines that are commands of IPython, such as `%matplotlib inline` and `!pip install keras`, as blanks of their length. */
const withoutMagics = (text: string): string =>
  text.replace(/^[ \t]*[%!?][^\n]*$/gm, (line) => ' '.repeat(line.length));
