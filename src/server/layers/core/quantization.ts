import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { dtypeOf } from '../../graph/keras/precision';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Tensor, TF } from '../kind';
import { isRecord, withValues } from '../support/records';

/** The quantization of a layer by Keras 3 (`model.quantize`). */
export interface Quantization {
  readonly mode: 'int8' | 'int4' | 'gptq' | 'awq';
  /** Whether a byte stores two 4-bit integers. */
  readonly isPacked: boolean;
  /** Number of rows that share a scale and a zero point; `null` if each column has one scale. */
  readonly group: number | null;
}

/** Quantizes the inputs of a layer, as `quantizers.AbsMaxQuantizer`. */
export interface InputQuantizer {
  readonly low: number;
  readonly high: number;
  readonly epsilon: number;
}

/**
 * Reads the mode from a layer's dtype policy: `int8`, `int4/128`, `gptq/4/128` and so on; `null` for a layer that is not
 * quantized.
 * @throws Failure `not-applicable` for float8, which is meant for training, and for unknown modes.
 */
export function quantizationOf(config: LayerConfig): Quantization | null {
  const [, mode = '', first, second] = POLICY.exec(dtypeOf(config.values)) ?? [];
  switch (mode) {
    case '':
      return null;
    case 'int8':
      return { mode, isPacked: false, group: null };
    case 'int4':
      return { mode, isPacked: true, group: groupOf(blockSize(config) ?? first) };
    case 'gptq':
    case 'awq':
      return { mode, isPacked: first === '4', group: groupOf(second) };
    default:
      return fail(
        'not-applicable',
        l10n.t('Layer "{0}" is quantized to {1}, which Layerglass does not compute.', config.path, mode),
        {
          subject: config.path,
          remedy: l10n.t('Open the model as saved before model.quantize().'),
        },
      );
  }
}

/** `int8_from_float32`, `gptq/4/128_from_float32`; no plain dtype has this form. */
const POLICY = /^([a-z]+\d?)(?:\/(-?\d+))?(?:\/(-?\d+))?(?:_from_.*)?$/;

function groupOf(size: number | string | undefined): number | null {
  const count = Number(size);
  return Number.isSafeInteger(count) && count > 0 ? count : null;
}

/** The block size of `Int4QuantizationConfig`, which overrides the policy's. */
function blockSize(config: LayerConfig): number | undefined {
  const given = config.raw('quantization_config');
  if (!isRecord(given) || !isRecord(given.config)) return undefined;
  const size = given.config.block_size;
  return typeof size === 'number' ? size : undefined;
}

/**
 * The quantizer of a layer's inputs: the one in its `quantization_config`, which may be none, or Keras's default.
 * @param hasDefault whether Keras quantizes the inputs of this layer and mode by default.
 * @throws Failure `bad-config` for a custom quantizer.
 */
export function inputQuantizer(config: LayerConfig, hasDefault: boolean): InputQuantizer | null {
  const given = config.raw('quantization_config');
  const own = isRecord(given) && isRecord(given.config) ? given.config.activation_quantizer : undefined;
  if (!isRecord(given)) return hasDefault ? { low: -127, high: 127, epsilon: 1e-7 } : null;
  if (own === undefined || own === null) return null;
  if (!isRecord(own) || own.class_name !== 'AbsMaxQuantizer') {
    return config.bad('quantization_config', l10n.t('with an AbsMaxQuantizer for activations'), own);
  }
  const args = withValues(config, isRecord(own.config) ? own.config : {});
  const range = args.raw('value_range') ?? [-127, 127];
  const [low, high]: unknown[] = Array.isArray(range) ? range : [];
  if (typeof low !== 'number' || typeof high !== 'number')
    return args.bad('value_range', l10n.t('two numbers'), range);
  return { low, high, epsilon: args.number('epsilon', 1e-7) };
}

/** The inputs as quantized and converted back: rounded to steps of the largest absolute value along `axes`. */
export function roundedInputs(
  tf: TF,
  { low, high, epsilon }: InputQuantizer,
  x: Tensor,
  axes: number[],
): Tensor {
  const largest = axes.length > 0 ? tf.max(tf.abs(x), axes, true) : tf.abs(x);
  const scale = tf.div(high, tf.add(largest, epsilon));
  return tf.div(tf.clipByValue(tf.round(tf.mul(x, scale)), low, high), scale);
}

/**
 * Unpacks the two 4-bit integers in each byte, the lower half first, along `axis` of a matrix (`quantizers.unpack_int4`).
 * @param length of that axis, without the padding to an even length.
 */
export function unpacked(tf: TF, bytes: Tensor, axis: 0 | 1, length: number, isSigned: boolean): Tensor {
  const unsigned = tf.add(bytes, tf.mul(tf.step(tf.neg(bytes)), 256));
  const high = tf.floor(tf.div(unsigned, 16));
  const low = tf.sub(unsigned, tf.mul(high, 16));
  const signed = (half: Tensor): Tensor =>
    isSigned ? tf.sub(half, tf.mul(tf.step(tf.sub(half, 7)), 16)) : half;
  const [rows = 0, columns = 0] = bytes.shape;
  const both = tf.stack([signed(low), signed(high)], axis + 1);
  const whole = axis === 0 ? tf.reshape(both, [2 * rows, columns]) : tf.reshape(both, [rows, 2 * columns]);
  return tf.slice(whole, [0, 0], axis === 0 ? [length, columns] : [rows, length]);
}

/**
 * (number - zero) * scale; each group along `axis` shares both (`quantizers.dequantize_with_sz_map`).
 * @param groups the group of each position along the axis.
 */
export function dequantized(
  tf: TF,
  numbers: Tensor,
  { scale, zero, groups, axis }: { scale: Tensor; zero: Tensor; groups: Tensor; axis: 0 | 1 },
): Tensor {
  const indices = tf.cast(groups, 'int32');
  return tf.mul(tf.sub(numbers, tf.gather(zero, indices, axis)), tf.gather(scale, indices, axis));
}
