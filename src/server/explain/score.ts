import { fail } from '../../shared/errors';
import type { Prediction, Target, TargetChoice } from '../../shared/explanation';
import type { GraphNode } from '../graph/graph';
import { findKind } from '../kinds/registry';
import type { Tensor, TF } from '../layers/kind';
import type { Seed } from '../run/backward';
import type { NodeValues, Trace } from '../run/trace';
import { compareDescending, topIndices } from './ranking';
import { backwardFromOutput, findScoreSource, forwardToOutput, type ScoreSource } from './scoreSource';

/** How many predictions are listed. */
const TOP = 10;

/** A model's prediction for one input, read before and after the activation of one of its outputs. */
export interface Scores {
  readonly source: ScoreSource;
  /** In the order of the model's output, flattened over all axes but the batch; the values before the activation. */
  readonly logits: Float32Array;
  /** After the activation if it gives probabilities (sigmoid, softmax); else null. */
  readonly probabilities: Float32Array | null;
  /** After the activation, of any kind. */
  readonly values: Float32Array;
  /** One sigmoid unit: two classes, z for class 1 and -z for class 0. */
  readonly binary: boolean;
  /** Whether the node keeps a value before its activation. */
  readonly hasLogit: boolean;
}

/** Reads the scores of output `index` of the model. @throws Failure `no-such-target`, `unknown-layer`. */
export async function readScores(trace: Trace, index: number): Promise<Scores> {
  const place = findScoreSource(trace.graph, index);
  const { output, ref } = place;
  const out = trace.at(output.node).outputs[output.output];
  if (!out) return fail('no-such-target', `The model's output ${index} was not computed.`);
  const name = ref.output === 0 ? activationName(trace.graph.nodes.get(ref.node)) : null;
  if (out.dtype === 'string') {
    return fail('not-applicable', `The model's output ${index} is text, which is not a score.`, {
      subject: output.node,
      remedy: 'Explain a model that ends before its numbers become text; "layerglass run" writes the text.',
    });
  }
  const pre = ref.output === 0 ? logitOf(trace.at(ref.node)) : null;
  const values = await floats(out);
  const logits = pre ? await logitsOf(trace, place, pre) : values;
  const isProbability = name === 'sigmoid' || name === 'softmax';
  const binary = name === 'sigmoid' && logits.length === 1;
  return {
    source: place,
    logits,
    probabilities: isProbability ? values : null,
    values,
    binary,
    hasLogit: pre !== null,
  };
}

/** An activation that halves an axis (glu) has no logit for each of its values. */
function logitOf({ pre, outputs: [value] }: NodeValues): Tensor | null {
  if (pre === null || value === undefined || pre.rank !== value.rank) return null;
  return pre.shape.every((size, axis) => size === value.shape[axis]) ? pre : null;
}

async function logitsOf(trace: Trace, place: ScoreSource, pre: Tensor): Promise<Float32Array> {
  if (place.passThrough.length === 0) return floats(pre);
  const carried = forwardToOutput(trace, place, pre);
  try {
    return await floats(carried);
  } finally {
    carried.dispose();
  }
}

function activationName(node: GraphNode | undefined): string | null {
  return node ? (findKind(node.className)?.activationName?.(node.config, node.call) ?? null) : null;
}

async function floats(tensor: Tensor): Promise<Float32Array> {
  const first = tensor.shape[0] ?? 1;
  const values = await tensor.data();
  // Only the first example of a batch is explained.
  return Float32Array.from(values.subarray(0, values.length / Math.max(1, first)));
}

/** Class probability in double precision, so that 1 - 8e-8 does not round to 1. */
function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** The logit of a class of a single sigmoid; `null` for every other output. */
export function sigmoidLogit({ binary, logits: [z = Number.NaN] }: Scores, index: number): number | null {
  if (!binary) return null;
  return index === 0 ? -z : z;
}

function predictionAt(scores: Scores, index: number, labels: readonly string[]): Prediction {
  const label = labels[index] ?? null;
  const logit = sigmoidLogit(scores, index);
  if (logit !== null) return { index, label, logit, probability: sigmoid(logit) };
  return {
    index,
    label,
    logit: scores.logits[index] ?? Number.NaN,
    probability: scores.probabilities?.[index] ?? null,
  };
}

/** The strongest predictions, strongest first and NaN last; both classes of a single sigmoid. */
export function predictions(scores: Scores, labels: readonly string[]): Prediction[] {
  if (scores.binary) {
    return [0, 1]
      .map((i) => predictionAt(scores, i, labels))
      .sort((a, b) => compareDescending(a.logit, b.logit));
  }
  return topIndices(scores.logits, TOP).map((i) => predictionAt(scores, i, labels));
}

