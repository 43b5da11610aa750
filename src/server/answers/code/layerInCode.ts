import type { CodePlace } from '../../../shared/results/codeComparison';
import { type Program, programsIn } from './programs';

/** A layer of a model, and the names of all layers of that model. */
export interface WantedLayer {
  readonly layer: string;
  readonly names: readonly string[];
}

/**
 * Where code makes a layer of this name: in the programs that make the most layers of the model.
 * @param open the programs of the editor
 * @param paths files, as in `programsIn`
 */
export function layerInCode(
  { layer, names }: WantedLayer,
  open: readonly Program[],
  paths: readonly string[],
  skipped: (reason: string) => void,
): CodePlace[] {
  const wanted = new Set(names);
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
  for (const program of programsIn(open, paths, skipped)) look(program);
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
