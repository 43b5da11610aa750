import type { Tensor, TF } from '../../layers/kind';
import { isRecord } from '../../layers/support/records';
import { type ComputedDtype, computedDtype } from '../dtypes';

/** A number or an array of numbers or booleans in a file. */
export interface OperandConstant {
  readonly shape: readonly number[];
  /** Row-major; booleans as 1 and 0. */
  readonly values: readonly number[];
  /** `null` for plain numbers, which take the dtype of the other operands, as in Python. */
  readonly dtype: ComputedDtype | null;
}

/**
 * Reads a constant: a number, true or false, a rectangular list of them, or an array as Keras 3 writes it
 * (`{class_name: '__numpy__' | '__tensor__', config: {value, dtype}}`). `null` for anything else.
 */
export function constantOf(value: unknown): OperandConstant | null {
  if (isRecord(value)) {
    if (!isRecord(value.config)) return null;
    const { dtype } = value.config;
    const plain = constantOf(value.config.value);
    return plain && { ...plain, dtype: typeof dtype === 'string' ? computedDtype(dtype) : null };
  }
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const values: number[] = [];
  const kinds = new Set<string>();
  if (!collectValues(value, shape, 0, values, kinds)) return null;
  return { shape, values, dtype: kinds.size === 1 && kinds.has('boolean') ? 'bool' : null };
}

function collectValues(
  value: unknown,
  shape: readonly number[],
  depth: number,
  into: number[],
  kinds: Set<string>,
): boolean {
  if (depth < shape.length) {
    if (!Array.isArray(value) || value.length !== shape[depth]) return false;
    return value.every((part) => collectValues(part, shape, depth + 1, into, kinds));
  }
  if (typeof value !== 'number' && typeof value !== 'boolean') return false;
  kinds.add(typeof value);
  into.push(Number(value));
  return true;
}

/**
 * The constant as a tensor. Plain whole numbers are integers beside integers alone; JSON does not tell 2 from 2.0, so
 * that an integer tensor times 2.0 stays one of integers here.
 */
export function constantTensor(tf: TF, constant: OperandConstant, beside: readonly Tensor[]): Tensor {
  const isWhole = constant.values.every(Number.isSafeInteger);
  const isAmongIntegers = beside.length > 0 && beside.every((tensor) => tensor.dtype !== 'float32');
  const dtype = constant.dtype ?? (isWhole && isAmongIntegers ? 'int32' : 'float32');
  return tf.tensor([...constant.values], [...constant.shape], dtype);
}
