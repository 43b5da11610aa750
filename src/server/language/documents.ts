import { isAbsolute } from 'node:path';
import { URI } from 'vscode-uri';

const NOTEBOOK_CELL = 'vscode-notebook-cell';
/** Schemes whose path is that of a file here; in a remote window their authority names this very machine. */
const FILE_SCHEMES: ReadonlySet<string> = new Set(['file', 'vscode-remote', NOTEBOOK_CELL]);

/** The file that a document is, or the notebook that a cell stands in; `null` for one that is not a file. */
export function documentPath(uri: string): string | null {
  const parsed = URI.parse(uri);
  if (!FILE_SCHEMES.has(parsed.scheme)) return null;
  return isAbsolute(parsed.fsPath) ? parsed.fsPath : null;
}

/** The cells of a notebook are documents of their own, which differ in the fragment. `null` for other documents. */
function notebookOf(uri: string): string | null {
  const parsed = URI.parse(uri);
  return parsed.scheme === NOTEBOOK_CELL ? parsed.with({ fragment: null }).toString() : null;
}

/** Those of `documents` that are other cells of the notebook in which the document at `uri` is a cell. */
export function otherCells<T extends { readonly uri: string }>(uri: string, documents: readonly T[]): T[] {
  const notebook = notebookOf(uri);
  if (notebook === null) return [];
  return documents.filter((other) => other.uri !== uri && notebookOf(other.uri) === notebook);
}
