import { isAbsolute } from 'node:path';
import { URI } from 'vscode-uri';

const NOTEBOOK_CELL = 'vscode-notebook-cell';
/** Schemes whose path is a local file; in a remote window their authority is this machine. */
const FILE_SCHEMES: ReadonlySet<string> = new Set(['file', 'vscode-remote', NOTEBOOK_CELL]);

/** The file of a document, or the notebook of a cell; `null` for a document that is not a file. */
export function documentPath(uri: string): string | null {
  const parsed = URI.parse(uri);
  if (!FILE_SCHEMES.has(parsed.scheme)) return null;
  return isAbsolute(parsed.fsPath) ? parsed.fsPath : null;
}

/** The notebook of a cell: its cells are separate documents, which differ in the fragment. `null` for other documents. */
function notebookOf(uri: string): string | null {
  const parsed = URI.parse(uri);
  return parsed.scheme === NOTEBOOK_CELL ? parsed.with({ fragment: null }).toString() : null;
}

/** The documents that are other cells of the same notebook as the cell at `uri`. */
export function otherCells<T extends { readonly uri: string }>(uri: string, documents: readonly T[]): T[] {
  const notebook = notebookOf(uri);
  if (notebook === null) return [];
  return documents.filter((other) => other.uri !== uri && notebookOf(other.uri) === notebook);
}
