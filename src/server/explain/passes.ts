// Everything that runs the model on changed values: longer than 400 lines on purpose.

import * as l10n from '@vscode/l10n';
import { durationText } from '../../shared/amounts';
import { type ErrorKind, Failure, fail } from '../../shared/errors';
import { once } from '../../shared/once';
import type { Graph, TensorRef } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import { withFallback } from '../run/backends/fallback';
import { BackwardWalk } from '../run/backward';
import type { Control } from '../run/control';
import { livenessOf, peakBytes } from '../run/liveness';
import { GRADIENT, type RectifierRule } from '../run/rectifierRules';
import { type NodeValues, runForward, type Trace } from '../run/trace';
import { anticipateRead, uninterruptedExamples } from './anticipate';
import { Patches } from './patches/pass';
import { planPatches } from './patches/plan';
import type { Box } from './perturbation/occlusion';
import { placesOf } from './places';
import { type Scores, unitsOf } from './score';
import { createSeed, scoreValues } from './seed';
import type { ScoreFunction } from './target';

/** Peak bytes of the values of one pass: larger batches are hardly faster, and the trace is in memory, too. */
export const MAX_PASS_BYTES = 2 ** 28;
/** Arrays of scores, seeds and gradients beside the tensors of a pass. */
const COPIES = 4;
/** A batch may take this many times the values of single examples before it counts as one whose examples are combined. */
const MAX_GROWTH = 2;
/** Below this, growth does not matter. */
const SMALL_PASS_BYTES = 2 ** 24;
/** Examples in one pass: a pass must end soon after a cancellation. */
const MAX_EXAMPLES = 256;
/** Tolerance for rounding in an output value when the batch has other examples, relative to the largest value. */
const SAME_TOLERANCE = 1e-4;

/** A backward pass takes about as long as two forward passes. */
export const BACKWARD_PER_FORWARD = 2;
/** Milliseconds after which the time of a pass is known: the first ones also prepare the backend. */
const MEASURE_AFTER = 2000;

/** Other values at some places of the model, each computed with everything else as it is. */
export interface ChangedValues {
  /** The changed values: inputs of the model or outputs of its layers, none computed from another one. */
  readonly at: readonly TensorRef[];
  readonly count: number;
  /**
   * One array per place, of one example: its shape without the batch axis, flattened. Called during its pass, in ascending order; what is
   * returned need not last beyond the next call.
   */
  values(index: number): readonly Float32Array[];
  /** For one place: a box over its spatial axes, for each example, beyond which its values are the unchanged ones. */
  readonly boxes?: readonly Box[];
  /** Asked after each pass: whether the scores so far suffice, so that no others are computed. */
  isEnough?(scores: Float64Array): boolean;
}

/** Receives the gradients of one changed example, one per place in their order; zeros where the score does not depend on it. */
export type GradientVisitor = (index: number, gradients: readonly Float32Array[], score: number) => void;

/** The gradients of the score on the input as it is, under a rule that compares it with a reference. */
export interface ComparedGradients {
  /** One per place, in their order, of one example; zeros where the score does not depend on it. */
  readonly gradients: readonly Float32Array[];
  /** Of the reference. */
  readonly score: number;
}

/** The changed values of one pass. */
type Examples = Pick<ChangedValues, 'count' | 'values'>;

const oneExample = (values: readonly Float32Array[]): Examples => ({ count: 1, values: () => values });

interface PassContext {
  readonly trace: Trace;
  readonly scores: Scores;
  readonly score: ScoreFunction;
  readonly control: Control;
}

/** What has to be computed for changed values at some places. */
interface Plan {
  readonly at: readonly TensorRef[];
  /** The nodes whose values are those of the trace: they do not depend on the places. */
  readonly cut: ReadonlySet<string>;
  /** Of them, the nodes that depend on an input, so that their first axis is the batch. */
  readonly batched: ReadonlySet<string>;
  readonly keep: ReadonlySet<string>;
  /** What is computed only around the changes; `null` where every example is computed whole. */
  readonly patches: Patches | null;
  /** Examples in one pass, the original included. */
  batchSize: number;
}

interface Batch {
  /** Of the changed examples, without the original one. */
  readonly scores: Float64Array;
  readonly gradients: readonly (readonly Float32Array[])[];
}

/** Failures after which no further pass is made; after any other one, each example gets its own pass. */
const FATAL: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['cancelled', 'compute-ended']);

/**
 * Further runs of the model with changed values, several in a batch. The first batch starts with the original values: if their
 * output then differs from their output alone, the model mixes the examples of a batch, and each example gets its own run.
 */
