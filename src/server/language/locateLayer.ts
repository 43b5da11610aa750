import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextRange } from '../../shared/results/codeComparison';
import { findLayerObject } from './layerReference';

/** The range of a layer's object in the text of a `model.json`; `null` when it is not there. */
export function locateLayer(text: string, path: string): TextRange | null {
  const found = findLayerObject(text, path);
  if (!found) return null;
  const document = TextDocument.create('model.json', 'json', 0, text);
  return { start: document.positionAt(found.start), end: document.positionAt(found.end) };
}
