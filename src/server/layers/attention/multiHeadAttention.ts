import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import { sumOf, times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import {
  type Projection,
  project,
  projectBack,
  projectionOf,
  projectionProducts,
  projectionWeights,
} from '../core/projection';
import type { BackwardStep, KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { argumentOf, flagOf, slotOf } from '../support/callSlots';
import { type Einsum, einsum, einsumToLeft, einsumToRight } from '../support/einsum';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { broadcastsTo, shapesMatch, shapeText, sizesMatch } from '../support/shapeMatching';
import { causalMask, softmaxBack, windowMask } from './attentionWeights';

/** The projections of a layer, in the order in which Keras makes their weights. */
const PROJECTIONS = ['query', 'key', 'gate', 'value', 'output'] as const;
type ProjectionName = (typeof PROJECTIONS)[number];

/** How one of the two layers attends, for inputs of given shapes. */
interface Plan {
  /** `gate` only where the layer has one. */
  readonly projections: Readonly<Partial<Record<ProjectionName, Projection>>>;
  /** The folder of a projection's weights in a `.keras` file. */
  folder(name: ProjectionName): string;
  /** query, key -> scores. */
  readonly product: Einsum;
  /** scores, value -> output. */
  readonly combine: Einsum;
  readonly headSize: number;
  /** How many axes of keys the softmax runs over. */
  readonly axes: number;
  /** Query heads to a head of keys and values, which a query then has as an axis of its own behind that of the heads. */
  readonly group: number | null;
}

type PlanOf = (config: LayerConfig, query: Shape, value: Shape, key: Shape) => Plan;

const letters = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(97 + from + i));

/** `multi_head_attention._build_proj_equation`: the last `bound` axes become `sizes`. */
function headProjection(
  config: LayerConfig,
  input: Shape,
  bound: number,
  sizes: readonly number[],
): Projection {
  const free = letters(input.length - bound);
  const inner = letters(bound, free.length);
  const outer = letters(sizes.length, input.length);
  return projectionOf(
    config,
    {
      equation: `${[...free, ...inner].join('')},${[...inner, ...outer].join('')}->${[...free, ...outer].join('')}`,
      outputShape: [...input.slice(1, free.length), ...sizes],
      biasAxes: config.bool('use_bias', true) ? outer.join('') : null,
    },
    input,
  );
}

/** `keras.layers.MultiHeadAttention`, over any axes between the batch and the features. */
const multiHead: PlanOf = (config, query, value, key) => {
  const heads = config.int('num_heads');
  const keySize = config.int('key_dim');
  const valueSize = config.has('value_dim') ? config.int('value_dim') : keySize;
  // An empty one is none, as in Python.
  const wanted = config.has('output_shape') ? config.intList('output_shape') : [];
  const outputSizes =
    wanted.length > 0
      ? wanted
      : [query.at(-1) ?? config.bad('output_shape', 'given, as the query has no known size', null)];
  const projected = [...query.slice(0, -1), heads, valueSize];
  const attended = attentionAxes(config, query.length);
  return {
    projections: {
      query: headProjection(config, query, 1, [heads, keySize]),
      key: headProjection(config, key, 1, [heads, keySize]),
      ...(config.bool('use_gate', false)
        ? { gate: headProjection(config, query, 1, [heads, valueSize]) }
        : {}),
      value: headProjection(config, value, 1, [heads, valueSize]),
      output: headProjection(config, projected, 2, outputSizes),
    },
    folder: (name) => (name === 'gate' ? '_gate_dense/' : `${name}_dense/`),
    ...attentionEquations(projected.length, attended),
    headSize: keySize,
    axes: attended.length,
    group: null,
  };
};

function attentionAxes(config: LayerConfig, rank: number): number[] {
  const all = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  if (!config.has('attention_axes')) return all;
  const axes = config.intList('attention_axes').map((axis) => (axis < 0 ? axis + rank : axis));
  const areSound =
    axes.length > 0 && new Set(axes).size === axes.length && axes.every((axis) => all.includes(axis));
  return areSound
    ? axes
    : config.bad('attention_axes', 'axes between batch and features', config.raw('attention_axes'));
}

/** `multi_head_attention._build_attention_equation`. @param rank of what was projected, heads and features included. */
function attentionEquations(rank: number, attended: readonly number[]): Pick<Plan, 'product' | 'combine'> {
  const target = letters(rank);
  const source = target.map((letter, axis) => (attended.includes(axis) ? letter.toUpperCase() : letter));
  const isBatch = (axis: number): boolean => axis !== rank - 1 && !attended.includes(axis);
  const at = (axes: readonly string[]) => attended.flatMap((axis) => axes[axis] ?? []);
  const scores = [...target.filter((_, axis) => isBatch(axis)), ...at(target), ...at(source)];
  return {
    product: { left: target, right: source, output: scores },
    combine: { left: scores, right: source, output: target },
  };
}

/** `keras.layers.GroupQueryAttention`: several query heads share one head of keys and values. */
const groupQuery: PlanOf = (config, query, value, key) => {
  for (const shape of [query, value, key]) onlyShape(config, [shape], 3);
  const size = config.int('head_dim');
  const queryHeads = config.int('num_query_heads');
  const heads = config.int('num_key_value_heads');
  const group = queryHeads / heads;
  if (!Number.isInteger(group)) return config.bad('num_query_heads', `a multiple of ${heads}`, queryHeads);
  const features = query.at(-1) ?? config.bad('head_dim', 'called on a known number of features', null);
  return {
    projections: {
      query: headProjection(config, query, 1, [queryHeads, size]),
      key: headProjection(config, key, 1, [heads, size]),
      ...(config.bool('use_gate', false)
        ? { gate: headProjection(config, query, 1, [queryHeads, size]) }
        : {}),
      value: headProjection(config, value, 1, [heads, size]),
      output: headProjection(config, [...query.slice(0, -1), queryHeads, size], 2, [features]),
    },
    folder: (name) => `_${name}_dense/`,
    product: { left: [...'bqvrh'], right: [...'bkvh'], output: [...'bvrqk'] },
    combine: { left: [...'bvrqk'], right: [...'bkvh'], output: [...'bqvrh'] },
    headSize: size,
    axes: 1,
    group,
  };
};

/** Positions of a call's tensors among the node's inputs. */
interface Call {
  readonly query: number;
  readonly value: number;
  /** That of the value where no key is given. */
  readonly key: number;
  /** Given by hand. */
  readonly masks: Readonly<Record<'query' | 'value' | 'key' | 'attention', number | undefined>>;
}

function callOf(config: LayerConfig, call: CallArguments | undefined): Call {
  const slot = (place: number, name: string) => slotOf(argumentOf(call, place, name));
  const query = slot(0, 'query') ?? 0;
  const value = slot(1, 'value');
  if (value === undefined) {
    return fail('bad-config', `Layer "${config.path}" is called without a value to attend to.`, {
      subject: config.path,
      remedy: 'The file is damaged; save the model again with Keras.',
    });
  }
  const masks = {
    query: slot(3, 'query_mask'),
    value: slot(4, 'value_mask'),
    key: slot(5, 'key_mask'),
    attention: slot(6, 'attention_mask'),
  };
  return { query, value, key: slot(2, 'key') ?? value, masks };
}

/** What one call computes on the way; every tensor float32. */
type Values = {
  plan: Plan;
  call: Call;
  query: Tensor;
  key: Tensor;
  value: Tensor;
  /** After masks and softmax, [batch, heads, queries, keys]. */
  weights: Tensor;
  kept: Tensor | undefined;
  mixed: Tensor;
  gate: Tensor | undefined;
};

function headedAttention(planOf: PlanOf, handMaskForQuery: boolean): LayerKind {
  const planFor = (config: LayerConfig, inputs: readonly Shape[], call: Call): Plan => {
    const shape = (slot: number): Shape => onlyShape(config, inputs.slice(slot, slot + 1));
    return planOf(config, shape(call.query), shape(call.value), shape(call.key));
  };
  const values = (ctx: LayerContext, inputs: readonly Tensor[]): Values => {
    const { tf, config } = ctx;
    const call = callOf(config, ctx.call);
    const plan = planFor(
      config,
      inputs.map((input) => input.shape),
      call,
    );
    const through = (name: ProjectionName, slot: number): Tensor =>
      project(
        tf,
        projectionAt(plan, name),
        tf.cast(tensorAt(config, inputs, slot), 'float32'),
        weightsOf(ctx, plan, name),
      );
    const query = apart(ctx, plan, through('query', call.query));
    const key = through('key', call.key);
    const value = through('value', call.value);
    const product = tf.mul(einsum(tf, plan.product, query, key), 1 / Math.sqrt(plan.headSize));
    const scores = joined(ctx, plan, product);
    const kept = keptPositions(ctx, inputs, plan, call, scores.rank, handMaskForQuery);
    const weights = maskedSoftmax(ctx, plan, scores, kept);
    const mixed = einsum(tf, plan.combine, grouped(ctx, plan, weights), value);
    const gate = plan.projections.gate && tf.sigmoid(through('gate', call.query));
    return { plan, call, query, key, value, weights, kept, mixed: together(ctx, plan, mixed), gate };
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
      // Each score is a product of heads, and each is multiplied with the value that it stands for.
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
  };
}

/** Query, key and value agree in the axes that they share, and each mask covers them. */
function checkFit(config: LayerConfig, plan: Plan, call: Call, inputs: readonly Shape[]): void {
  const [query, key, value] = [call.query, call.key, call.value].map((slot) => inputs[slot] ?? []) as [
    Shape,
    Shape,
    Shape,
  ];
  // Heads and features are the projections' own; every axis before them is that of the input.
  const { left, right } = plan.product;
  const rank = query.length;
  const attends = (axis: number): boolean => axis > 0 && (plan.group !== null || left[axis] !== right[axis]);
  const areAlike =
    key.length === rank &&
    shapesMatch(key.slice(0, -1), value.slice(0, -1)) &&
    query.slice(0, -1).every((size, axis) => attends(axis) || sizesMatch(size, key[axis]));
  if (!areAlike) {
    unfit(
      config,
      `cannot attend with a query ${shapeText(query)} to keys ${shapeText(key)} and values ${shapeText(value)}`,
    );
  }
  const sequences: [number | undefined, Shape][] = [
    [call.masks.query, query],
    [call.masks.value, value],
    [call.masks.key, key],
  ];
  for (const [slot, sequence] of sequences) {
    const mask = inputs[slot ?? -1];
    if (mask !== undefined && rank === 3 && !broadcastsTo(mask, sequence.slice(0, -1)))
      unfit(config, `is given a mask ${shapeText(mask)} for a sequence ${shapeText(sequence)}`);
  }
  const mask = inputs[call.masks.attention ?? -1];
  if (mask === undefined) return;
  // What it lacks are axes before those of queries and keys, such as that of the heads.
  const scores = scoresShape(plan);
  const cut = Math.max(0, mask.length - 2 * plan.axes);
  const ones = new Array<number>(Math.max(0, scores.length - mask.length)).fill(1);
  if (!broadcastsTo([...mask.slice(0, cut), ...ones, ...mask.slice(cut)], scores))
    unfit(config, `is given an attention mask ${shapeText(mask)} for scores ${shapeText(scores)}`);
}

const unfit = (config: LayerConfig, why: string): never =>
  fail('bad-config', `Layer "${config.path}" ${why}.`, {
    subject: config.path,
    remedy: 'The file is damaged; save the model again with Keras.',
  });

function projectionAt({ projections }: Plan, name: ProjectionName): Projection {
  const found = projections[name];
  if (found === undefined) throw new RangeError(`An attention layer lacks its projection "${name}".`);
  return found;
}

const present = ({ projections }: Plan): ProjectionName[] =>
  PROJECTIONS.filter((name) => projections[name] !== undefined);

const specs = (plan: Plan): WeightSpec[] =>
  present(plan).flatMap((name) => projectionWeights(projectionAt(plan, name), plan.folder(name)));

/** Kernel and bias of one projection, out of the layer's weights. */
function weightsOf(ctx: LayerContext, plan: Plan, name: ProjectionName): [Tensor, Tensor | undefined] {
  const counts = present(plan).map((each) => (projectionAt(plan, each).bias === null ? 1 : 2));
  const place = present(plan).indexOf(name);
  const at = counts.slice(0, place).reduce((sum, count) => sum + count, 0);
  return [tensorAt(ctx.config, ctx.weights, at), counts[place] === 2 ? ctx.weights[at + 1] : undefined];
}

/**
 * [batch, ..., heads, queries, keys]. Keras states as many keys as queries, which is wrong where there are not; its own
 * values have the shape that we state.
 */
function scoresShape(plan: Plan): Shape {
  const query = projectionAt(plan, 'query').output;
  const key = projectionAt(plan, 'key').output;
  if (plan.group !== null) return [query[0] ?? null, query[2] ?? null, query[1] ?? null, key[1] ?? null];
  const { left, right, output } = plan.product;
  return output.map((axis) => query[left.indexOf(axis)] ?? key[right.indexOf(axis)] ?? null);
}

// A head of keys that several query heads share stands once in the products; their queries and scores have one axis more.

const apart = ({ tf }: LayerContext, { group }: Plan, query: Tensor): Tensor => {
  if (group === null) return query;
  const [batch = 1, length = 1, heads = 1, size = 1] = query.shape;
  return tf.reshape(query, [batch, length, heads / group, group, size]);
};

const together = ({ tf }: LayerContext, { group }: Plan, mixed: Tensor): Tensor => {
  if (group === null) return mixed;
  const [batch = 1, length = 1, heads = 1, , size = 1] = mixed.shape;
  return tf.reshape(mixed, [batch, length, heads * group, size]);
};

const joined = ({ tf }: LayerContext, { group }: Plan, scores: Tensor): Tensor => {
  if (group === null) return scores;
  const [batch = 1, heads = 1, , queries = 1, keys = 1] = scores.shape;
  return tf.reshape(scores, [batch, heads * group, queries, keys]);
};

const grouped = ({ tf }: LayerContext, { group }: Plan, scores: Tensor): Tensor => {
  if (group === null) return scores;
  const [batch = 1, heads = 1, queries = 1, keys = 1] = scores.shape;
  return tf.reshape(scores, [batch, heads / group, group, queries, keys]);
};

/**
 * 1 where a query may look at a key, of the rank of the scores, as `_compute_attention_mask`: Keras masks of query, value
 * and key, the mask given in the call, the causal one and the window.
 */
function keptPositions(
  ctx: LayerContext,
  inputs: readonly Tensor[],
  plan: Plan,
  call: Call,
  rank: number,
  handMaskForQuery: boolean,
): Tensor | undefined {
  const { tf, config } = ctx;
  const given = (slot: number | undefined): Tensor | undefined =>
    slot === undefined ? undefined : inputs[slot];
  const flags = (mask: Tensor | undefined, axis: number): Tensor[] =>
    mask === undefined ? [] : [tf.expandDims(asFlags(ctx, mask), axis)];
  const queries = inputs[call.query]?.shape[1] ?? 1;
  const keys = inputs[call.value]?.shape[1] ?? 1;
  const { masks } = call;
  // MultiHeadAttention passes over a query mask that is given by hand.
  const queryMask = (handMaskForQuery ? given(masks.query) : undefined) ?? ctx.masks[call.query];
  const keyMask = given(masks.key) ?? (call.key === call.value ? undefined : ctx.masks[call.key]);
  const own = given(masks.attention);
  const all = [
    ...flags(queryMask, -1),
    ...flags(given(masks.value) ?? ctx.masks[call.value], -2),
    ...flags(keyMask, -2),
    ...(flagOf(ctx.call, 'use_causal_mask') ? [tf.expandDims(causalMask(tf, queries, keys), 0)] : []),
    ...(config.has('sliding_window')
      ? [tf.expandDims(windowMask(tf, queries, keys, config.int('sliding_window')), 0)]
      : []),
    ...(own === undefined ? [] : [asFlags(ctx, own)]),
  ];
  if (all.length === 0) return undefined;
  let merged = all.reduce((a, b) => tf.mul(a, b));
  while (merged.rank < rank) merged = tf.expandDims(merged, merged.rank - 2 * plan.axes);
  return merged;
}

/** 1 for true and for every number but 0. */
const asFlags = ({ tf }: LayerContext, mask: Tensor): Tensor => tf.cast(tf.cast(mask, 'bool'), 'float32');

/** What Keras puts in place of a score that a mask leaves out. */
const MASKED_SCORE = -1e9;

function maskedSoftmax(ctx: LayerContext, plan: Plan, scores: Tensor, kept: Tensor | undefined): Tensor {
  const { tf } = ctx;
  if (kept === undefined) return softmax(ctx, plan, scores);
  const masked = tf.mul(tf.sub(1, kept), MASKED_SCORE);
  // Keras 2 added, where Keras 3 replaces: in a row that is masked as a whole the scores differ still.
  const isAdded = ctx.config.kerasMajor < 3;
  const weights = softmax(ctx, plan, tf.add(isAdded ? scores : tf.mul(scores, kept), masked));
  return isFused(ctx, scores.rank) || isAdded ? weights : tf.mul(weights, kept);
}

/**
 * Whether Keras 3 takes `dot_product_attention`. There a row that is masked as a whole attends to all positions alike;
 * otherwise, in its Softmax layer, to none.
 */
const isFused = ({ config, call }: LayerContext, rank: number): boolean =>
  rank === 4 && config.number('dropout', 0) === 0 && !flagOf(call, 'return_attention_scores');

/** Over the last axes together. */
function softmax({ tf }: LayerContext, { axes }: Plan, scores: Tensor): Tensor {
  if (axes === 1) return tf.softmax(scores);
  const lead = scores.shape.slice(0, scores.rank - axes);
  return tf.reshape(tf.softmax(tf.reshape(scores, [...lead, -1])), scores.shape);
}

/** Back through the layer, as the gradient of each of its steps. */
function back(ctx: LayerContext, { inputs, gradients }: BackwardStep, values: Values): (Tensor | null)[] {
  const { tf, config } = ctx;
  const { plan, call, query, key, value, weights, kept, mixed, gate } = values;
  const [toOutput = null, toScores = null] = gradients;
  const sums = inputs.map((): Tensor | null => null);
  const backThrough = (name: ProjectionName, slot: number, gradient: Tensor): void => {
    const input = tensorAt(config, inputs, slot);
    const [kernel] = weightsOf(ctx, plan, name);
    const own = projectBack(tf, projectionAt(plan, name), gradient, kernel, input);
    const before = sums[slot];
    sums[slot] = before ? tf.add(before, own) : own;
  };
  let toWeights = toScores;
  if (toOutput) {
    const [kernel] = weightsOf(ctx, plan, 'output');
    const toGated = projectBack(tf, projectionAt(plan, 'output'), toOutput, kernel, mixed);
    if (gate !== undefined) {
      const slope = tf.mul(gate, tf.sub(1, gate));
      backThrough('gate', call.query, tf.mul(tf.mul(toGated, mixed), slope));
    }
    const toMixed = apart(ctx, plan, gate === undefined ? toGated : tf.mul(toGated, gate));
    const shared = grouped(ctx, plan, weights);
    backThrough('value', call.value, einsumToRight(tf, plan.combine, toMixed, shared, value.shape));
    const through = joined(ctx, plan, einsumToLeft(tf, plan.combine, toMixed, value, shared.shape));
    toWeights = toWeights ? tf.add(toWeights, through) : through;
  }
  if (toWeights === null) return sums;
  const before = softmaxBack(tf, weights, toWeights, plan.axes);
  const reaching = kept === undefined || ctx.config.kerasMajor < 3 ? before : tf.mul(before, kept);
  const toProduct = grouped(ctx, plan, tf.mul(reaching, 1 / Math.sqrt(plan.headSize)));
  backThrough(
    'query',
    call.query,
    together(ctx, plan, einsumToLeft(tf, plan.product, toProduct, key, query.shape)),
  );
  backThrough('key', call.key, einsumToRight(tf, plan.product, toProduct, query, key.shape));
  return sums.map((sum, slot) => (sum && isFloat(tensorAt(config, inputs, slot)) ? sum : null));
}

const groupQueryAttention = headedAttention(groupQuery, true);

export const multiHeadAttentionLayers: KindTable = {
  MultiHeadAttention: { ...headedAttention(multiHead, false), clearsInputMasks: true },
  GroupQueryAttention: groupQueryAttention,
  // HDF5 files have it by its name in Python.
  GroupedQueryAttention: groupQueryAttention,
};