/**
 * The score to be explained: the predicted class unless one is chosen, and its value before the activation unless the
 * probability is requested. For a single sigmoid, both "negative" and index 0 mean class 0.
 * @throws Failure `no-such-target`.
 */
export function chooseTarget(scores: Scores, choice: TargetChoice, labels: readonly string[]): Target {
  const score = choice.score ?? 'logit';
  if (scores.binary) {
    const predicted = (scores.logits[0] ?? 0) >= 0 ? 1 : 0;
    const asked = choice.index === 'auto' ? predicted : choice.index;
    if (asked !== 0 && asked !== 1) {
      return fail('no-such-target', `A single sigmoid has the classes 0 and 1; there is no class ${asked}.`);
    }
    const index = choice.negative === true ? 0 : asked;
    const { label, logit, probability } = predictionAt(scores, index, labels);
    const value = score === 'logit' ? logit : (probability ?? logit);
    return { index, label, negative: index === 0, score, value, probability };
  }
  if (scores.logits.length === 0) {
    return fail('no-such-target', 'The output has no units: there is no score to explain.', {
      subject: scores.source.output.node,
      remedy: 'Choose another output, or an input for which it is not empty.',
    });
  }
  const index = choice.index === 'auto' ? strongest(scores.logits) : choice.index;
  if (!Number.isInteger(index) || index < 0 || index >= scores.logits.length) {
    return fail(
      'no-such-target',
      `The output has ${scores.logits.length} units; there is no unit ${index}.`,
      {
        remedy: `Choose a number from 0 to ${scores.logits.length - 1}.`,
      },
    );
  }
  const { label, logit, probability } = predictionAt(scores, index, labels);
  const negative = choice.negative === true;
  const raw = score === 'logit' ? logit : (scores.values[index] ?? logit);
  return { index, label, negative, score, value: negative ? -raw : raw, probability };
}

export interface TargetValues {
  /** The value of the target, one per example. */
  readonly values: Float64Array;
  /** For the first example, all units of the output from which the target's value is read. */
  readonly first: Float32Array;
}

/**
 * The value of `target` in every example of a run of the same model.
 * @param scores of the run that is explained; they locate the values.
 */
export async function targetValues(trace: Trace, scores: Scores, target: Target): Promise<TargetValues> {
  const data = await readTargetValues(trace, scores, target);
  const units = scores.logits.length;
  const values = Float64Array.from({ length: data.length / units }, (_, example) => {
    if (!scores.binary) {
      const value = data[example * units + target.index] ?? Number.NaN;
      return target.negative ? -value : value;
    }
    const z = data[example] ?? Number.NaN;
    const logit = target.index === 0 ? -z : z;
    return target.score === 'logit' ? logit : sigmoid(logit);
  });
  return { values, first: data.slice(0, units) };
}

/** Of all examples: the output before its activation where that is what the target's value is made of, else after it. */
async function readTargetValues(
  trace: Trace,
  { source: place, hasLogit, binary }: Scores,
  target: Target,
): Promise<Float32Array> {
  const isLogit = hasLogit && (binary || target.score === 'logit');
  const { node, output } = place.output;
  const tensor = isLogit ? trace.at(place.ref.node).pre : trace.at(node).outputs[output];
  if (!tensor) return fail('internal', `Layer "${node}" lost its values.`);
  const carried = isLogit && place.passThrough.length > 0 ? forwardToOutput(trace, place, tensor) : null;
  try {
    return Float32Array.from(await (carried ?? tensor).data());
  } finally {
    carried?.dispose();
  }
}

/** Index of the first largest value; NaN is never the largest. */
function strongest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (compareDescending(values[i], values[best]) < 0) best = i;
  return best;
}

/**
 * dScore/dValue where the score is read, one-hot, negative for evidence against: before the activation of the layer that
 * computes it, else at the model's output.
 */
export function createSeed(tf: TF, trace: Trace, scores: Scores, target: Target): Seed {
  const { output, ref } = scores.source;
  const because = trace.graph.nodes.get(output.node)?.unknownBecause;
  if (because !== undefined) {
    return fail(
      'not-applicable',
      `There is no gradient through "${because}": TensorFlow computes it as a whole.`,
      {
        subject: because,
        remedy: 'Its values can be looked at; explanations need operations that Layerglass computes itself.',
      },
    );
  }
  const out = trace.at(output.node).outputs[output.output];
  if (!out) return fail('internal', `Layer "${output.node}" lost its values.`);
  const hot = new Float32Array(out.size);
  hot[scores.binary ? 0 : target.index] = target.negative ? -1 : 1;
  const gradient = tf.tensor(hot, out.shape, 'float32');
  if (!scores.hasLogit || target.score !== 'logit') return { ...output, stage: 'post', gradient };
  try {
    return { ...ref, stage: 'pre', gradient: backwardFromOutput(trace, scores.source, gradient) };
  } finally {
    gradient.dispose();
  }
}
