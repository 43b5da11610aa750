import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { LayerContext, Tensor } from '../kind';
import {
  dequantized,
  type InputQuantizer,
  inputQuantizer,
  type Quantization,
  quantizationOf,
  unpacked,
} from './quantization';

/** The shape of a kernel as the layer uses it, and how quantization treats its axes. */
export interface KernelLayout {
  readonly shape: readonly number[];
  /** The axes that products are summed over. */
  readonly reduced: readonly number[];
  /** Shape of the scale of an int8 kernel; `overKernel` broadcasts it to the kernel. */
  readonly scale: readonly number[];
  overKernel(ctx: LayerContext, scale: Tensor): Tensor;
}

/** The tensors with which a layer multiplies and adds. */
export interface Kernel {
  /** float32, in the layout's shape. */
  readonly value: Tensor;
  /** The LoRA update of the kernel, applied to the inputs before rounding; `null` without LoRA. */
  readonly delta: Tensor | null;
  readonly bias: Tensor | undefined;
  /** Rounds the inputs; `null` if they are not rounded. */
  readonly inputs: InputQuantizer | null;
}

/** Bounds the zeros allocated for factors that the file leaves out; no real adapter comes close. */
const MAX_RANK = 4096;

const fixed = (name: string, shape: readonly number[], stored?: WeightSpec['stored']): WeightSpec => ({
  name,
  shape,
  trainable: false,
  ...(stored === undefined ? {} : { stored }),
});

/**
 * Kernel and bias of Dense and EinsumDense as Keras saves them (`variable_serialization_spec`): float or quantized to
 * int8, int4, gptq or awq, and the two factors of LoRA. A `.keras` file leaves the factors out, having merged them into
 * the kernel.
 * @param bias its shape; `null` if the layer has none.
 */
export function kernelWeights(
  config: LayerConfig,
  layout: KernelLayout,
  bias: readonly number[] | null,
): WeightSpec[] {
  const rank = loraRank(config);
  const biases = bias === null ? [] : [{ name: 'bias', shape: bias, trainable: true }];
  const quantization = quantizationOf(config);
  const stored = quantization
    ? quantizedSpecs(config, layout, quantization, biases)
    : [{ name: 'kernel', shape: layout.shape, trainable: rank === null }, ...biases];
  const saved = stored.map((spec, i) => ({ ...spec, at: `vars/${i}` }));
  return [...saved, ...loraWeights(rank, layout.shape)];
}

/** The two LoRA factors of a kernel of this shape, zeros if the file leaves them out; none without a rank. */
export function loraWeights(rank: number | null, kernel: readonly number[]): WeightSpec[] {
  if (rank === null) return [];
  const added = { trainable: true, whenAbsent: 'zeros' } as const;
  return [
    { name: 'lora_kernel_a', shape: [...kernel.slice(0, -1), rank], at: 'lora_kernel_a', ...added },
    { name: 'lora_kernel_b', shape: [rank, kernel.at(-1) ?? 1], at: 'lora_kernel_b', ...added },
  ];
}

/** The rank of a layer's LoRA factors; `null` where it has none. */
export function loraRank(config: LayerConfig): number | null {
  if (!config.has('lora_rank')) return null;
  const rank = config.int('lora_rank');
  return rank > 0 && rank <= MAX_RANK
    ? rank
    : config.bad('lora_rank', l10n.t('between 1 and {0}', MAX_RANK), rank);
}

function quantizedSpecs(
  config: LayerConfig,
  layout: KernelLayout,
  { mode, isPacked, group }: Quantization,
  bias: readonly WeightSpec[],
): WeightSpec[] {
  if (mode === 'int8') {
    return [fixed('kernel', layout.shape, 'int8'), ...bias, fixed('kernel_scale', layout.scale)];
  }
  const { rows, columns } = matrixOf(config, layout, mode);
  const half = (size: number): number => (isPacked ? Math.ceil(size / 2) : size);
  const groups = group === null ? 1 : Math.ceil(rows / group);
  if (mode === 'int4') {
    const kernel = fixed('kernel', [rows, half(columns)], 'int8');
    if (group === null) return [kernel, ...bias, fixed('kernel_scale', [columns])];
    const scales = [groups, columns];
    return [
      kernel,
      ...bias,
      fixed('kernel_scale', scales),
      fixed('kernel_zero', scales, 'int8'),
      fixed('g_idx', [rows]),
    ];
  }
  return [
    ...bias,
    fixed('kernel', [half(columns), rows], 'uint8'),
    fixed('kernel_scale', [columns, groups]),
    fixed('kernel_zero', [columns, groups], 'uint8'),
    ...(mode === 'awq' ? [fixed('awq_scales', [rows])] : []),
    fixed('g_idx', [rows]),
  ];
}

