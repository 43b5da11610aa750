import * as l10n from '@vscode/l10n';
import { type ErrorKind, Failure, fail, ok, type Result, toError } from '../../shared/errors';
import type { Shape } from '../../shared/model';
import { anticipateRead, uninterruptedExamples } from '../explain/anticipate';
import { isClose, MAX_PASS_BYTES } from '../explain/passes';
import { readScores, type Scores, unitsOf } from '../explain/score';
import { findScoreSource } from '../explain/scoreSource';
import type { Graph } from '../graph/graph';
import type { LoadedInput } from '../inputs/loadedInput';
import type { Runtime } from '../run/backends/backend';
import type { Control } from '../run/control';
import { runForward, type Trace } from '../run/trace';
import type { Weights } from '../run/weights/weights';
import { inputDtype } from './modelInputs';
import { costOf } from './runCost';

/** One input for each input of the model. */
export type Example = readonly LoadedInput[];

interface Passes {
  readonly runtime: Runtime;
  readonly graph: Graph;
  readonly weights: Weights;
  readonly control: Control;
  /** Which model output. */
  readonly output: number;
  /** Of the values of one pass. */
  readonly maxBytes: number;
}

/** Failures after which no further pass is made; any other one is that of one example. */
const FATAL: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['cancelled', 'compute-ended', 'too-costly']);

/**
 * The scores of many examples, several in a pass that keeps only what they are read from. The first example is also run alone: if its scores
 * differ in company, the model mixes the examples of a batch, and each one gets a pass of its own. Examples of other shapes, and texts,
 * get one, too.
 *
 * @throws Failure `cancelled`, `compute-ended`, `too-costly`; any other one is that of its example
 */
export async function scoresOf(passes: Passes, examples: readonly Example[]): Promise<Result<Scores>[]> {
  const results: Result<Scores>[] = [];
  let batch: Example[] = [];
  const finish = async () => {
    if (batch.length > 0) results.push(...(await scoresOfAlike(passes, batch)));
    batch = [];
  };
  for (const example of examples) {
    const [first] = batch;
    if (first !== undefined && !areAlike(first, example)) await finish();
    batch.push(example);
  }
  await finish();
  return results;
}

const areAlike = (a: Example, b: Example): boolean =>
  JSON.stringify(a.map(({ shape }) => shape)) === JSON.stringify(b.map(({ shape }) => shape));

async function scoresOfAlike(passes: Passes, examples: readonly Example[]): Promise<Result<Scores>[]> {
  const [first] = examples;
  if (first === undefined) return [];
  const alone = await scoresAlone(passes, first);
  const size = batchSize(passes.graph, first, examples.length);
  const results: Result<Scores>[] = [alone];
  if (alone.ok && size > 1) {
    // The first one again, in company.
    for (let from = 0; from < examples.length; from += size) {
      const part = examples.slice(from, from + size);
      const together = await scoresTogether(passes, part, alone.value);
      if (together === null) break;
      if (from === 0 && !isLike(together[0], alone.value)) break;
      results.push(...together.slice(from === 0 ? 1 : 0));
    }
  }
  for (const example of examples.slice(results.length)) results.push(await scoresAlone(passes, example));
  return results;
}

/** How many examples share a pass; 1 where the batch axis is fixed. */
function batchSize(graph: Graph, example: Example, count: number): number {
  const isFree = graph.inputs.every((path) => graph.nodes.get(path)?.outputShapes[0]?.[0] === null);
  const isPlain = example.every(({ strings, shape }) => strings === undefined && shape[0] === 1);
  if (!isFree || !isPlain) return 1;
  const shapes: Shape[] = example.map(({ shape }) => shape);
  const room = Math.floor(MAX_PASS_BYTES / Math.max(1, costOf(graph, shapes).bytes));
  return Math.max(1, Math.min(count, room, uninterruptedExamples(graph)));
}

async function scoresAlone(passes: Passes, example: Example): Promise<Result<Scores>> {
  try {
    const trace = await forward(passes, [example]);
    try {
      return ok(await readScores(trace, passes.output));
    } finally {
      trace.dispose();
    }
  } catch (thrown) {
    return failed(thrown);
  }
}

const isLike = (result: Result<Scores> | undefined, alone: Scores): boolean =>
  result?.ok === true && isClose(result.value.logits, alone.logits);

function failed(thrown: unknown): { readonly ok: false; readonly error: ReturnType<typeof toError> } {
  if (thrown instanceof Failure && FATAL.has(thrown.error.kind)) throw thrown;
  return { ok: false, error: toError(thrown) };
}

/** The scores of examples in one pass; `null` if they cannot share one. @param like those of the first example, alone */
async function scoresTogether(
  passes: Passes,
  examples: readonly Example[],
  like: Scores,
): Promise<Result<Scores>[] | null> {
  try {
    const trace = await forward(passes, examples);
    try {
      const values = await unitsOf(trace, like, 'post');
      const logits = like.hasLogit ? await unitsOf(trace, like, 'pre') : values;
      const size = like.values.length;
      if (values.length !== size * examples.length || logits.length !== like.logits.length * examples.length)
        return null;
      return examples.map((_, i) => {
        const own = values.slice(i * size, (i + 1) * size);
        const before = logits.slice(i * like.logits.length, (i + 1) * like.logits.length);
        return ok({ ...like, values: own, logits: before, probabilities: like.probabilities && own });
      });
    } finally {
      trace.dispose();
    }
  } catch (thrown) {
    failed(thrown);
    return null;
  }
}

async function forward(
  { runtime, graph, weights, control, output, maxBytes }: Passes,
  examples: readonly Example[],
): Promise<Trace> {
  const { ref, output: end, passThrough } = findScoreSource(graph, output);
  const passed = passThrough.flatMap(({ node }) => [node.path, ...node.inputs.map((one) => one.node)]);
  const keep = new Set([ref.node, end.node, ...passed]);
  const tensors = graph.inputs.map((_, index) => joined(runtime, graph, index, examples));
  try {
    const trace = await runForward(runtime, graph, weights, tensors, control, { maxBytes, keep });
    await anticipateRead(trace, { ref, output: end }, [], []);
    return trace;
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

/** One input of the model for some examples of the same shape; the caller disposes it. */
export function joined({ tf }: Runtime, graph: Graph, index: number, examples: readonly Example[]) {
  const all = examples.flatMap((example) => example[index] ?? []);
  const [first] = all;
  if (first === undefined) return fail('internal', l10n.t('There is no value for input {0}.', index));
  if (first.strings) return tf.tensor([...first.strings], [...first.shape], 'string');
  const dtype = inputDtype(graph, index);
  if (all.length === 1) return tf.tensor(first.values, [...first.shape], dtype);
  const values = new Float32Array(first.values.length * all.length);
  for (const [i, one] of all.entries()) values.set(one.values, i * first.values.length);
  return tf.tensor(values, [all.length, ...first.shape.slice(1)], dtype);
}
