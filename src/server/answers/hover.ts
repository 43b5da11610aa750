import { basename } from 'node:path';
import type { Hover, Position } from 'vscode-languageserver/node';
import { MarkupKind } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { toResult } from '../../shared/errors';
import { labelsFor } from '../../shared/labels/foundLabels';
import type { LayerRow } from '../../shared/model';
import type { Graph } from '../graph/graph';
import { labelsOf } from '../labels/labels';
import { documentPath, otherCells } from '../language/documents';
import { type ClassNames, findRows, hoverMarkdown } from '../language/layerHover';
import { layerReferenceAt, modelFileReferences } from '../language/layerReference';
import type { OpenModel, OpenModels } from '../session/openModels';
import { namedFile } from './code/namedFile';

/** What is open in the editor. */
export interface Opened {
  /** The model that the user works with. */
  readonly active: string | null;
  readonly documents: readonly TextDocument[];
  /** The folders of the workspace. */
  folders(): Promise<readonly string[]>;
  /** The model that the text of a `model.json` describes; `null` for one that describes none. */
  graphOf(document: TextDocument): Graph | null;
}

/**
 * The hover over a layer's name. A `model.json` refers to its own model, as it is in the editor; code refers to the models that the file,
 * or any cell of its notebook, names, else to the active model. `null` when no model has such a layer.
 */
export async function hover(
  models: OpenModels,
  document: TextDocument,
  position: Position,
  opened: Opened,
): Promise<Hover | null> {
  const text = document.getText();
  const offset = document.offsetAt(position);
  const reference = layerReferenceAt(text, offset, document.languageId);
  if (!reference) return null;
  const own = documentPath(document.uri);
  if (document.languageId.startsWith('json')) {
    const value = own === null ? null : await describe(models, own, reference.name, opened.graphOf(document));
    // A layer's object in JSON spans many lines, so that nothing is highlighted.
    return value === null ? null : { contents: { kind: MarkupKind.Markdown, value } };
  }
  const names = referencedModels(document, offset, opened.documents);
  const folders = names.length === 0 ? [] : await opened.folders();
  for (const path of new Set([...names.map((name) => namedFile(own, folders, name)), opened.active])) {
    const value = path === null ? null : await describe(models, path, reference.name, null);
    if (value === null) continue;
    const range = { start: document.positionAt(reference.start), end: document.positionAt(reference.end) };
    return { contents: { kind: MarkupKind.Markdown, value }, range };
  }
  return null;
}

/** The model files that a document names, nearest first, then those named in other cells of its notebook. */
function referencedModels(
  document: TextDocument,
  offset: number,
  documents: readonly TextDocument[],
): string[] {
  const cells = otherCells(document.uri, documents).map((cell) => cell.getText());
  return [
    ...modelFileReferences(document.getText(), offset),
    ...cells.flatMap((text) => modelFileReferences(text, 0)),
  ];
}

/** @param edited the model as the text in the editor describes it; a graph of operations needs its file. */
async function describe(
  models: OpenModels,
  path: string,
  name: string,
  edited: Graph | null,
): Promise<string | null> {
  const opened = await toResult(() => models.open(path));
  const model = opened.ok ? opened.value : null;
  try {
    const graph = edited ?? model?.graph;
    if (graph === undefined) return null;
    const rows = findRows(graph.summary, name);
    if (rows.length === 0) return null;
    const classes = model === null ? null : await classNames(model, graph, rows);
    return hoverMarkdown(rows, graph.summary, basename(path), classes);
  } finally {
    if (model !== null) models.close(model.id);
  }
}

/** The names of the classes, if one of the rows is the layer of an output. */
async function classNames(
  model: OpenModel,
  { outputs, summary }: Graph,
  rows: readonly LayerRow[],
): Promise<ClassNames | null> {
  const index = outputs.findIndex(({ node }) => rows.some(({ path }) => path === node));
  if (index < 0) return null;
  const found = await labelsOf(model);
  const names = labelsFor(found, summary.outputs[index]?.shape);
  return names.length === 0 || found.from === null ? null : { names, from: found.from };
}