export class Passes {
  /** Milliseconds spent. */
  time = 0;
  /** Examples run forward and backward. */
  forward = 0;
  backward = 0;

  /** Called once, when some passes have been timed, with the milliseconds of one forward pass; may throw to stop. */
  whenMeasured: ((forwardTime: number) => void) | null = null;

  constructor(private readonly context: PassContext) {}

  /** Implements `MethodContext.scores`. */
  readonly scores = (changed: ChangedValues): Promise<Float64Array> => this.run(changed, null, () => {});

  /** Implements `MethodContext.gradients`. */
  readonly gradients = (
    changed: ChangedValues,
    visit: GradientVisitor,
    rule: RectifierRule = GRADIENT,
  ): Promise<Float64Array> => this.run(changed, rule, visit);

  /** Implements `MethodContext.gradientsAgainst`. */
  readonly gradientsAgainst = async (
    at: readonly TensorRef[],
    reference: readonly Float32Array[],
    ruleOf: (reference: Trace) => RectifierRule,
  ): Promise<ComparedGradients> => {
    const start = performance.now();
    const { trace, scores, score, control } = this.context;
    const plan = this.plan(at, true);
    const other = await this.forwardPass(plan, oneExample(reference), control);
    try {
      const seed = createSeed(trace.runtime.tf, trace, scores, score);
      const walk = new BackwardWalk(trace, seed, ruleOf(other));
      try {
        const [gradients = []] = await this.gradientsAt(plan, walk, { first: 0, count: 1 }, control);
        const { values } = await scoreValues(other, scores, score);
        this.forward++;
        this.backward++;
        return { gradients, score: values[0] ?? Number.NaN };
      } finally {
        walk.dispose();
      }
    } finally {
      other.dispose();
      this.time += performance.now() - start;
    }
  };

  /** Implements `MethodContext.valuesAt`. */
  readonly valuesAt = async (layer: TensorRef, changed: readonly Float32Array[]): Promise<Float32Array> => {
    const at = placesOf(this.context.trace).map(({ ref }) => ref);
    const plan = { ...this.plan(at, false), keep: new Set([layer.node]) };
    return this.alone(plan, changed, async (pass) => {
      const value = pass.tensorAt(layer);
      const size = value.size / Math.max(1, value.shape[0] ?? 1);
      return (await value.data<'float32'>()).slice(0, size);
    });
  };

  /**
   * What is predicted for changed values, in one run of them alone.
   * @param values one array per place, as those of `ChangedValues`
   */
  async predicted(at: readonly TensorRef[], values: readonly Float32Array[]): Promise<Scores> {
    const { scores } = this.context;
    return this.alone(this.plan(at, false), values, async (pass) => {
      const first = async (stage: 'pre' | 'post'): Promise<Float32Array> =>
        (await unitsOf(pass, scores, stage)).slice(0, scores.values.length);
      const after = await first('post');
      const logits = scores.hasLogit ? await first('pre') : after;
      return { ...scores, logits, values: after, probabilities: scores.probabilities && after };
    });
  }

  /** Reads something of a forward pass of one changed example, and disposes the pass. */
  private async alone<T>(
    plan: Plan,
    values: readonly Float32Array[],
    read: (pass: Trace) => Promise<T>,
  ): Promise<T> {
    const start = performance.now();
    const pass = await this.forwardPass(plan, oneExample(values), this.context.control);
    try {
      return await read(pass);
    } finally {
      pass.dispose();
      this.forward++;
      this.time += performance.now() - start;
    }
  }

  private async run(
    changed: ChangedValues,
    rule: RectifierRule | null,
    visit: GradientVisitor,
  ): Promise<Float64Array> {
    const start = performance.now();
    let plan = this.plan(changed.at, rule !== null, changed);
    const all = new Float64Array(changed.count);
    for (let done = 0; done < changed.count; ) {
      const hasOriginal = done === 0 && plan.batchSize > 1 && changed.count > 1;
      const count = Math.min(plan.batchSize - (hasOriginal ? 1 : 0), changed.count - done);
      const control = partialControl(this.context.control, {
        from: done,
        count,
        total: changed.count,
        start,
      });
      const batch = await this.batch(plan, changed, { from: done, count, hasOriginal, rule }, control);
      if (batch === null) {
        if (plan.patches) plan = this.plan(changed.at, rule !== null);
        else plan.batchSize = 1;
        continue;
      }
      all.set(batch.scores, done);
      for (const [i, gradients] of batch.gradients.entries())
        visit(done + i, gradients, batch.scores[i] ?? Number.NaN);
      done += count;
      this.forward += count;
      if (rule) this.backward += count;
      this.measure(this.time + performance.now() - start);
      if (done < changed.count && changed.isEnough?.(all.subarray(0, done))) {
        this.time += performance.now() - start;
        return all.slice(0, done);
      }
    }
    this.time += performance.now() - start;
    return all;
  }

