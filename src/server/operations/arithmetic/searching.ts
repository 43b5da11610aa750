import { mapInto } from '../../../shared/mapInto';
import { hostOperation } from '../hostOperation';
import { type Operation, operandAt } from '../operation';

/** `keras.ops.isin`: whether each value is among those of the second operand. */
export const isIn = (inverted: boolean): Operation =>
  hostOperation({
    outputShapes: (operands) => [operandAt(operands, 0)],
    forward(operands) {
      const { shape, values } = operandAt(operands, 0);
      const among = new Set(Array.from(operandAt(operands, 1).values).filter((n) => !Number.isNaN(n)));
      // An empty list contains nothing, and Keras does not invert that.
      const hit = (n: number): boolean => among.has(n) !== inverted && among.size > 0;
      const hits = mapInto(new Uint8Array(values.length), values, (n) => Number(hit(n)));
      return [{ shape, values: hits, dtype: 'bool' }];
    },
  });

/**
 * `keras.ops.searchsorted` and `digitize`: the index where each value would be inserted in a sorted list, before equal ones (`left`) or
 * after them.
 * @param list and `values` are the positions of the operands.
 */
export const searchSorted = (
  side: 'left' | 'right',
  { list, values }: { list: number; values: number },
): Operation =>
  hostOperation({
    outputShapes: (operands) => [operandAt(operands, values)],
    forward(operands) {
      const sorted = operandAt(operands, list).values;
      const { shape, values: wanted } = operandAt(operands, values);
      const indices = mapInto(new Int32Array(wanted.length), wanted, (n) => insertionIndex(sorted, n, side));
      return [{ shape, values: indices, dtype: 'int32' }];
    },
  });

export function insertionIndex(sorted: ArrayLike<number>, value: number, side: 'left' | 'right'): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = sorted[middle] ?? 0;
    if (entry < value || (side === 'right' && entry === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
