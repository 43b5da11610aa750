import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { LayerContext, Tensor } from '../kind';
import { dequantized, quantizationOf, unpacked } from './quantization';
import { loraDelta, loraRank } from './storedKernel';

/**
 * The weights of Embedding and ReversibleEmbedding as Keras saves them (`variable_serialization_spec`): float, int8 or
 * int4, the factors of LoRA, and the reverse table if it is not tied.
 */
export function tableWeights(config: LayerConfig, hasReverse: boolean): WeightSpec[] {
  const [ids, size] = [config.int('input_dim'), config.int('output_dim')];
  const rank = loraRank(config);
  const saved = [
    ...tableSpecs(config, rank === null),
    ...(hasReverse && !config.bool('tie_weights', true) ? reverseSpecs(config) : []),
  ].map((spec, i) => ({ ...spec, at: `vars/${i}` }));
  if (rank === null) return saved;
  const added = { trainable: true, whenAbsent: 'zeros' } as const;
  return [
    ...saved,
    { name: 'lora_embeddings_a', shape: [ids, rank], at: 'lora_embeddings_a', ...added },
    { name: 'lora_embeddings_b', shape: [rank, size], at: 'lora_embeddings_b', ...added },
  ];
}

const fixed = (name: string, shape: readonly number[], stored?: WeightSpec['stored']): WeightSpec => ({
  name,
  shape,
  trainable: false,
  ...(stored === undefined ? {} : { stored }),
});

function tableSpecs(config: LayerConfig, trainable: boolean): WeightSpec[] {
  const [ids, size] = [config.int('input_dim'), config.int('output_dim')];
  const quantization = modeOf(config);
  if (quantization === null) return [{ name: 'embeddings', shape: [ids, size], trainable }];
  const { mode, group } = quantization;
  const bytes = mode === 'int4' ? Math.ceil(size / 2) : size;
  const table = fixed('embeddings', [ids, bytes], 'int8');
  if (group === null) return [table, fixed('embeddings_scale', [ids])];
  const scales = [ids, Math.ceil(size / group)];
  return [
    table,
    fixed('embeddings_scale', scales),
    fixed('embeddings_zero', scales, 'int8'),
    fixed('g_idx', [size]),
  ];
}

function reverseSpecs(config: LayerConfig): WeightSpec[] {
  const [ids, size] = [config.int('input_dim'), config.int('output_dim')];
  const quantization = modeOf(config);
  if (quantization === null) return [{ name: 'reverse_embeddings', shape: [size, ids], trainable: true }];
  const { mode, group } = quantization;
  const table = fixed('reverse_embeddings', [mode === 'int4' ? Math.ceil(size / 2) : size, ids], 'int8');
  if (group === null) return [table, fixed('reverse_embeddings_scale', [ids])];
  const scales = [Math.ceil(size / group), ids];
  return [table, fixed('reverse_embeddings_scale', scales), fixed('reverse_embeddings_zero', scales)];
}

function modeOf(config: LayerConfig): { mode: 'int8' | 'int4'; group: number | null } | null {
  const found = quantizationOf(config);
  if (found === null) return null;
  const { mode, group } = found;
  return mode === 'int8' || mode === 'int4'
    ? { mode, group }
    : config.bad('dtype', l10n.t('int8 or int4'), mode);
}

type Named = (name: string) => Tensor;

function namedIn(ctx: LayerContext, hasReverse: boolean): Named {
  const specs = tableWeights(ctx.config, hasReverse);
  return (name) => {
    const found = ctx.weights[specs.findIndex((spec) => spec.name === name)];
    if (found === undefined) throw new RangeError(`Layer "${ctx.config.path}" was run without its ${name}.`);
    return found;
  };
}

/** Looks up rows of the table. @param ids int32 [n]. @returns float32 [n, output_dim]. */
export function rowsOf(ctx: LayerContext, ids: Tensor, hasReverse: boolean): Tensor {
  const { tf, config } = ctx;
  const named = namedIn(ctx, hasReverse);
  const at = (name: string): Tensor => tf.gather(named(name), ids);
  const rows = floatRows(ctx, at, named);
  if (loraRank(config) === null) return rows;
  return tf.add(rows, loraDelta(ctx, at('lora_embeddings_a'), named('lora_embeddings_b')));
}

/** @param at returns the requested rows of a weight with one row per id. */
function floatRows({ tf, config }: LayerContext, at: Named, named: Named): Tensor {
  const quantization = modeOf(config);
  if (quantization === null) return at('embeddings');
  const { mode, group } = quantization;
  const stored = at('embeddings');
  const numbers = mode === 'int4' ? unpacked(tf, stored, 1, config.int('output_dim'), true) : stored;
  const scale = at('embeddings_scale');
  if (group === null) return tf.div(numbers, tf.expandDims(scale, -1));
  return dequantized(tf, numbers, { scale, zero: at('embeddings_zero'), groups: named('g_idx'), axis: 1 });
}

/** The matrix of a ReversibleEmbedding's reverse call: [input_dim, output_dim], or its transpose. */
export function reverseTable(ctx: LayerContext): { table: Tensor; isTransposed: boolean } {
  const { tf, config } = ctx;
  const named = namedIn(ctx, true);
  const quantization = modeOf(config);
  if (config.bool('tie_weights', true)) {
    const own = floatRows(ctx, named, named);
    // Keras ignores LoRA in the reverse call of a quantized layer.
    const isAdapted = quantization === null && loraRank(config) !== null;
    const delta = isAdapted ? loraDelta(ctx, named('lora_embeddings_a'), named('lora_embeddings_b')) : null;
    return { table: delta ? tf.add(own, delta) : own, isTransposed: false };
  }
  const stored = named('reverse_embeddings');
  if (quantization === null) return { table: stored, isTransposed: true };
  const { mode, group } = quantization;
  const numbers = mode === 'int4' ? unpacked(tf, stored, 0, config.int('output_dim'), true) : stored;
  const scale = named('reverse_embeddings_scale');
  if (group === null) return { table: tf.div(numbers, scale), isTransposed: true };
  const zero = named('reverse_embeddings_zero');
  return {
    table: dequantized(tf, numbers, { scale, zero, groups: named('g_idx'), axis: 0 }),
    isTransposed: true,
  };
}
