import { type ExplainResult, explain } from '../../src/server/explain/explain';
import { pointsIntoRegion } from '../../src/server/explain/measures/localisation';
import { insertionOf, insertionOfRandom } from '../../src/server/explain/trust/figures';
import type { Subject } from '../../src/server/explain/trust/subject';
import { readMapFile } from '../../src/server/inputs/arrays/mapFile';
import { NO_CONTROL } from '../../src/server/run/control';
import type { OpenModel } from '../../src/server/session/openModels';
import type { Run } from '../../src/server/session/runs';
import type { Session } from '../../src/server/session/session';
import { readSidecar } from '../../src/server/session/sidecar';
import { Failure } from '../../src/shared/errors';
import type { Preprocessing } from '../../src/shared/inputs';
import { METHOD_IDS, type MethodId } from '../../src/shared/methods';
import type { HeldOut, HeldOutInput } from './heldOut';

export interface MethodRow {
  readonly method: MethodId | 'random';
  /** Inputs that were explained. */
  readonly n: number;
  /** The share of the maps whose maximum is where the evidence is. */
  readonly pointing: number;
  readonly insertionAuc: number;
  /** Of the explanation alone, the median. */
  readonly seconds: number;
}

export interface SkippedMethod {
  readonly method: MethodId;
  readonly reason: string;
}

export interface MethodTable {
  readonly name: string;
  readonly n: number;
  /** The share of the inputs whose class is predicted. */
  readonly accuracy: number;
  readonly rows: readonly MethodRow[];
  readonly skipped: readonly SkippedMethod[];
}

interface Explained {
  readonly pointing: boolean;
  readonly insertionAuc: number;
  readonly seconds: number;
}

/** Runs the model on one input. */
type RunInput = <T>(input: HeldOutInput, work: (run: Run) => Promise<T>) => Promise<T>;

export interface Opened {
  readonly model: OpenModel;
  readonly preprocessing: Preprocessing;
  readonly runInput: RunInput;
}

export async function opened(session: Session, path: string): Promise<Opened> {
  const model = await session.open(path);
  const preprocessing = readSidecar(model.path)?.preprocessing ?? model.defaultPreprocessing;
  return {
    model,
    preprocessing,
    runInput: (input, work) => session.run(model.id, [input.source], preprocessing, NO_CONTROL, work),
  };
}

/** Every method on the inputs of one sample, each explaining the true class. Yields the table after every tenth input. */
export async function* methodTable(
  session: Session,
  { name, model: path, inputs }: HeldOut,
  limit: number,
  methods: readonly MethodId[] = METHOD_IDS,
): AsyncGenerator<MethodTable> {
  const { model, runInput } = await opened(session, path);
  const used = inputs.slice(0, limit);
  const found = new Map<MethodId | 'random', Explained[]>();
  const skipped: SkippedMethod[] = [];
  let right = 0;
  const table = (done: number): MethodTable => ({
    name,
    n: done,
    accuracy: right / done,
    rows: ['random' as const, ...METHOD_IDS]
      .filter((method) => found.has(method))
      .map((method) => rowOf(method, found.get(method) ?? [])),
    skipped,
  });
  const measure = async (run: Run, method: MethodId, input: HeldOutInput): Promise<void> => {
    if (skipped.some((one) => one.method === method)) return;
    try {
      add(found, method, await measured(run, method, input));
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.error.kind !== 'not-applicable') throw thrown;
      skipped.push({ method, reason: thrown.error.message });
    }
  };
  for (const [i, input] of used.entries()) {
    if (i > 0 && i % 10 === 0) yield table(i);
    await runInput(input, async (run) => {
      const { header } = await explainClass(run, 'saliency', 'auto');
      if (header.target.index === input.label) right++;
      const floor = await insertionOfRandom(await subjectOf(run, 'saliency', input.label), i + 1);
      const [map] = floor?.maps ?? [];
      if (floor && map) {
        const placement = map.shape.map(() => PIXEL);
        const pointing = pointsIntoRegion(map, placement, input.regions);
        add(found, 'random', { pointing, insertionAuc: floor.auc, seconds: 0 });
      }
      for (const method of methods) await measure(run, method, input);
    });
  }
  yield table(used.length);
  session.close(model.id);
}

const PIXEL = { centre: 0.5, stride: 1, window: 1 } as const;

const add = <K, V>(lists: Map<K, V[]>, key: K, value: V): void => {
  lists.set(key, [...(lists.get(key) ?? []), value]);
};

function rowOf(method: MethodRow['method'], maps: readonly Explained[]): MethodRow {
  const mean = (of: (map: Explained) => number): number =>
    maps.reduce((sum, map) => sum + of(map), 0) / maps.length;
  return {
    method,
    n: maps.length,
    pointing: mean(({ pointing }) => Number(pointing)),
    insertionAuc: mean((map) => map.insertionAuc),
    seconds: median(maps.map(({ seconds }) => seconds)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

export const questionOf = (method: MethodId, index: number | 'auto') =>
  ({ method, layer: 'auto', target: { index }, labels: [], insist: true }) as const;

const explainClass = (run: Run, method: MethodId, index: number | 'auto'): Promise<ExplainResult> =>
  explain(run.trace, run.walks, questionOf(method, index), NO_CONTROL, readMapFile);

async function subjectOf(run: Run, method: MethodId, index: number): Promise<Subject> {
  const { trace, walks } = run;
  const question = questionOf(method, index);
  const found = await explainClass(run, method, index);
  return { trace, walks, question, found, readArray: readMapFile, control: NO_CONTROL };
}

async function measured(run: Run, method: MethodId, { label, regions }: HeldOutInput): Promise<Explained> {
  const start = performance.now();
  const subject = await subjectOf(run, method, label);
  const seconds = (performance.now() - start) / 1000;
  const [first] = subject.found.maps;
  const placement = first?.header.placement ?? null;
  return {
    pointing: first !== undefined && placement !== null && pointsIntoRegion(first.map, placement, regions),
    insertionAuc: (await insertionOf(subject)) ?? Number.NaN,
    seconds,
  };
}
