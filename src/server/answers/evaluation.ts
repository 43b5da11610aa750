import type { MethodId } from '../../shared/methods';
import { explain } from '../explain/explain';
import { figuresOf, figuresOfRandom, type MapFigures } from '../explain/trust/figures';
import { readMapFile } from '../inputs/arrays/mapFile';
import type { Control } from '../run/control';
import type { Run } from '../session/runs';

export interface EvaluatedMap extends MapFigures {
  /** Of the explanation alone. */
  readonly seconds: number;
}

/** Explains the predicted class of a run by one method and measures the map. @param insist see `ExplainRequest` */
export async function evaluateRun(
  run: Run,
  method: MethodId | 'random',
  control: Control,
  { seed, insist }: { readonly seed: number; readonly insist: boolean },
): Promise<EvaluatedMap> {
  const { trace, walks } = run;
  const explainedBy = method === 'random' ? 'saliency' : method;
  const question = {
    method: explainedBy,
    layer: 'auto',
    target: { index: 'auto' },
    labels: [],
    insist,
  } as const;
  const start = performance.now();
  const found = await explain(trace, walks, question, control, readMapFile);
  const seconds = (performance.now() - start) / 1000;
  const subject = { trace, walks, question, found, readArray: readMapFile, control };
  if (method === 'random') return { ...(await figuresOfRandom(subject, seed)), seconds: 0 };
  return { ...(await figuresOf(subject)), seconds };
}
