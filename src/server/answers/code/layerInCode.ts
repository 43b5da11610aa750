import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { toError } from '../../../shared/errors';
import type { CodePlace } from '../../../shared/results/codeComparison';
import { PYTHON } from '../../code/python/language';
import { readFile } from '../../io/openFile';
import { documentPath } from '../../language/documents';
import { type Program, programOf } from './programs';

/** Longer files are data, not code. */
const MAX_BYTES = 1_000_000;

/** A layer of a model, and the names of all layers of that model. */
export interface WantedLayer {
  readonly layer: string;
  readonly names: readonly string[];
}

/**
 * Where Python code makes a layer of this name: in the programs that make the most layers of the model.
 * @param open the programs of the editor
 * @param paths files; those that are open, cannot be read or are too large are left out
 * @param skipped is told of the files that cannot be read
 */
export function layerInCode(
  { layer, names }: WantedLayer,
  open: readonly Program[],
  paths: readonly string[],
  skipped: (reason: string) => void,
): CodePlace[] {
  const wanted = new Set(names);
  const shown = new Set(
    open.flatMap(({ pieces }) => pieces.map(({ document }) => documentPath(document.uri))),
  );
  let best = 0;
  let found: CodePlace[] = [];
  const look = (program: Program): void => {
    const made = program.inference.layers;
    const places = made.filter((one) => one.layer.name === layer).flatMap(({ at }) => placeIn(program, at));
    if (places.length === 0) return;
    const score = new Set(made.flatMap((one) => (wanted.has(one.layer.name ?? '') ? [one.layer.name] : [])))
      .size;
    if (score > best) [best, found] = [score, places];
    else if (score === best) found = [...found, ...places];
  };
  for (const program of open) look(program);
  for (const path of paths) {
    if (shown.has(path)) continue;
    try {
      const text = readFile(path, MAX_BYTES).toString('utf8');
      const uri = pathToFileURL(path).href;
      if (/\bkeras\b/.test(text)) look(programOf([TextDocument.create(uri, 'python', 0, text)], PYTHON));
    } catch (thrown) {
      skipped(toError(thrown).message);
    }
  }
  return distinct(found);
}

function placeIn(program: Program, at: Parameters<Program['placeOf']>[0]): CodePlace[] {
  const place = program.placeOf(at);
  return place === null ? [] : [{ uri: place.document.uri, range: place.range }];
}

/** A loop makes several layers at one place. */
const distinct = (places: readonly CodePlace[]): CodePlace[] => [
  ...new Map(places.map((place) => [`${place.uri} ${JSON.stringify(place.range)}`, place])).values(),
];
