import type { Shape } from '../../../shared/model';
import { sumOf, times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import { project, projectBack, projectionProducts } from '../core/projection';
import type { BackwardStep, KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { flagOf } from '../support/callSlots';
import { einsum, einsumToLeft, einsumToRight } from '../support/einsum';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { type Call, callOf, checkFit } from './attentionCall';
import {
  groupQuery,
  multiHead,
  type Plan,
  type PlanOf,
  type ProjectionName,
  present,
  projectionAt,
  scoresShape,
  specs,
  weightsOf,
} from './attentionPlan';
import {
  keptPositions,
  maskedSoftmax,
  mergeGroups,
  mergeScoreGroups,
  splitGroups,
  splitScoreGroups,
} from './attentionScores';
import { plainScores, softmaxBack } from './attentionWeights';

/** How one call weighs the positions; every tensor is float32. */
type Weighing = {
  plan: Plan;
  call: Call;
  /** Divided by the square root of the head's size. */
  query: Tensor;
  key: Tensor;
  /** Before masks and softmax, of the shape of `weights`. */
  logits: Tensor;
  /** After masks and softmax, [batch, heads, queries, keys]. */
  weights: Tensor;
  kept: Tensor | undefined;
};

/** The intermediate values of one call. */
type Values = Weighing & {
  value: Tensor;
  mixed: Tensor;
  gate: Tensor | undefined;
};

function headedAttention(planOf: PlanOf, usesQueryMask: boolean): LayerKind {
  const planFor = (config: LayerConfig, inputs: readonly Shape[], call: Call): Plan => {
    const shape = (slot: number): Shape => onlyShape(config, inputs.slice(slot, slot + 1));
    return planOf(config, shape(call.query), shape(call.value), shape(call.key));
  };
  const weighing = (ctx: LayerContext, inputs: readonly Tensor[]): Weighing => {
    const { tf, config } = ctx;
    const call = callOf(config, ctx.call);
    const plan = planFor(
      config,
      inputs.map((input) => input.shape),
      call,
    );
    // As in Keras, the query is scaled, which has far fewer values than the scores.
    const scaled = tf.mul(projected(ctx, plan, inputs, 'query', call.query), scaleOf(plan));
    const query = splitGroups(ctx, plan, scaled);
    const key = projected(ctx, plan, inputs, 'key', call.key);
    const scores = mergeScoreGroups(ctx, plan, einsum(tf, plan.scores, query, key));
    const kept = keptPositions(ctx, inputs, plan, call, scores.rank, usesQueryMask);
    return { plan, call, query, key, logits: scores, weights: maskedSoftmax(ctx, plan, scores, kept), kept };
  };
  const values = (ctx: LayerContext, inputs: readonly Tensor[]): Values => {
    const { tf } = ctx;
    const weighed = weighing(ctx, inputs);
    const { plan, call, weights } = weighed;
    const value = projected(ctx, plan, inputs, 'value', call.value);
    const mixed = einsum(tf, plan.mix, splitScoreGroups(ctx, plan, weights), value);
    const gate = plan.projections.gate && tf.sigmoid(projected(ctx, plan, inputs, 'gate', call.query));
    return { ...weighed, value, mixed: mergeGroups(ctx, plan, mixed), gate };
  };
  return {
    outputShapes(config, inputs, callArguments) {
      const call = callOf(config, callArguments);
      const plan = planFor(config, inputs, call);
      checkFit(config, plan, call, inputs);
      const { output } = projectionAt(plan, 'output');
      if (!flagOf(callArguments, 'return_attention_scores')) return [output];
      return [output, scoresShape(plan)];
    },
    weights: (config, inputs, call) => specs(planFor(config, inputs, callOf(config, call))),
    multiplyAdds(config, inputs, _, call) {
      const plan = planFor(config, inputs, callOf(config, call));
      const scores = scoresShape(plan);
      // Each score is a dot product over a head, and each is multiplied with its value.
      const mixing = times(...scores, plan.headSize + (projectionAt(plan, 'value').output.at(-1) ?? 0));
      return sumOf([...present(plan).map((name) => projectionProducts(projectionAt(plan, name))), mixing]);
    },
    forward(ctx, inputs) {
      const { plan, weights, mixed, gate } = values(ctx, inputs);
      const gated = gate === undefined ? mixed : ctx.tf.mul(mixed, gate);
      const output = project(ctx.tf, projectionAt(plan, 'output'), gated, weightsOf(ctx, plan, 'output'));
      return flagOf(ctx.call, 'return_attention_scores') ? [output, weights] : [output];
    },
    backward: (ctx, step) => back(ctx, step, values(ctx, step.inputs)),
    mask: (ctx) => ctx.masks[callOf(ctx.config, ctx.call).query],
    attention: {
      slots: (config, call) => callOf(config, call),
      scores(ctx, inputs) {
        const kwargs = { ...ctx.call.kwargs, return_attention_scores: true };
        const { plan, weights } = weighing({ ...ctx, call: { ...ctx.call, kwargs } }, inputs);
        return plainScores(ctx, weights, plan.axes);
      },
      logits(ctx, inputs) {
        const { plan, logits } = weighing(ctx, inputs);
        return plainScores(ctx, logits, plan.axes);
      },
    },
  };
}

const scaleOf = ({ headSize }: Plan): number => 1 / Math.sqrt(headSize);

function projected(
  ctx: LayerContext,
  plan: Plan,
  inputs: readonly Tensor[],
  name: ProjectionName,
  slot: number,
): Tensor {
  const input = ctx.tf.cast(tensorAt(ctx.config, inputs, slot), 'float32');
  return project(ctx.tf, projectionAt(plan, name), input, weightsOf(ctx, plan, name));
}

/** The gradients of the inputs: backpropagates through each step of the layer. */
function back(ctx: LayerContext, { inputs, gradients }: BackwardStep, values: Values): (Tensor | null)[] {
  const { tf, config } = ctx;
  const { plan, call, query, key, value, weights, kept, mixed, gate } = values;
  const [toOutput = null, toScores = null] = gradients;
  const sums = inputs.map((): Tensor | null => null);
  const backThrough = (name: ProjectionName, slot: number, gradient: Tensor): void => {
    const input = tensorAt(config, inputs, slot);
    const [kernel] = weightsOf(ctx, plan, name);
    const gradientIn = projectBack(tf, projectionAt(plan, name), gradient, kernel, input);
    const before = sums[slot];
    sums[slot] = before ? tf.add(before, gradientIn) : gradientIn;
  };
  let toWeights = toScores;
  if (toOutput) {
    const [kernel] = weightsOf(ctx, plan, 'output');
    const toGated = projectBack(tf, projectionAt(plan, 'output'), toOutput, kernel, mixed);
    if (gate !== undefined) {
      const slope = tf.mul(gate, tf.sub(1, gate));
      backThrough('gate', call.query, tf.mul(tf.mul(toGated, mixed), slope));
    }
    const toMixed = splitGroups(ctx, plan, gate === undefined ? toGated : tf.mul(toGated, gate));
    const shared = splitScoreGroups(ctx, plan, weights);
    backThrough('value', call.value, einsumToRight(tf, plan.mix, toMixed, shared, value.shape));
    const through = mergeScoreGroups(ctx, plan, einsumToLeft(tf, plan.mix, toMixed, value, shared.shape));
    toWeights = toWeights ? tf.add(toWeights, through) : through;
  }
  if (toWeights === null) return sums;
  const before = softmaxBack(tf, weights, toWeights, plan.axes);
  const reaching = kept === undefined || ctx.config.kerasMajor < 3 ? before : tf.mul(before, kept);
  const toProduct = splitScoreGroups(ctx, plan, reaching);
  const toQuery = einsumToLeft(tf, plan.scores, toProduct, key, query.shape);
  backThrough('query', call.query, tf.mul(mergeGroups(ctx, plan, toQuery), scaleOf(plan)));
  backThrough('key', call.key, einsumToRight(tf, plan.scores, toProduct, query, key.shape));
  return sums.map((sum, slot) => (sum && isFloat(tensorAt(config, inputs, slot)) ? sum : null));
}

const groupQueryAttention = headedAttention(groupQuery, true);

export const multiHeadAttentionLayers: KindTable = {
  MultiHeadAttention: { ...headedAttention(multiHead, false), clearsInputMasks: true },
  GroupQueryAttention: groupQueryAttention,
  // HDF5 files use the name of the Python class.
  GroupedQueryAttention: groupQueryAttention,
};
