import type { GraphNode } from '../../src/server/graph/graph';
import type { LayerContext, LayerKind, Tensor } from '../../src/server/layers/kind';
import { tidy } from '../../src/server/run/tidy';
import { activationOf, computeNode, layerContext, type Trace } from '../../src/server/run/trace';
import { mulberry32, shuffled } from '../../src/shared/random';

/**
 * Of the largest gradient of the input. The values are float32: rounding leaves about 1e-5 of a difference over a step of 2^-7, and the
 * curvature within the step as much or several times more. A wrong factor, axis, sign or neighbour is off by far more than this.
 */
export const TOLERANCE = 1e-3;
/** Relative to the largest value of the input. The smaller steps are for values close to a kink. */
const STEPS = [2 ** -7, 2 ** -10, 2 ** -13];
/** Of an input's values, chosen at random: each needs two calls of the layer. */
const MAX_VALUES = 16;
/** A few roundings of float32, relative to the size of the score's terms. */
const NOISE = 2 ** -21;
/** At a kink the differences to both sides differ by more than this share of the larger one, however small the step. */
const KINK = 0.05;

/** How the gradients of a layer call compare with finite differences. */
export interface CallCheck {
  /** Values whose gradient agrees, where either of the two is not zero. */
  agreeing: number;
  /** Values whose gradient and difference are both zero. */
  still: number;
  /** Values at a kink, which have no derivative: their gradient is TensorFlow's convention, which the layer cases compare. */
  kinks: number;
  /** One sentence for each value whose gradient is wrong. */
  readonly wrong: string[];
}

interface Call {
  readonly ctx: LayerContext;
  readonly kind: LayerKind;
  readonly inputs: readonly Tensor[];
  /** Of the score, a weighted sum of the outputs; `null` for outputs that are not floats. */
  readonly weights: readonly (Float64Array | null)[];
}

/**
 * Compares the gradients that a layer's rule gives for one call, activation included, with central differences of the same call around
 * the values of the trace. The score is a random weighting of all outputs.
 * @param isLeftOut says which values of the inputs are not changed.
 * @returns `null` if no input of floats has a gradient.
 */
export async function checkCall(
  trace: Trace,
  node: GraphNode,
  kind: LayerKind,
  isLeftOut: (value: number) => boolean,
): Promise<CallCheck | null> {
  const uniform = mulberry32(1);
  // Not near 0: a weight that small would hide a kink behind rounding.
  const draw = () => (0.5 + uniform()) * (uniform() < 0.5 ? -1 : 1);
  const weighting = ({ dtype, size }: Tensor) =>
    dtype === 'float32' ? Float64Array.from({ length: size }, draw) : null;
  const call: Call = {
    ctx: layerContext(trace, node, await trace.weights.of(node)),
    kind,
    inputs: node.inputs.flatMap((ref) => trace.at(ref.node).outputs[ref.output] ?? []),
    weights: trace.at(node.path).outputs.map(weighting),
  };
  const check: CallCheck = { agreeing: 0, still: 0, kinks: 0, wrong: [] };
  const gradients = gradientsOf(call).map((gradient, i) =>
    call.inputs[i]?.dtype === 'float32' ? gradient : null,
  );
  for (const [input, gradient] of gradients.entries()) {
    if (gradient === null) continue;
    const values = Float32Array.from(call.inputs[input]?.dataSync<'float32'>() ?? []);
    const changed = [...shuffled(values.length, uniform)]
      .filter((at) => Number.isFinite(values[at]) && !isLeftOut(values[at] ?? 0))
      .slice(0, MAX_VALUES);
    checkInput(call, input, { values, gradient, changed }, check);
  }
  return gradients.every((gradient) => gradient === null) ? null : check;
}

/** The gradients of the score, one per input, by the rules of the layer and of its activation. */
function gradientsOf({ ctx, kind, inputs, weights }: Call): (Float32Array | null)[] {
  const { tf } = ctx;
  const { pre, mask, outputs } = computeNode(kind, ctx, inputs);
  const gradients = tidy(tf, () => {
    const [after = null, ...rest] = outputs.map((output, k) => {
      const given = weights[k];
      return given ? tf.tensor(Float32Array.from(given), output.shape) : null;
    });
    const [out, ...others] = outputs;
    const activation = activationOf(kind, ctx);
    const before = activation && pre && out && after ? activation.backward(tf, pre, out, after) : after;
    const linear = pre ? [pre, ...others] : outputs;
    return kind
      .backward(ctx, { inputs, outputs: linear, gradients: [before, ...rest] })
      .map((gradient) => gradient && Float32Array.from(gradient.dataSync()));
  });
  for (const tensor of [pre, mask, ...outputs]) tensor?.dispose();
  return gradients;
}

/** The score with one input replaced, and the root of the squares of its terms. */
function scoreOf({ ctx, kind, inputs, weights }: Call, input: number, values: Float32Array) {
  const changed = ctx.tf.tensor(values, [...(inputs[input]?.shape ?? [])]);
  const { pre, mask, outputs } = computeNode(kind, ctx, inputs.with(input, changed));
  let score = 0;
  let squares = 0;
  for (const [k, output] of outputs.entries()) {
    const given = weights[k];
    if (!given) continue;
    for (const [i, value] of output.dataSync().entries()) {
      const term = value * (given[i] ?? 0);
      score += term;
      squares += term ** 2;
    }
  }
  for (const used of [changed, pre, mask, ...outputs]) used?.dispose();
  return { score, size: Math.sqrt(squares) };
}

interface Changed {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  /** Positions of the values that are changed, one at a time. */
  readonly changed: readonly number[];
}

function checkInput(
  call: Call,
  input: number,
  { values, gradient, changed }: Changed,
  check: CallCheck,
): void {
  const largestOf = (list: Float32Array) =>
    list.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  const scale = Math.max(0.1, largestOf(values));
  const largest = largestOf(gradient);
  const { score: here, size } = scoreOf(call, input, values);
  for (const at of changed) {
    const slope = gradient[at] ?? Number.NaN;
    const differences: number[] = [];
    let isKink = false;
    const agrees = STEPS.some((step) => {
      const value = values[at] ?? 0;
      const above = values.with(at, value + step * scale);
      const below = values.with(at, value - step * scale);
      // The steps as float32 has them.
      const [up, down] = [(above[at] ?? 0) - value, value - (below[at] ?? 0)];
      const right = scoreOf(call, input, above).score - here;
      const left = here - scoreOf(call, input, below).score;
      const difference = (right + left) / (up + down);
      differences.push(difference);
      const noise = (NOISE * size) / (up + down);
      const sides = [Math.abs(right / up), Math.abs(left / down)];
      isKink = Math.abs(right / up - left / down) > KINK * Math.max(...sides) + 4 * noise;
      return Math.abs(slope - difference) <= TOLERANCE * Math.max(largest, Math.abs(difference)) + noise;
    });
    if (agrees && slope === 0 && differences.at(-1) === 0) check.still++;
    else if (agrees) check.agreeing++;
    else if (isKink) check.kinks++;
    else {
      const found = differences.map((difference) => difference.toPrecision(4)).join(', ');
      check.wrong.push(
        `Value ${at} of input ${input} has the gradient ${slope.toPrecision(4)}, not ${found}.`,
      );
    }
  }
}
