import type { Apply, Value } from '../compound';
import { constant } from '../creation';
import { type Operation, operandAt } from '../operation';
import { type BinaryName, binary } from './binary';
import { type Reducing, type ReductionName, reduction } from './reductions';
import { type UnaryName, unary } from './unary';

/** Shorthands to apply operations in a formula. */
export function steps(apply: Apply) {
  const number = (value: number): Value => apply(constant([], (tf) => tf.scalar(value)))[0];
  const value = (x: Value | number): Value => (typeof x === 'number' ? number(x) : x);
  return {
    of: (operation: Operation, ...operands: Value[]): Value => apply(operation, ...operands)[0],
    one: (name: UnaryName, x: Value): Value => apply(unary(name), x)[0],
    two: (name: BinaryName, a: Value | number, b: Value | number): Value =>
      apply(binary(name), value(a), value(b))[0],
    reduce: (name: ReductionName, x: Value, reducing: Reducing): Value =>
      apply(reduction(name, reducing), x)[0],
  };
}

export const pairOf = (operands: readonly Value[]): [Value, Value] => [
  operandAt(operands, 0),
  operandAt(operands, 1),
];
