import { basename, dirname, isAbsolute, resolve } from 'node:path';
import type { Hover, Position } from 'vscode-languageserver/node';
import { MarkupKind } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { toResult } from '../../shared/errors';
import { labelsFor } from '../../shared/labels/foundLabels';
import type { LayerRow } from '../../shared/model';
import { statOf } from '../io/openFile';
import { labelsOf } from '../labels/labels';
import { documentPath, otherCells } from '../language/documents';
import { type ClassNames, findRows, hoverMarkdown } from '../language/layerHover';
import { layerReferenceAt, modelFileReferences } from '../language/layerReference';
import type { OpenModel, OpenModels } from '../session/openModels';

/** A model file named in code is looked up beside the code, then in up to this many parent folders. */
const MAX_PARENT_FOLDERS = 4;

/**
 * The hover over a layer's name. A `model.json` refers to its own model; code refers to the models that the file, or any
 * cell of its notebook, names, else to the active model. `null` when no model has such a layer.
 * @param documents all open documents.
 */
export async function hover(
  models: OpenModels,
  document: TextDocument,
  position: Position,
  active: string | null,
  documents: readonly TextDocument[] = [],
): Promise<Hover | null> {
  const text = document.getText();
  const offset = document.offsetAt(position);
  const reference = layerReferenceAt(text, offset, document.languageId);
  if (!reference) return null;
  const own = documentPath(document.uri);
  const isModelFile = document.languageId.startsWith('json');
  const candidates = isModelFile
    ? [own]
    : [...referencedModels(document, offset, documents).map((name) => resolveModelFile(own, name)), active];
  for (const path of new Set(candidates)) {
    if (path === null) continue;
    const found = await describe(models, path, reference.name);
    if (found !== null) {
      const range = { start: document.positionAt(reference.start), end: document.positionAt(reference.end) };
      return {
        contents: { kind: MarkupKind.Markdown, value: found },
        // A layer's object in JSON spans many lines, so that only a string literal is highlighted.
        ...(isModelFile ? {} : { range }),
      };
    }
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

async function describe(models: OpenModels, path: string, name: string): Promise<string | null> {
  const opened = await toResult(() => models.open(path));
  if (!opened.ok) return null;
  const model: OpenModel = opened.value;
  try {
    const rows = findRows(model.graph.summary, name);
    if (rows.length === 0) return null;
    return hoverMarkdown(rows, model.graph.summary, basename(path), await classNames(model, rows));
  } finally {
    models.close(model.id);
  }
}

/** The names of the classes, if one of the rows is the layer of an output. */
async function classNames(model: OpenModel, rows: readonly LayerRow[]): Promise<ClassNames | null> {
  const { outputs, summary } = model.graph;
  const index = outputs.findIndex(({ node }) => rows.some(({ path }) => path === node));
  if (index < 0) return null;
  const found = await labelsOf(model);
  const names = labelsFor(found, summary.outputs[index]?.shape);
  return names.length === 0 || found.from === null ? null : { names, from: found.from };
}

/**
 * A path on another machine (`\\server\share`, `//server/share`) or a device (`\\.\pipe\x`), with slashes of either kind:
 * merely looking it up would make Windows sign in to that server.
 */
const REMOTE_PATH = /^[\\/]{2}/;

/** The existing file for a path named in code; `null` if there is none. Paths on other machines are never accessed. */
export function resolveModelFile(own: string | null, name: string): string | null {
  if (REMOTE_PATH.test(name)) return null;
  if (isAbsolute(name)) return statOf(name) === null ? null : name;
  let folder = own === null ? null : dirname(own);
  for (let up = 0; folder !== null && up <= MAX_PARENT_FOLDERS; up++) {
    const path = resolve(folder, name);
    if (statOf(path) !== null) return path;
    folder = dirname(folder) === folder ? null : dirname(folder);
  }
  return null;
}
