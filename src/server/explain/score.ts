import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Prediction } from '../../shared/explanation';
import type { GraphNode, TensorRef } from '../graph/graph';
import { findKind } from '../kinds/registry';
import type { Tensor } from '../layers/kind';
import type { NodeValues, Trace } from '../run/trace';
import { spatialLayout } from './layerChoice';
import { compareDescending, topIndices } from './ranking';
import { findScoreSource, forwardToOutput, type ScoreSource } from './scoreSource';

/** How many predictions are listed. */
const TOP = 10;

/** How the units of one example are laid out: `classes` at each of `positions`. */
export interface UnitLayout {
  readonly classes: number;
  /** 1 for a vector; pixels of a segmentation, steps of a sequence. */
  readonly positions: number;
  /** Sizes of the axes of the positions; empty for a vector. */
  readonly grid: readonly number[];
  readonly channelsFirst: boolean;
}

/** Index of a class at a position among the flattened units. */
export const unitIndex = (layout: UnitLayout, position: number, channel: number): number =>
  layout.channelsFirst ? channel * layout.positions + position : position * layout.classes + channel;

/** A model's prediction for one input, read before and after the activation of one of its outputs, or the units of a layer. */
export interface Scores {
  readonly source: ScoreSource;
  readonly layout: UnitLayout;
  /** In the order of the model's output, flattened over all axes but the batch; the values before the activation. */
  readonly logits: Float32Array;
  /** After the activation if it gives probabilities (sigmoid, softmax); else null. */
  readonly probabilities: Float32Array | null;
  readonly isSoftmax: boolean;
  /** After the activation, of any kind. */
  readonly values: Float32Array;
  /** One sigmoid unit, at each position: two classes, z for class 1 and -z for class 0. */
  readonly binary: boolean;
  /** Whether the node keeps a value before its activation. */
  readonly hasLogit: boolean;
}

/** Reads the scores of output `index` of the model. @throws Failure `no-such-target`, `unknown-layer`. */
export const readScores = (trace: Trace, index: number): Promise<Scores> =>
  scoresAt(trace, findScoreSource(trace.graph, index), {
    missing: () => l10n.t("The model's output {0} was not computed.", index),
    text: () => l10n.t("The model's output {0} is text, which is not a score.", index),
  });

/** Reads the units of a layer as scores. @throws Failure `unknown-layer`, `not-applicable`. */
export const readUnits = (trace: Trace, ref: TensorRef): Promise<Scores> =>
  scoresAt(
    trace,
    { output: ref, ref, passThrough: [] },
    {
      missing: () => l10n.t('Layer "{0}" was not computed.', ref.node),
      text: () => l10n.t('Layer "{0}" is text, which is not a score.', ref.node),
    },
  );

async function scoresAt(
  trace: Trace,
  place: ScoreSource,
  refusal: Readonly<Record<'missing' | 'text', () => string>>,
): Promise<Scores> {
  const { output, ref } = place;
  const out = trace.at(output.node).outputs[output.output];
  if (!out) return fail('no-such-target', refusal.missing());
  const name = ref.output === 0 ? activationName(trace.graph.nodes.get(ref.node)) : null;
  if (out.dtype === 'string') {
    return fail('not-applicable', refusal.text(), {
      subject: output.node,
      remedy: l10n.t(
        'Explain a model that ends before its numbers become text; "layerglass run" writes the text.',
      ),
    });
  }
  const pre = ref.output === 0 ? logitOf(trace.at(ref.node)) : null;
  const values = await floats(out);
  const logits = pre ? await logitsOf(trace, place, pre) : values;
  // A vector that is only reshaped has no positions.
  const isVector = (trace.at(ref.node).outputs[ref.output]?.rank ?? 0) <= 2;
  const layout = isVector ? vectorLayout(out) : layoutOf(trace, output, out);
  const isSoftmax = name === 'softmax';
  return {
    source: place,
    layout,
    logits,
    probabilities: name === 'sigmoid' || isSoftmax ? values : null,
    isSoftmax,
    values,
    binary: name === 'sigmoid' && layout.classes === 1,
    hasLogit: pre !== null,
  };
}

/** An output [batch, ...space, classes] has positions; a vector, or a map of 1 x 1, has only classes. */
function layoutOf(trace: Trace, { node: path }: TensorRef, out: Tensor): UnitLayout {
  const { shape, rank } = out;
  const node = trace.graph.nodes.get(path);
  if (node && rank >= 3) {
    const { spatial, channel } = spatialLayout(trace.graph, node, rank);
    const grid = spatial.map((axis) => shape[axis] ?? 1);
    const positions = grid.reduce((product, length) => product * length, 1);
    if (positions > 1) return { classes: shape[channel] ?? 1, positions, grid, channelsFirst: channel === 1 };
  }
  return vectorLayout(out);
}