  private measure(spent: number): void {
    if (spent < MEASURE_AFTER) return;
    const check = this.whenMeasured;
    this.whenMeasured = null;
    check?.(spent / (this.forward + BACKWARD_PER_FORWARD * this.backward));
  }

  /** @param changed leads to patches where it says what is changed */
  private plan(
    at: readonly TensorRef[],
    hasGradients: boolean,
    changed?: Pick<ChangedValues, 'boxes' | 'count'>,
  ): Plan {
    const { trace, scores } = this.context;
    const { graph } = trace;
    for (const { node, output } of at) {
      const value = trace.tensorAt({ node, output });
      if (value.dtype === 'float32') continue;
      fail(
        'not-applicable',
        value.dtype === 'string'
          ? l10n.t('"{0}" holds text, which cannot be changed gradually.', node)
          : l10n.t('"{0}" holds whole numbers, which cannot be changed gradually.', node),
        {
          subject: node,
          remedy: l10n.t('Choose a layer after it, such as its embedding.'),
        },
      );
    }
    const places = new Set(at.map(({ node }) => node));
    const dependent = after(graph, places);
    for (const path of places) dependent.delete(path);
    const batched = after(graph, new Set(graph.inputs));
    const cut = new Set([...graph.nodes.keys()].filter((path) => !dependent.has(path)));
    const scored = scoredNodes(trace, scores);
    const { needed } = livenessOf(graph, scored, cut);
    const keep = hasGradients ? needed : scored;
    // A layer may give a value without a batch axis, such as one row for all examples.
    const isRow = at.every((ref) => trace.tensorAt(ref).shape[0] === 1);
    const patches = isRow && !hasGradients && changed ? this.patches(at, changed, { needed, scored }) : null;
    const given = new Set([...cut, ...(patches?.plan.layers ?? []).map(({ node }) => node.path)]);
    const batchSize = isRow ? this.maxBatchSize(keep, given, hasGradients, patches?.plan.multiplyAdds) : 1;
    return { at, cut, batched, keep, patches, batchSize };
  }

  private patches(
    at: readonly TensorRef[],
    { boxes, count }: Pick<ChangedValues, 'boxes' | 'count'>,
    { needed, scored }: { readonly needed: ReadonlySet<string>; readonly scored: ReadonlySet<string> },
  ): Patches | null {
    const { trace } = this.context;
    const [place] = at;
    // A first batch of several examples shows whether the patches give what the whole gives.
    if (!place || at.length > 1 || count < 2 || boxes?.length !== count) return null;
    const plan = planPatches(trace, place, boxes, { needed, whole: scored });
    return plan && new Patches(plan, trace);
  }

  /** Examples that fit into one pass; 1 if the batch axis is fixed. */
  private maxBatchSize(
    keep: ReadonlySet<string>,
    cut: ReadonlySet<string>,
    hasGradients: boolean,
    patched = 0,
  ): number {
    const { trace } = this.context;
    const { graph } = trace;
    const isFree = graph.inputs.every((path) => {
      const declared = graph.nodes.get(path)?.outputShapes[0]?.[0];
      return declared === null && trace.tensorAt({ node: path, output: 0 }).shape[0] === 1;
    });
    if (!isFree) return 1;
    const peak = peakBytes(graph, livenessOf(graph, keep, cut), (path) => trace.bytesAt(path));
    // A walk keeps a gradient for each value.
    const bytes = hasGradients ? 2 * peak : peak;
    const room = Math.floor(Math.min(MAX_PASS_BYTES, trace.maxBytes / COPIES) / Math.max(1, bytes));
    // A backend that computes a pass as a whole does not look whether it was cancelled.
    const short = trace.runtime.lazy ? uninterruptedExamples(graph, cut, patched) : MAX_EXAMPLES;
    return Math.max(1, Math.min(room, short, MAX_EXAMPLES));
  }

