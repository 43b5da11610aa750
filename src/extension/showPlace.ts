import { Range, Uri, window, workspace } from 'vscode';
import type { CodePlace } from '../shared/results/codeComparison';

/** Selects a place of code in an editor. */
export async function showPlace({ uri, range: { start, end } }: CodePlace): Promise<void> {
  const document = await workspace.openTextDocument(Uri.parse(uri, true));
  const selection = new Range(start.line, start.character, end.line, end.character);
  await window.showTextDocument(document, { selection });
}
