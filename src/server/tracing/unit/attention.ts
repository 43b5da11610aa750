import * as l10n from '@vscode/l10n';
import type { UnitAttention, UnitSource } from '../../../shared/results/unit';
import { plainName } from '../../explain/maps/layerPlacement';
import { topIndices } from '../../explain/ranking';
import { callOf } from '../../layers/attention/attentionCall';
import { groupQuery, multiHead, weightsOf } from '../../layers/attention/attentionPlan';
import type { Tensor } from '../../layers/kind';
import { withFallback } from '../../run/backends/fallback';
import { withLayerErrors } from '../../run/layerErrors';
import { tidy } from '../../run/tidy';
import type { FeatureMap } from '../featureMap';
import { type GivenTerm, termsOf } from './terms';
import { type Found, flatIndex, inputTensors, sourceAt, type UnitAt, valuesOf } from './unitAt';

/** Keys that are listed of each head, and heads. */
const MAX_KEYS = 128;
const MAX_HEADS = 64;

/** How one query weighs the keys: [heads][keys]. */
interface Weighing {
  readonly weights: readonly Float64Array[];
  readonly logits: readonly Float64Array[];
  /** What the attended positions are read from, [batch, keys, features]. */
  readonly value: FeatureMap;
}

/** Attention and AdditiveAttention: the values at the keys, weighted by the softmax of the scores. */
export async function attentionUnit(at: UnitAt): Promise<Found | null> {
  const weighing = await weighingOf(at);
  const [weights] = weighing?.weights ?? [];
  if (!weighing || !weights) return null;
  const { value } = weighing;
  const terms = Array.from(weights, (weight, key): GivenTerm => {
    const flat = flatIndex(value.shape, [key, at.unit]);
    return {
      input: value.data[flat] ?? Number.NaN,
      weight,
      from: sourceAt(value.ref, value, flat),
      name: l10n.t('key {0}', key),
    };
  });
  const sourceOf = (_: number, key: number) =>
    sourceAt(value.ref, value, flatIndex(value.shape, [key, at.unit]));
  return { form: 'attention', bias: null, terms: termsOf(terms), attention: headsOf(weighing, sourceOf) };
}

/**
 * MultiHeadAttention and GroupQueryAttention: each head and key adds what the projections of value and output make of the key's
 * features, weighted by the softmax of the scores. A term's source is the feature with the largest part in it.
 */
export async function multiHeadUnit(at: UnitAt): Promise<Found | null> {
  const weighing = await weighingOf(at);
  const projection = weighing && (await projectionOf(at, weighing.value));
  if (!weighing || !projection) return null;
  const { value } = weighing;
  const [, , features = 0] = value.shape;
  const terms: GivenTerm[] = [];
  const sources: UnitSource[] = [];
  for (const [head, weights] of weighing.weights.entries()) {
    const { kernel, bias } = projection.head(head, weighing.weights.length);
    for (const [key, weight] of weights.entries()) {
      let input = bias;
      let best = 0;
      let largest = -1;
      for (let feature = 0; feature < features; feature++) {
        const part = (value.data[key * features + feature] ?? Number.NaN) * (kernel[feature] ?? Number.NaN);
        input += part;
        if (Math.abs(part) <= largest) continue;
        largest = Math.abs(part);
        best = feature;
      }
      const from = sourceAt(value.ref, value, flatIndex(value.shape, [key, best]));
      sources.push(from);
      terms.push({ input, weight, from, name: l10n.t('head {0}, key {1}', head, key) });
    }
  }
  const keys = weighing.weights[0]?.length ?? 0;
  const sourceOf = (head: number, key: number) => sources[head * keys + key] ?? sourceAt(value.ref, value, 0);
  return {
    ...{ form: 'attention', bias: projection.bias, terms: termsOf(terms) },
    attention: headsOf(weighing, sourceOf),
  };
}