  /** One pass over `count` changed examples; `null` if they cannot share a pass. */
  private async batch(
    plan: Plan,
    changed: ChangedValues,
    part: {
      readonly from: number;
      readonly count: number;
      readonly hasOriginal: boolean;
      readonly rule: RectifierRule | null;
    },
    control: Control,
  ): Promise<Batch | null> {
    const { scores, score } = this.context;
    const { from, count, hasOriginal } = part;
    const examples = { count, values: (i: number) => changed.values(from + i) };
    const isAlone = count === 1 && !hasOriginal;
    try {
      const pass = await this.forwardPass(plan, examples, control, { hasOriginal, from });
      try {
        await anticipateRead(pass, scores.source, [], part.rule ? plan.at : []);
        const { values, units } = await scoreValues(pass, scores, score);
        const first = hasOriginal ? 1 : 0;
        const alone = score.stage === 'pre' ? scores.logits : scores.values;
        if (!isAlone) {
          const isSame = !hasOriginal || isClose(units.subarray(0, alone.length), alone);
          if (values.length !== first + count || !isSame) return null;
        }
        // A model with a batch of its own gives further rows, which depend on the one example, too.
        const explained = isAlone ? units.subarray(0, alone.length) : units;
        const gradients = part.rule
          ? await this.backwardPass(plan, pass, { units: explained, rule: part.rule, first, count }, control)
          : [];
        return { scores: values.subarray(first, first + count), gradients };
      } finally {
        pass.dispose();
      }
    } catch (thrown) {
      if (isAlone || !(thrown instanceof Failure) || FATAL.has(thrown.error.kind)) throw thrown;
      return null;
    }
  }

  private async forwardPass(
    { at, cut, batched, keep, patches }: Plan,
    examples: Examples,
    control: Control,
    { hasOriginal = false, from = 0 }: { readonly hasOriginal?: boolean; readonly from?: number } = {},
  ): Promise<Trace> {
    const { trace } = this.context;
    const rows = examples.count + (hasOriginal ? 1 : 0);
    const given = new Map<string, () => NodeValues>();
    for (const path of cut) {
      const times = batched.has(path) ? rows : 1;
      if (trace.values.has(path)) given.set(path, () => repeatedValues(trace, path, times));
    }
    const host = await Promise.all(at.map((ref) => trace.tensorAt(ref).data<'float32'>()));
    const changed = once(() =>
      changedValues(
        at.map((ref, place) => ({ value: trace.tensorAt(ref), original: host[place] ?? new Float32Array() })),
        examples,
        hasOriginal,
      ),
    );
    for (const path of new Set(at.map(({ node }) => node))) {
      given.set(path, () => {
        const values = repeatedValues(trace, path, rows);
        const outputs = [...values.outputs];
        for (const [place, ref] of at.entries()) {
          if (ref.node !== path) continue;
          outputs[ref.output]?.dispose();
          const { shape, dtype } = trace.tensorAt(ref);
          const all = changed()[place] ?? new Float32Array();
          outputs[ref.output] = trace.runtime.tf.tensor(
            all,
            rows === 1 ? shape : [rows, ...shape.slice(1)],
            dtype,
          );
        }
        return { ...values, outputs };
      });
    }
    // The shapes of one example do not tell how a value grows that holds every pair of examples.
    const maxBytes =
      rows === 1 ? Number.POSITIVE_INFINITY : Math.max(SMALL_PASS_BYTES, MAX_GROWTH * rows * trace.bytes);
    const run = () =>
      runForward(trace.runtime, trace.graph, trace.weights, [], control, { keep, given, maxBytes });
    if (!patches) return run();
    const first = hasOriginal ? 1 : 0;
    const original = host[0] ?? new Float32Array();
    const patched = await patches.run(
      {
        boxes: Array.from({ length: rows }, (_, row) => from + Math.max(0, row - first)),
        values: (row) => (row < first ? original : (examples.values(row - first)[0] ?? original)),
      },
      control,
    );
    for (const path of patches.plan.ends) {
      given.set(path, () => ({ pre: null, outputs: [patched.whole(path)], mask: undefined, inputMasks: [] }));
    }
    try {
      return await run();
    } finally {
      patched.dispose();
    }
  }

  private async backwardPass(
    plan: Plan,
    pass: Trace,
    part: {
      readonly units: Float32Array;
      readonly rule: RectifierRule;
      readonly first: number;
      readonly count: number;
    },
    control: Control,
  ): Promise<Float32Array[][]> {
    const { scores, score } = this.context;
    const seed = createSeed(pass.runtime.tf, pass, scores, score, part.units);
    const walk = new BackwardWalk(pass, seed, part.rule);
    try {
      return await this.gradientsAt(plan, walk, part, control);
    } finally {
      walk.dispose();
    }
  }

