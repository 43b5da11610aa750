import { fail } from '../../../shared/errors';
import { dtypeOf } from '../../graph/keras/precision';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Tensor, TF } from '../kind';
import { isRecord, withValues } from '../support/records';

/** How Keras 3 quantized a layer (`model.quantize`). */
export interface Quantization {
  readonly mode: 'int8' | 'int4' | 'gptq' | 'awq';
  /** Whether two whole numbers of 4 bits share a byte. */
  readonly isPacked: boolean;
  /** Rows that share a scale and a zero point; `null` where each column has one scale. */
  readonly group: number | null;
}

/** Quantizes what a layer gets, as `quantizers.AbsMaxQuantizer`. */
export interface InputQuantizer {
  readonly low: number;
  readonly high: number;
  readonly epsilon: number;
}

/**
 * Reads the mode out of a layer's dtype policy: `int8`, `int4/128`, `gptq/4/128` and so on; `null` for a layer that is
 * not quantized.
 * @throws Failure `not-applicable` for float8, whose numbers are made for training, and for modes that are not known.
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
        `Layer "${config.path}" is quantized to ${mode}, which Layerglass does not compute.`,
        {
          subject: config.path,
          remedy: 'Open the model as it was before model.quantize().',
        },
      );
  }
}

/** `int8_from_float32`, `gptq/4/128_from_float32`; no plain dtype looks like that. */
const POLICY = /^([a-z]+\d?)(?:\/(-?\d+))?(?:\/(-?\d+))?(?:_from_.*)?$/;

function groupOf(size: number | string | undefined): number | null {
  const count = Number(size);
  return Number.isSafeInteger(count) && count > 0 ? count : null;
}

/** What `Int4QuantizationConfig` says goes before what the policy says. */
function blockSize(config: LayerConfig): number | undefined {
  const given = config.raw('quantization_config');
  if (!isRecord(given) || !isRecord(given.config)) return undefined;
  const size = given.config.block_size;
  return typeof size === 'number' ? size : undefined;
}

/**
 * The quantizer of a layer's inputs: that of its `quantization_config`, which may be none, or Keras's own.
 * @param standard whether Keras has one for this layer and mode where the config is silent.
 * @throws Failure `bad-config` for one that is not Keras's.
 */
export function inputQuantizer(config: LayerConfig, standard: boolean): InputQuantizer | null {
  const given = config.raw('quantization_config');
  const own = isRecord(given) && isRecord(given.config) ? given.config.activation_quantizer : undefined;
  if (!isRecord(given)) return standard ? { low: -127, high: 127, epsilon: 1e-7 } : null;
  if (own === undefined || own === null) return null;
  if (!isRecord(own) || own.class_name !== 'AbsMaxQuantizer') {
    return config.bad('quantization_config', 'with an AbsMaxQuantizer for activations', own);
  }
  const args = withValues(config, isRecord(own.config) ? own.config : {});
  const range = args.raw('value_range') ?? [-127, 127];
  const [low, high]: unknown[] = Array.isArray(range) ? range : [];
  if (typeof low !== 'number' || typeof high !== 'number')
    return args.bad('value_range', 'two numbers', range);
  return { low, high, epsilon: args.number('epsilon', 1e-7) };
}

/** The numbers that the layer really multiplies: rounded to whole steps of the largest one along `axes`. */
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
 * The two numbers of 4 bits in each byte, the lower half first, unfolded along `axis` of a matrix
 * (`quantizers.unpack_int4`). @param length of that axis, which was padded to an even one.
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
 * (number - zero) * scale, where the groups along `axis` share them (`quantizers.dequantize_with_sz_map`).
 * @param groups which group each place along the axis belongs to.
 */
export function dequantized(
  tf: TF,
  numbers: Tensor,
  { scale, zero, groups, axis }: { scale: Tensor; zero: Tensor; groups: Tensor; axis: 0 | 1 },
): Tensor {
  const places = tf.cast(groups, 'int32');
  return tf.mul(tf.sub(numbers, tf.gather(zero, places, axis)), tf.gather(scale, places, axis));
}