const vectorLayout = ({ shape, size }: Tensor): UnitLayout => ({
  classes: size / Math.max(1, shape[0] ?? 1),
  positions: 1,
  grid: [],
  channelsFirst: false,
});

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

/**
 * The units of every example of a run of the same model, before or after the activation.
 * @param scores of the run that is explained; they locate the units.
 * @returns one example after the other.
 */
export async function unitsOf(
  trace: Trace,
  { source: place }: Scores,
  stage: 'pre' | 'post',
): Promise<Float32Array> {
  const { node, output } = place.output;
  const tensor = stage === 'pre' ? trace.at(place.ref.node).pre : trace.at(node).outputs[output];
  if (!tensor) return fail('internal', l10n.t('Layer "{0}" lost its values.', node));
  const carried =
    stage === 'pre' && place.passThrough.length > 0 ? forwardToOutput(trace, place, tensor) : null;
  try {
    return Float32Array.from(await (carried ?? tensor).data());
  } finally {
    carried?.dispose();
  }
}

/** Class probability in double precision, so that 1 - 8e-8 does not round to 1. */
export const sigmoid = (z: number): number =>
  z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));

/** The logit of a class of a single sigmoid; `null` for every other output. */
export function sigmoidLogit({ binary, layout, logits }: Scores, index: number): number | null {
  const [z = Number.NaN] = logits;
  if (!binary || layout.positions > 1) return null;
  return index === 0 ? -z : z;
}

/** Number of classes that can be explained. */
export const classCount = ({ binary, layout }: Scores): number => (binary ? 2 : layout.classes);

/** The class with the largest logit at a position; NaN is never the largest. */
export function classAt({ binary, layout, logits }: Scores, position: number): number {
  if (binary) return (logits[position] ?? Number.NaN) < 0 ? 0 : 1;
  let best = 0;
  const at = (channel: number) => logits[unitIndex(layout, position, channel)];
  for (let channel = 1; channel < layout.classes; channel++)
    if (compareDescending(at(channel), at(best)) < 0) best = channel;
  return best;
}

/** How many positions each class is predicted at. */
function predictedCounts(scores: Scores): Float64Array {
  const counts = new Float64Array(classCount(scores));
  for (let position = 0; position < scores.layout.positions; position++)
    counts[classAt(scores, position)] = (counts[classAt(scores, position)] ?? 0) + 1;
  return counts;
}

/** The predicted class; of an output with positions, the one predicted at most of them. */
export const predictedClass = (scores: Scores): number =>
  scores.layout.positions === 1 ? classAt(scores, 0) : (topIndices(predictedCounts(scores), 1)[0] ?? 0);

/** Logit and probability of a class; their means over an output with positions. */
export function predictionAt(scores: Scores, index: number, labels: readonly string[]): Prediction {
  const label = labels[index] ?? null;
  const logit = sigmoidLogit(scores, index);
  if (logit !== null) return { index, label, logit, probability: sigmoid(logit) };
  const { layout, logits, probabilities, binary } = scores;
  if (layout.positions === 1)
    return { index, label, logit: logits[index] ?? Number.NaN, probability: probabilities?.[index] ?? null };
  const isOther = binary && index === 0;
  const meanLogit = meanOver(layout, logits, binary ? 0 : index);
  const mean = probabilities && meanOver(layout, probabilities, binary ? 0 : index);
  return {
    index,
    label,
    logit: isOther ? -meanLogit : meanLogit,
    probability: mean !== null && isOther ? 1 - mean : mean,
  };
}

function meanOver(layout: UnitLayout, units: Float32Array, channel: number): number {
  let sum = 0;
  for (let position = 0; position < layout.positions; position++)
    sum += units[unitIndex(layout, position, channel)] ?? Number.NaN;
  return sum / layout.positions;
}

/** The strongest predictions, strongest first and NaN last; both classes of a single sigmoid. */
export function predictions(scores: Scores, labels: readonly string[]): Prediction[] {
  const { layout } = scores;
  if (layout.positions > 1) {
    const counts = predictedCounts(scores);
    return topIndices(counts, TOP).map((i) => ({
      ...predictionAt(scores, i, labels),
      share: (counts[i] ?? 0) / layout.positions,
    }));
  }
  if (scores.binary) {
    return [0, 1]
      .map((i) => predictionAt(scores, i, labels))
      .sort((a, b) => compareDescending(a.logit, b.logit));
  }
  return topIndices(scores.logits, TOP).map((i) => predictionAt(scores, i, labels));
}
