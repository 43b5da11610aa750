import * as l10n from '@vscode/l10n';
import { type ErrorKind, Failure, fail, ok, type Result, toError, toResult } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import { uninterruptedExamples } from '../explain/anticipate';
import { MAX_PASS_BYTES } from '../explain/passes';
import type { LoadedInput } from '../inputs/loadedInput';
import type { PartReader } from '../inputs/partReader';
import type { Runtime } from '../run/backends/backend';
import { type Control, checkpoint } from '../run/control';
import { livenessOf, peakBytes } from '../run/liveness';
import { hasNonFinite } from '../run/nonFinite';
import { rowsOf } from '../run/rows';
import { runForward, type Trace } from '../run/trace';
import type { Weights } from '../run/weights/weights';
import { type Example, joined } from './examples';
import type { JointRun } from './jointRun';
import { loadInputs } from './modelInputs';
import type { OpenModel } from './openModels';
import { checkCost, costOf } from './runCost';
import { declaredShapes, type Run, type Runs } from './runs';
import { RecentWalks } from './walks';

export interface ManyRunsRequest<T> {
  /** Each with one source per model input. */
  readonly examples: readonly (readonly InputSource[])[];
  readonly preprocessing: Preprocessing;
  /** As `InputReadOptions` has it. */
  readonly preprocessArrays?: boolean;
  /** Run even if it is costly. */
  readonly insist: boolean;
  readonly reader: PartReader;
  /** Whether several may share a run: not where each makes many passes of its own. */
  readonly mayShare: boolean;
  /** Answers the question about some inputs: one answer for each, in their order. The runs are valid until it returns. */
  answer(joint: JointRun): Promise<T[]>;
  /** Whether two answers about the same input, alone and in company, are equal up to rounding. */
  isSame(alone: T, inCompany: T): boolean;
  /** Gets answers, of inputs that were run together or of one, as soon as they are there. */
  take(answers: readonly Answer<T>[]): Promise<void>;
}

export interface Answer<T> {
  /** Which example. */
  readonly at: number;
  readonly result: Result<T>;
}

interface Loaded {
  readonly at: number;
  readonly example: Example;
}

/** More in one run are hardly faster: what is the same for each run is then a small part. */
const MAX_TOGETHER = 8;
/** Failures after which no further run is made; any other one is that of its example. */
const FATAL: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['cancelled', 'compute-ended']);

/**
 * Answers a question about many examples, several in a run where the model treats each as if it were alone. That is found out with the first one,
 * which is also run alone: if its answer differs in company, each gets a run of its own, as does one with values that are not finite, with
 * texts, or of a model that leaves sizes open. All shared runs have the same number of examples, the last one filled up, so that an
 * answer does not depend on the company.
 *
 * @throws Failure `too-costly`, `closed`, `weights-only`, `cancelled`, `compute-ended`, and those of `take`
 */
export function manyRuns<T>(
  runs: Runs,
  model: OpenModel,
  runtime: Runtime,
  request: ManyRunsRequest<T>,
  control: Control,
): Promise<void> {
  return runs.withWeights(model, runtime, request.insist, async (weights, maxBytes) => {
    const work = new Work({ model, runtime, weights, maxBytes, control }, request);
    const { examples, reader } = request;
    try {
      for (const [at, sources] of examples.entries()) {
        await checkpoint(control, at / examples.length, l10n.t('Reading inputs'));
        const loaded = await toResult(() => load(model, runtime, sources, request, maxBytes));
        if (loaded.ok) await work.add({ at, example: loaded.value });
        else await request.take([{ at, result: loaded }]);
      }
      await work.finish();
    } finally {
      reader.rest();
    }
  });
}

async function load<T>(
  model: OpenModel,
  runtime: Runtime,
  sources: readonly InputSource[],
  { preprocessing, preprocessArrays = false, insist, reader }: ManyRunsRequest<T>,
  maxBytes: number,
): Promise<Example> {
  const example = await loadInputs(model, sources, preprocessing, { preprocessArrays, read: reader.read });
  const cost = costOf(
    model.graph,
    example.map(({ shape }) => shape),
  );
  if (!insist) checkCost(model.path, cost, runtime.status.name, maxBytes);
  return example;
}

interface Passes {
  readonly model: OpenModel;
  readonly runtime: Runtime;
  readonly weights: Weights;
  /** Of the values of one example. */
  readonly maxBytes: number;
  readonly control: Control;
}

/** Answers about examples as they come. */
class Work<T> {
  /** Examples in one run; null while it is not known. */
  private size: number | null;
  private waiting: Loaded[] = [];
  /** The answer about the first of those that wait, alone, while it is not known whether company changes it. */
  private alone: T | null = null;

  constructor(
    private readonly passes: Passes,
    private readonly request: ManyRunsRequest<T>,
  ) {
    this.size = request.mayShare && hasFreeBatch(passes.model) ? null : 1;
  }

  async add(loaded: Loaded): Promise<void> {
    if (this.size === 1 || !loaded.example.every(isPlain)) return this.answerAlone(loaded);
    if (this.size === null) return this.answerFirst(loaded);
    this.waiting.push(loaded);
    if (this.waiting.length >= this.size) await this.finish();
  }

