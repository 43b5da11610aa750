import { type ErrorKind, Failure, fail } from '../../shared/errors';
import type { Target } from '../../shared/explanation';
import { defaultMethod } from '../../shared/methods';
import type { Tensor } from '../layers/kind';
import { withFallback } from '../run/backends/fallback';
import type { Control } from '../run/control';
import { livenessOf, peakBytes } from '../run/liveness';
import { runForward, type Trace } from '../run/trace';
import type { ChangedInputs } from './method';
import { type Scores, type TargetValues, targetValues } from './score';

/** Peak bytes of the values of one pass: larger batches are hardly faster, and the trace is in memory, too. */
const MAX_PASS_BYTES = 2 ** 28;
/** Examples in one pass: a pass must end soon after a cancellation. */
const MAX_EXAMPLES = 256;
/** Tolerance for rounding in an output value when the batch has other examples, relative to the largest value. */
const SAME_TOLERANCE = 1e-4;

interface PassContext {
  readonly trace: Trace;
  readonly scores: Scores;
  readonly target: Target;
  /** Path of the input node that is changed. */
  readonly input: string;
  readonly control: Control;
}

/** Failures after which no further pass is made; after any other one, each input gets its own pass. */
const FATAL: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['cancelled', 'compute-ended']);

/**
 * Further runs of the model on changed inputs. Several are batched together after the original input. If the output of the
 * original then differs from its output alone, the model mixes the examples of a batch, and each input gets its own run.
 */
export class ForwardPasses {
  /** Milliseconds spent. */
  time = 0;
  /** Changed inputs per pass; set by the first pass. */
  private batchSize: number | null = null;

  constructor(private readonly context: PassContext) {}

  /** Implements `MethodContext.forward`. */
  readonly scores = async (inputs: ChangedInputs): Promise<Float64Array> => {
    const { trace, input, scores } = this.context;
    if (inputValue(trace, input).dtype === 'string') {
      return fail('not-applicable', `Input "${input}" holds text, which cannot be changed by numbers.`, {
        subject: input,
        remedy: `Choose the method "${defaultMethod(true)}" at the embedding or at a layer after it.`,
      });
    }
    const start = performance.now();
    const keep = scoredNodes(trace, scores);
    this.batchSize ??= maxBatchSize(trace, keep);
    const all = new Float64Array(inputs.count);
    for (let done = 0; done < inputs.count; ) {
      const count = Math.min(this.batchSize, inputs.count - done);
      const values = await this.pass(keep, inputs, done, count);
      if (values === null) this.batchSize = 1;
      else {
        all.set(values, done);
        done += count;
      }
    }
    this.time += performance.now() - start;
    return all;
  };

  /** The scores of `count` inputs, or `null` if they cannot share a pass. */
  private async pass(
    keep: ReadonlySet<string>,
    inputs: ChangedInputs,
    from: number,
    count: number,
  ): Promise<Float64Array | null> {
    const { trace, scores, target } = this.context;
    const changed = Array.from({ length: count }, (_, i) => inputs.at(from + i));
    const control = partialControl(this.context.control, { from, count, total: inputs.count });
    if (count === 1) return (await this.run(keep, changed, control)).values.subarray(0, 1);
    try {
      const { values, first } = await this.run(keep, changed, control);
      const alone = await targetValues(trace, scores, target);
      const isIndependent = values.length === count + 1 && isClose(first, alone.first);
      return isIndependent ? values.subarray(1) : null;
    } catch (thrown) {
      if (!(thrown instanceof Failure) || FATAL.has(thrown.error.kind)) throw thrown;
      return null;
    }
  }