async function weighingOf(at: UnitAt): Promise<Weighing | null> {
  const { trace, node, kind, ctx, ref, map, position } = at;
  const view = kind.attention;
  const [query] = position;
  if (!view || ref.output !== 0 || map.shape.length !== 3 || query === undefined) return null;
  const slots = view.slots(node.config, node.call, node.inputs.length);
  const from = node.inputs[slots.value];
  const inputs = inputTensors(at);
  if (!from || inputs[slots.query]?.rank !== 3 || inputs[slots.value]?.rank !== 3) return null;
  const compute = (work: () => Tensor): Tensor =>
    withLayerErrors(node, () => withFallback(trace.runtime, () => tidy(trace.runtime.tf, work)));
  const weights = await rowsOf(
    compute(() => view.scores(ctx, inputs)),
    query,
  );
  const logits = await rowsOf(
    compute(() => view.logits(ctx, inputs)),
    query,
  );
  return { weights, logits, value: await valuesOf(trace, from) };
}

/** The row of a query in each head of [batch, heads, queries, keys]. */
async function rowsOf(scores: Tensor, query: number): Promise<Float64Array[]> {
  const [, heads = 1, queries = 1, keys = 1] = scores.shape;
  const all = await scores.data();
  scores.dispose();
  return Array.from({ length: heads }, (_, head) => {
    const start = (head * queries + query) * keys;
    return Float64Array.from({ length: keys }, (__, key) => all[start + key] ?? Number.NaN);
  });
}

/** @param sourceOf the value at a key that counts most for a head */
const headsOf = (
  { weights, logits }: Weighing,
  sourceOf: (head: number, key: number) => UnitSource,
): UnitAttention[] =>
  weights.slice(0, MAX_HEADS).map((own, head) => ({
    head,
    keys: topIndices(own, MAX_KEYS).map((key) => ({
      key,
      score: logits[head]?.[key] ?? null,
      weight: own[key] ?? Number.NaN,
      from: sourceOf(head, key),
    })),
  }));

/** How a head turns the features of a key into one unit of the output. */
interface HeadProjection {
  /** Of the output. */
  readonly bias: number | null;
  head(head: number, heads: number): { readonly kernel: Float64Array; readonly bias: number };
}

/** `null` for a layer with a gate, and for weights that are stored in another way. */
async function projectionOf({ node, ctx, ...at }: UnitAt, value: FeatureMap): Promise<HeadProjection | null> {
  const planOf = plainName(node) === 'multiheadattention' ? multiHead : groupQuery;
  const call = callOf(node.config, node.call);
  const shapes = inputTensors({ node, ...at }).map(({ shape }) => shape);
  const [query, given, key] = [call.query, call.value, call.key].map((slot) => shapes[slot] ?? []);
  const plan = planOf(node.config, query ?? [], given ?? [], key ?? []);
  const [kernel, kernelBias] = weightsOf(ctx, plan, 'value');
  const [output, outputBias] = weightsOf(ctx, plan, 'output');
  if (plan.projections.gate || plan.axes !== 1 || kernel.rank !== 3 || output.rank !== 3) return null;
  const [features = 0, heads = 1, size = 1] = kernel.shape;
  const units = output.shape[2] ?? 1;
  if (features !== value.shape[2] || output.shape[1] !== size) return null;
  const [w, b, o, bias] = await Promise.all([
    kernel.data(),
    kernelBias?.data(),
    output.data(),
    outputBias?.data(),
  ]);
  const { unit } = at;
  return {
    bias: bias?.[unit] ?? null,
    head(head, all) {
      // With groups, several heads of queries share one head of values.
      const own = Math.floor((head * heads) / all);
      const out = (i: number): number => o[(head * size + i) * units + unit] ?? Number.NaN;
      const kernelOf = (feature: number): number => {
        let sum = 0;
        for (let i = 0; i < size; i++) sum += (w[(feature * heads + own) * size + i] ?? Number.NaN) * out(i);
        return sum;
      };
      let sum = 0;
      for (let i = 0; b && i < size; i++) sum += (b[own * size + i] ?? Number.NaN) * out(i);
      return {
        kernel: Float64Array.from({ length: features }, (_, feature) => kernelOf(feature)),
        bias: sum,
      };
    },
  };
}
