import * as l10n from '@vscode/l10n';
import {
  type Diagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  type Range,
  SymbolKind,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { fullCount } from '../../../shared/amounts';
import { kerasShape } from '../../../shared/kerasShape';
import type { LayerRow } from '../../../shared/model';
import type { Graph } from '../../graph/graph';
import { type OutlinedLayer, outlineOf } from '../../language/layerOutline';
import { findLayerObject } from '../../language/layerReference';

/** Layers that are listed; a graph of TensorFlow has thousands of operations. */
const MAX_SYMBOLS = 5000;

/** The layers of a `model.json` as an outline, with shapes and parameters where they are known. */
export function layerSymbols(document: TextDocument, graph: Graph | null): DocumentSymbol[] {
  const rows = new Map(graph?.summary.layers.map((row) => [row.path, row]));
  const top: DocumentSymbol[] = [];
  const open: { readonly layer: OutlinedLayer; readonly path: string; readonly symbol: DocumentSymbol }[] =
    [];
  for (const layer of outlineOf(document.getText()).slice(0, MAX_SYMBOLS)) {
    while (open.length > 0 && (open.at(-1)?.layer.end ?? 0) <= layer.start) open.pop();
    const around = open.at(-1);
    const path = around === undefined ? layer.name : `${around.path}/${layer.name}`;
    const start = document.positionAt(layer.start);
    const symbol: DocumentSymbol = {
      // A symbol without a name is refused by the editor.
      name: layer.name === '' ? '""' : layer.name,
      detail: detailOf(rows.get(path)),
      kind: SymbolKind.Field,
      range: { start, end: document.positionAt(layer.end) },
      selectionRange: { start, end: start },
      children: [],
    };
    (around?.symbol.children ?? top).push(symbol);
    open.push({ layer, path, symbol });
  }
  return top;
}

function detailOf(row: LayerRow | undefined): string {
  if (row === undefined) return '';
  const shapes = row.outputShapes.map((shape) => kerasShape(shape, '?')).join(', ');
  const text = `${row.className} ${shapes}`;
  return row.params === 0 ? text : l10n.t('{0} · {1} params', text, fullCount(row.params));
}

/** What the shape rules say against layers of a `model.json`. */
export function layerProblems(document: TextDocument, graph: Graph): Diagnostic[] {
  return graph.summary.layers.flatMap(({ path, status, unknownBecause, notice }) => {
    if (status !== 'known' || notice === undefined || unknownBecause !== path) return [];
    const place = findLayerObject(document.getText(), path);
    if (place === null) return [];
    const range = rangeOfProblem(document, place, path);
    return [{ range, message: notice, severity: DiagnosticSeverity.Warning, source: 'Layerglass' }];
  });
}

/** The name of a layer, where it is written in its object as JSON writes it; else the first line of the object. */
function rangeOfProblem(
  document: TextDocument,
  place: { readonly start: number; readonly end: number },
  path: string,
): Range {
  const name = JSON.stringify(path.slice(path.lastIndexOf('/') + 1).replace(/@\d+$/, ''));
  const at = document.getText().slice(place.start, place.end).indexOf(name);
  const start = document.positionAt(place.start + Math.max(0, at));
  if (at >= 0) return { start, end: document.positionAt(place.start + at + name.length) };
  const lineEnd = document.offsetAt({ line: start.line + 1, character: 0 });
  return { start, end: document.positionAt(Math.min(place.end, lineEnd)) };
}
