import { basename, dirname, isAbsolute, resolve } from 'node:path';
import type { Hover, Position } from 'vscode-languageserver/node';
import { MarkupKind } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { toResult } from '../../shared/errors';
import { statOf } from '../io/openFile';
import { documentPath, otherCells } from '../language/documents';
import { hoverMarkdown, rowsNamed } from '../language/layerHover';
import { layerReferenceAt, modelFilesNamed } from '../language/layerReference';
import type { OpenModel, OpenModels } from '../session/openModels';

/** How far up a model file named in code is looked for: beside the file, then in the folders around it. */
const FOLDERS_UP = 4;

/**
 * The hover over a layer's name: in a `model.json` of the file's own model; in code of the models that the file names, or any
 * cell of its notebook, else of the active one. `null` when no model has such a layer.
 * @param documents all that are open.
 */
export async function hoverAt(
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
    : [...namedModels(document, offset, documents).map((name) => resolveNear(own, name)), active];
  for (const path of new Set(candidates)) {
    if (path === null) continue;
    const found = await describe(models, path, reference.name);
    if (found !== null) {
      const range = { start: document.positionAt(reference.start), end: document.positionAt(reference.end) };
      return {
        contents: { kind: MarkupKind.Markdown, value: found },
        // A layer's object in JSON spans pages; only a literal is marked.
        ...(isModelFile ? {} : { range }),
      };
    }
  }
  return null;
}

/** The model files that a document names, nearest first, then those that other cells of its notebook do. */
function namedModels(document: TextDocument, offset: number, documents: readonly TextDocument[]): string[] {
  const cells = otherCells(document.uri, documents).map((cell) => cell.getText());
  return [
    ...modelFilesNamed(document.getText(), offset),
    ...cells.flatMap((text) => modelFilesNamed(text, 0)),
  ];
}

async function describe(models: OpenModels, path: string, name: string): Promise<string | null> {
  const opened = await toResult(() => models.open(path));
  if (!opened.ok) return null;
  const model: OpenModel = opened.value;
  try {
    const rows = rowsNamed(model.graph.summary, name);
    return rows.length === 0 ? null : hoverMarkdown(rows, model.graph.summary, basename(path));
  } finally {
    models.close(model.id);
  }
}

/**
 * A path of another machine (`\\server\share`, `//server/share`) or a device (`\\.\pipe\x`), however the slashes stand: Windows
 * would sign in at a server that a text merely names.
 */
const OTHER_MACHINE = /^[\\/]{2}/;

/** The model file that a text names, where there is one. A path of another machine is not touched. */
export function resolveNear(own: string | null, name: string): string | null {
  if (OTHER_MACHINE.test(name)) return null;
  if (isAbsolute(name)) return statOf(name) === null ? null : name;
  let folder = own === null ? null : dirname(own);
  for (let up = 0; folder !== null && up <= FOLDERS_UP; up++) {
    const path = resolve(folder, name);
    if (statOf(path) !== null) return path;
    folder = dirname(folder) === folder ? null : dirname(folder);
  }
  return null;
}