  private async run(
    keep: ReadonlySet<string>,
    changed: readonly Float32Array[],
    control: Control,
  ): Promise<TargetValues> {
    const { trace, scores, target, input } = this.context;
    const fed: Tensor[] = [];
    try {
      for (const path of trace.graph.inputs) {
        const value = inputValue(trace, path);
        fed.push(path === input ? await withChanged(trace, value, changed) : repeated(trace, value, changed));
      }
      const pass = await runForward(trace.runtime, trace.graph, trace.weights, fed, control, { keep });
      try {
        return await targetValues(pass, scores, target);
      } finally {
        pass.dispose();
      }
    } finally {
      for (const tensor of fed) tensor.dispose();
    }
  }
}

const inputValue = (trace: Trace, input: string): Tensor =>
  trace.at(input).outputs[0] ?? fail('internal', `Input "${input}" has no value.`);

/** The nodes from which the score is read, and those whose values are needed on the way to the output. */
function scoredNodes(trace: Trace, { source: place }: Scores): ReadonlySet<string> {
  const passed = place.passThrough.flatMap(({ node }) => [node.path, ...node.inputs.map((ref) => ref.node)]);
  return new Set([place.ref.node, place.output.node, ...passed].filter((path) => trace.values.has(path)));
}

/** Changed inputs that fit into one pass with the original one; 1 if the batch axis is fixed. */
function maxBatchSize(trace: Trace, keep: ReadonlySet<string>): number {
  const { graph } = trace;
  const isFree = graph.inputs.every((path) => {
    const declared = graph.nodes.get(path)?.outputShapes[0]?.[0];
    return declared === null && inputValue(trace, path).shape[0] === 1;
  });
  if (!isFree) return 1;
  const bytes = peakBytes(graph, livenessOf(graph, keep), (path) => trace.bytesAt(path));
  const room = Math.floor(Math.min(MAX_PASS_BYTES, trace.maxBytes) / Math.max(1, bytes));
  return Math.max(1, Math.min(room, MAX_EXAMPLES) - 1);
}

/**
 * The input with its first example replaced by one, or followed by several: the caller disposes it.
 * @param value [batch, ...], of a batch of one where there are several
 */
async function withChanged(
  { runtime: { tf } }: Trace,
  value: Tensor,
  changed: readonly Float32Array[],
): Promise<Tensor> {
  const [batch = 1, ...rest] = value.shape;
  const size = value.size / Math.max(1, batch);
  const front = changed.length === 1 ? 0 : 1;
  const all = new Float32Array(changed.length === 1 ? value.size : size * (changed.length + 1));
  all.set(await value.data<'float32'>());
  for (const [i, values] of changed.entries()) {
    if (values.length !== size) return fail('internal', `${values.length} values for an input of ${size}.`);
    all.set(values, (front + i) * size);
  }
  const shape = changed.length === 1 ? value.shape : [changed.length + 1, ...rest];
  return tf.tensor(all, shape, value.dtype);
}

/** Another input of the model, repeated for each example: the caller disposes it. */
const repeated = ({ runtime }: Trace, value: Tensor, { length }: readonly Float32Array[]): Tensor =>
  withFallback(runtime, () =>
    length === 1
      ? runtime.tf.clone(value)
      : runtime.tf.tile(value, [length + 1, ...value.shape.slice(1).map(() => 1)]),
  );

/** The control of one pass of several. */
function partialControl(
  control: Control,
  { from, count, total }: { from: number; count: number; total: number },
): Control {
  const which = count === 1 ? `input ${from + 1}` : `inputs ${from + 1} to ${from + count}`;
  return {
    isCancelled: () => control.isCancelled(),
    report: (fraction) => control.report((from + fraction * count) / total, `Changed ${which} of ${total}`),
  };
}

/** Whether two runs of the same input are equal up to rounding. */
function isClose(a: Float32Array, b: Float32Array): boolean {
  const largest = b.reduce((most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0), 0);
  return (
    a.length === b.length &&
    a.every(
      (value, i) =>
        Object.is(value, b[i]) || Math.abs(value - (b[i] ?? Number.NaN)) <= SAME_TOLERANCE * largest,
    )
  );
}
