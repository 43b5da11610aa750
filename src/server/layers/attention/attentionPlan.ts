import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import { type Projection, projectionOf, projectionWeights } from '../core/projection';
import type { LayerContext, Tensor } from '../kind';
import type { Einsum } from '../support/einsum';
import { onlyShape, tensorAt } from '../support/layerInputs';

/** The projections of a layer, in the order in which Keras creates their weights. */
const PROJECTIONS = ['query', 'key', 'gate', 'value', 'output'] as const;
export type ProjectionName = (typeof PROJECTIONS)[number];

/** What `MultiHeadAttention` or `GroupQueryAttention` computes for inputs of given shapes. */
export interface Plan {
  /** `gate` is optional. */
  readonly projections: Readonly<Partial<Record<ProjectionName, Projection>>>;
  /** Folder of a projection's weights in a `.keras` file. */
  folder(name: ProjectionName): string;
  /** query, key -> scores. */
  readonly scores: Einsum;
  /** scores, value -> output. */
  readonly mix: Einsum;
  readonly headSize: number;
  /** Number of key axes that the softmax runs over. */
  readonly axes: number;
  /** Query heads per head of keys and values, an axis of its own after the head axis of a query; `null` without groups. */
  readonly group: number | null;
}

export type PlanOf = (config: LayerConfig, query: Shape, value: Shape, key: Shape) => Plan;

const letters = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(97 + from + i));

/** `multi_head_attention._build_proj_equation`: maps the last `bound` axes to `sizes`. */
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
export const multiHead: PlanOf = (config, query, value, key) => {
  const heads = config.int('num_heads');
  const keySize = config.int('key_dim');
  const valueSize = config.has('value_dim') ? config.int('value_dim') : keySize;
  // An empty list counts as absent, as in Python.
  const wanted = config.has('output_shape') ? config.intList('output_shape') : [];
  const outputSizes =
    wanted.length > 0
      ? wanted
      : [query.at(-1) ?? config.bad('output_shape', l10n.t('set where the query has no known size'), null)];
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
  const areValid =
    axes.length > 0 && new Set(axes).size === axes.length && axes.every((axis) => all.includes(axis));
  return areValid
    ? axes
    : config.bad('attention_axes', l10n.t('axes between batch and features'), config.raw('attention_axes'));
}

/** `multi_head_attention._build_attention_equation`. @param rank of a projected tensor, with heads and features. */
function attentionEquations(rank: number, attended: readonly number[]): Pick<Plan, 'scores' | 'mix'> {
  const target = letters(rank);
  const source = target.map((letter, axis) => (attended.includes(axis) ? letter.toUpperCase() : letter));
  const isBatch = (axis: number): boolean => axis !== rank - 1 && !attended.includes(axis);
  const at = (axes: readonly string[]) => attended.flatMap((axis) => axes[axis] ?? []);
  const scores = [...target.filter((_, axis) => isBatch(axis)), ...at(target), ...at(source)];
  return {
    scores: { left: target, right: source, output: scores },
    mix: { left: scores, right: source, output: target },
  };
}

/** `keras.layers.GroupQueryAttention`: several query heads share one head of keys and values. */
export const groupQuery: PlanOf = (config, query, value, key) => {
  for (const shape of [query, value, key]) onlyShape(config, [shape], 3);
  const size = config.int('head_dim');
  const queryHeads = config.int('num_query_heads');
  const heads = config.int('num_key_value_heads');
  const group = queryHeads / heads;
  if (!Number.isInteger(group))
    return config.bad('num_query_heads', l10n.t('a multiple of {0}', heads), queryHeads);
  const features =
    query.at(-1) ?? config.bad('head_dim', l10n.t('used with a known number of features'), null);
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
    scores: { left: [...'bqvrh'], right: [...'bkvh'], output: [...'bvrqk'] },
    mix: { left: [...'bvrqk'], right: [...'bkvh'], output: [...'bqvrh'] },
    headSize: size,
    axes: 1,
    group,
  };
};

export function projectionAt({ projections }: Plan, name: ProjectionName): Projection {
  const found = projections[name];
  if (found === undefined) throw new RangeError(`An attention layer lacks the projection "${name}".`);
  return found;
}

export const present = ({ projections }: Plan): ProjectionName[] =>
  PROJECTIONS.filter((name) => projections[name] !== undefined);

export const specs = (plan: Plan): WeightSpec[] =>
  present(plan).flatMap((name) => projectionWeights(projectionAt(plan, name), plan.folder(name)));

/** Kernel and bias of one projection, taken from the layer's weights. */
export function weightsOf(ctx: LayerContext, plan: Plan, name: ProjectionName): [Tensor, Tensor | undefined] {
  const counts = present(plan).map((each) => (projectionAt(plan, each).bias === null ? 1 : 2));
  const place = present(plan).indexOf(name);
  const at = counts.slice(0, place).reduce((sum, count) => sum + count, 0);
  return [tensorAt(ctx.config, ctx.weights, at), counts[place] === 2 ? ctx.weights[at + 1] : undefined];
}

/**
 * [batch, ..., heads, queries, keys]. Keras declares as many keys as queries, which is wrong for inputs of different
 * lengths; its values have the shape returned here.
 */
export function scoresShape(plan: Plan): Shape {
  const query = projectionAt(plan, 'query').output;
  const key = projectionAt(plan, 'key').output;
  if (plan.group !== null) return [query[0] ?? null, query[2] ?? null, query[1] ?? null, key[1] ?? null];
  const { left, right, output } = plan.scores;
  return output.map((axis) => query[left.indexOf(axis)] ?? key[right.indexOf(axis)] ?? null);
}