/** How Keras flattens a kernel to a matrix: rows are summed over, columns are the rest. */
function matrixOf(
  config: LayerConfig,
  { shape, reduced }: KernelLayout,
  mode: Quantization['mode'],
): { rows: number; columns: number } {
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  if (mode === 'int4') {
    const rows = product(shape.filter((_, axis) => reduced.includes(axis)));
    return { rows, columns: product(shape) / Math.max(1, rows) };
  }
  // gptq and awq take the largest axis for the model's width: first where a layer projects into heads, last where out of them.
  const into = shape.length === 2 || shape.indexOf(Math.max(...shape)) === 0 ? 1 : 2;
  if (shape.length !== 2 && shape.length !== 3) {
    return config.bad('dtype', l10n.t('{0} of a kernel of 2 or 3 axes', mode), shape);
  }
  return { rows: product(shape.slice(0, into)), columns: product(shape.slice(into)) };
}

/** The kernel in float32, dequantized and with LoRA. @param specs the result of `kernelWeights` for this layer. */
export function kernelOf(ctx: LayerContext, layout: KernelLayout, specs: readonly WeightSpec[]): Kernel {
  const { tf, config } = ctx;
  const named = (name: string): Tensor | undefined =>
    ctx.weights[specs.findIndex((spec) => spec.name === name)];
  const quantization = quantizationOf(config);
  const needed = (name: string): Tensor => {
    const found = named(name);
    if (found === undefined) throw new RangeError(`Layer "${config.path}" was run without its ${name}.`);
    return found;
  };
  const [a, b] = [named('lora_kernel_a'), named('lora_kernel_b')];
  const delta = a && b ? loraDelta(ctx, a, b) : null;
  const stored = needed('kernel');
  const value = quantization ? floatKernel(ctx, layout, quantization, stored, needed) : stored;
  const inputs =
    quantization &&
    (quantization.mode === 'int8' || (quantization.mode === 'int4' && quantization.group === null))
      ? inputQuantizer(config, quantization.mode === 'int8')
      : null;
  return delta && inputs === null
    ? { value: tf.add(value, delta), delta: null, bias: named('bias'), inputs }
    : { value, delta, bias: named('bias'), inputs };
}

/** The product a . b over the last axis, times `lora_alpha / lora_rank`. */
export function loraDelta({ tf, config }: LayerContext, a: Tensor, b: Tensor): Tensor {
  const rank = config.int('lora_rank');
  const alpha = config.has('lora_alpha') ? config.number('lora_alpha') : rank;
  const product = tf.matMul(tf.reshape(a, [-1, rank]), b);
  return tf.mul(tf.reshape(product, [...a.shape.slice(0, -1), b.shape[1] ?? 1]), alpha / rank);
}

function floatKernel(
  ctx: LayerContext,
  layout: KernelLayout,
  { mode, isPacked, group }: Quantization,
  stored: Tensor,
  needed: (name: string) => Tensor,
): Tensor {
  const { tf, config } = ctx;
  const scale = needed('kernel_scale');
  if (mode === 'int8') return tf.div(stored, layout.overKernel(ctx, scale));
  const { columns } = matrixOf(config, layout, mode);
  if (mode === 'int4') {
    const numbers = unpacked(tf, stored, 1, columns, true);
    const matrix =
      group === null
        ? tf.div(numbers, scale)
        : dequantized(tf, numbers, { scale, zero: needed('kernel_zero'), groups: needed('g_idx'), axis: 0 });
    return tf.reshape(matrix, [...layout.shape]);
  }
  const numbers = isPacked ? unpacked(tf, stored, 0, columns, false) : stored;
  const transposed = tf.transpose(
    dequantized(tf, numbers, { scale, zero: needed('kernel_zero'), groups: needed('g_idx'), axis: 1 }),
  );
  const matrix = mode === 'awq' ? tf.div(transposed, tf.expandDims(needed('awq_scales'), -1)) : transposed;
  return tf.reshape(matrix, [...layout.shape]);
}