  /** Answers those that wait. */
  async finish(): Promise<void> {
    const { waiting, alone } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    this.alone = null;
    const answers = await this.together(waiting);
    const [first] = answers ?? [];
    const isSame = alone === null || (first !== undefined && this.request.isSame(alone, first));
    if (answers?.length === waiting.length && isSame) {
      return this.request.take(answers.map((value, i) => ({ at: waiting[i]?.at ?? 0, result: ok(value) })));
    }
    this.size = 1;
    for (const loaded of waiting) await this.answerAlone(loaded);
  }

  /** Its run shows how many fit into one. */
  private async answerFirst(loaded: Loaded): Promise<void> {
    let size = 1;
    const result = await this.runAlone(loaded, (joint) => {
      size = roomFor(joint, this.passes);
    });
    if (result.ok) this.size = size;
    if (!result.ok || size === 1) return this.request.take([{ at: loaded.at, result }]);
    this.alone = result.value;
    this.waiting.push(loaded);
  }

  private async answerAlone(loaded: Loaded): Promise<void> {
    await this.request.take([{ at: loaded.at, result: await this.runAlone(loaded) }]);
  }

  private async runAlone(loaded: Loaded, look: (joint: JointRun) => void = () => {}): Promise<Result<T>> {
    try {
      const answers = await withJointRun(this.passes, [loaded], 1, async (joint) => {
        const found = await this.request.answer(joint);
        look(joint);
        return found;
      });
      const [only] = answers ?? [];
      return only === undefined ? fail('internal', 'An example has no answer.') : ok(only);
    } catch (thrown) {
      if (isFatal(thrown)) throw thrown;
      return { ok: false, error: toError(thrown) };
    }
  }

  /** Null where they cannot share a run. */
  private async together(some: readonly Loaded[]): Promise<T[] | null> {
    try {
      return await withJointRun(this.passes, some, this.size ?? 1, (joint) => this.request.answer(joint));
    } catch (thrown) {
      if (isFatal(thrown)) throw thrown;
      return null;
    }
  }
}

const isFatal = (thrown: unknown): boolean => thrown instanceof Failure && FATAL.has(thrown.error.kind);

/** Values that are not finite would take all others with them where a backend computes graphs of finite ones only. */
const isPlain = ({ strings, shape, values }: LoadedInput): boolean =>
  strings === undefined && shape[0] === 1 && !hasNonFinite(values);

/** Whether the model takes any number of examples, each of the same sizes. */
function hasFreeBatch(model: OpenModel): boolean {
  const { inputs, nodes } = model.graph;
  const isFree = inputs.every((path) => nodes.get(path)?.outputShapes[0]?.[0] === null);
  return inputs.length > 0 && isFree && declaredShapes(model).every((shape) => !shape.includes(null));
}

/** How many examples fit into a run, by what that of one took. */
function roomFor({ whole, walks }: JointRun, { runtime: { lazy } }: Passes): number {
  const { graph, values } = whole;
  // A backend that computes what is read stores nothing else.
  const isStored = (path: string): boolean => {
    const { pre = null, outputs = [] } = values.get(path) ?? {};
    return !lazy || (pre ? [pre, ...outputs] : outputs).some((tensor) => lazy.isComputed(tensor));
  };
  const stored = new Set([...values.keys()].filter(isStored));
  const peak = peakBytes(graph, livenessOf(graph, stored), (path) => whole.bytesAt(path));
  const room = Math.floor(MAX_PASS_BYTES / Math.max(1, peak + walks.bytes));
  const short = lazy ? uninterruptedExamples(graph) : MAX_TOGETHER;
  return Math.max(1, Math.min(room, short, MAX_TOGETHER));
}

/**
 * Runs examples together and calls `work`; what was computed is freed afterwards.
 * @param size how many the run has: it is filled up with the last one
 * @returns null where the examples are not along the first axis of every value
 */
async function withJointRun<R>(
  { model, runtime, weights, maxBytes, control }: Passes,
  some: readonly Loaded[],
  size: number,
  work: (joint: JointRun) => Promise<R>,
): Promise<R | null> {
  const { graph } = model;
  const own = some.map(({ example }) => example);
  const [last] = own.slice(-1);
  const filled = last ? [...own, ...new Array<Example>(size - own.length).fill(last)] : own;
  const tensors = graph.inputs.map((_, index) => joined(runtime, graph, index, filled));
  let whole: Trace | null = null;
  const made: { dispose(): void }[] = [];
  try {
    whole = await runForward(runtime, graph, weights, tensors, control, { maxBytes: maxBytes * size });
    const walks = new RecentWalks(whole);
    made.push(walks);
    const rows = size === 1 ? [whole] : rowsOf(whole, size);
    if (rows === null) return null;
    const runs = some.map(({ at, example }, i): Run => {
      const trace = rows[i] ?? fail('internal', 'An example has no run.');
      const rowWalks = trace === whole ? walks : new RecentWalks(trace);
      made.push(rowWalks);
      return {
        ...{ model, trace, inputs: example, walks: rowWalks, key: String(at) },
        ...{ loadTime: trace.loadTime, forwardTime: trace.forwardTime },
      };
    });
    made.push(...rows);
    return await work({ whole, walks, runs });
  } finally {
    for (const one of made) one.dispose();
    whole?.dispose();
    for (const tensor of tensors) tensor.dispose();
  }
}
