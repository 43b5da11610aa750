import type { Shape } from '../../shared/model';
import { type InferredLayer, inferShapes } from './infer';
import type { Language, Problem } from './machine';
import { PYTHON } from './python/language';
import type { Layer, Model } from './values';

/** One layer of a Python file, as `layerglass infer --json` prints it. */
export interface InferredRow {
  /** From 1. */
  readonly line: number;
  /** As Keras names it; `null` where it is not known. */
  readonly name: string | null;
  readonly className: string;
  /** Batch axis first, `null` for Keras's None; a list of shapes for several outputs; `null` where it is not known. */
  readonly outputShape: Shape | readonly Shape[] | null;
  readonly params: number | null;
  readonly problem?: string;
}

/** The layers and models that a Python text makes, in order, and what Keras would refuse. */
export function inferRows(text: string, language: Language = PYTHON): readonly InferredRow[] {
  const { layers, problems } = inferShapes(text, language);
  const lineOf = lineCounter(text);
  const told = new Set<Problem>();
  const ordered = [...layers].sort((a, b) => a.at.from - b.at.from);
  const rows = ordered.map((inferred): InferredRow => {
    const found = problems.find((problem) => !told.has(problem) && problem.at.from === inferred.at.from);
    if (found !== undefined) told.add(found);
    return {
      line: lineOf(inferred.at.from),
      name: inferred.layer.name,
      className: classNameOf(inferred.layer),
      outputShape: shapeOf(inferred),
      params: inferred.params,
      ...(found !== undefined && { problem: found.message }),
    };
  });
  const rest = problems
    .filter((problem) => !told.has(problem))
    .map(
      ({ at, message }): InferredRow => ({
        line: lineOf(at.from),
        name: null,
        className: '',
        outputShape: null,
        params: null,
        problem: message,
      }),
    );
  return [...rows, ...rest].sort((a, b) => a.line - b.line);
}

/** As Python names it. */
export const classNameOf = (layer: Layer | Model): string =>
  (layer.kind === 'model' ? layer.instance?.class.name : undefined) ?? layer.className;

function shapeOf({ outputShapes }: InferredLayer): InferredRow['outputShape'] {
  const [only, second] = outputShapes ?? [];
  if (only === undefined) return null;
  return second === undefined ? only : outputShapes;
}

/** Line numbers, from 1, of offsets. */
export function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