  /** The gradients at the places, for each of `count` examples of a batch. */
  private async gradientsAt(
    { at }: Plan,
    walk: BackwardWalk,
    { first, count }: { readonly first: number; readonly count: number },
    control: Control,
  ): Promise<Float32Array[][]> {
    const perExample: Float32Array[][] = Array.from({ length: count }, () => []);
    for (const ref of at) {
      const gradient = await walk.at(ref.node, ref.output, control);
      const value = this.context.trace.tensorAt(ref);
      const size = value.size / Math.max(1, value.shape[0] ?? 1);
      const data = gradient ? await gradient.data() : null;
      for (const [i, list] of perExample.entries()) {
        const from = (first + i) * size;
        list.push(data ? Float32Array.from(data.subarray(from, from + size)) : new Float32Array(size));
      }
    }
    return perExample;
  }
}

/** The nodes that are computed from some of `from`, and those themselves. */
function after(graph: Graph, from: ReadonlySet<string>): Set<string> {
  const found = new Set(from);
  for (const node of graph.nodes.values())
    if (node.inputs.some((ref) => found.has(ref.node))) found.add(node.path);
  return found;
}

/** The nodes from which the score is read, and those whose values are needed on the way to the output. */
function scoredNodes(trace: Trace, { source: place }: Scores): ReadonlySet<string> {
  const passed = place.passThrough.flatMap(({ node }) => [node.path, ...node.inputs.map((ref) => ref.node)]);
  return new Set([place.ref.node, place.output.node, ...passed].filter((path) => trace.values.has(path)));
}

/** What a node computed in the trace, repeated for each example: the caller disposes it. */
function repeatedValues(trace: Trace, path: string, rows: number): NodeValues {
  const { pre, outputs, mask } = trace.at(path);
  const repeat = (value: Tensor): Tensor =>
    withFallback(trace.runtime, () =>
      rows === 1 || value.rank === 0
        ? trace.runtime.tf.clone(value)
        : trace.runtime.tf.tile(value, [rows, ...value.shape.slice(1).map(() => 1)]),
    );
  return {
    pre: pre && repeat(pre),
    outputs: outputs.map(repeat),
    mask: mask && repeat(mask),
    inputMasks: [],
  };
}

/** A value whose examples are changed, [batch, ...], of a batch of one where there are several; and its numbers. */
interface ChangedPlace {
  readonly value: Tensor;
  readonly original: Float32Array;
}

/**
 * The numbers at each place for all examples of a pass: with the first example replaced by the only one, or of several, with or without the
 * original before them.
 */
function changedValues(
  places: readonly ChangedPlace[],
  { count, values }: Examples,
  hasOriginal: boolean,
): Float32Array[] {
  const first = hasOriginal ? 1 : 0;
  const rows = first + count;
  const sizes = places.map(({ value }) => value.size / Math.max(1, value.shape[0] ?? 1));
  const all = places.map(({ value, original }, place) => {
    const whole = new Float32Array(rows === 1 ? value.size : rows * (sizes[place] ?? 0));
    if (rows === 1) whole.set(original);
    else if (hasOriginal) whole.set(original.subarray(0, sizes[place]));
    return whole;
  });
  for (let i = 0; i < count; i++) {
    const example = values(i);
    for (const [place, whole] of all.entries()) {
      const [own = new Float32Array(), size = 0] = [example[place], sizes[place]];
      if (own.length !== size) fail('internal', l10n.t('{0} values in place of {1}.', own.length, size));
      whole.set(own, (first + i) * size);
    }
  }
  return all;
}

/** The control of one pass of several. */
function partialControl(
  control: Control,
  { from, count, total, start }: { from: number; count: number; total: number; start: number },
): Control {
  const left = from === 0 ? null : durationText(((performance.now() - start) / from) * (total - from));
  const text = passText(from + 1, from + count, total, left);
  return {
    isCancelled: () => control.isCancelled(),
    report: (fraction) => control.report((from + fraction * count) / total, text),
  };
}

/** @param first counted from 1. @param left the time that is left; `null` where it is not known. */
function passText(first: number, last: number, total: number, left: string | null): string {
  if (left === null) {
    return first === last
      ? l10n.t('Running pass {0} of {1}', first, total)
      : l10n.t('Running passes {0} to {1} of {2}', first, last, total);
  }
  return first === last
    ? l10n.t('Running pass {0} of {1}, about {2} left', first, total, left)
    : l10n.t('Running passes {0} to {1} of {2}, about {3} left', first, last, total, left);
}

/** Whether two runs of the same input are equal up to rounding. */
export function isClose(a: Float32Array, b: Float32Array): boolean {
  const largest = b.reduce((most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0), 0);
  return (
    a.length === b.length &&
    a.every(
      (value, i) =>
        Object.is(value, b[i]) || Math.abs(value - (b[i] ?? Number.NaN)) <= SAME_TOLERANCE * largest,
    )
  );
}
