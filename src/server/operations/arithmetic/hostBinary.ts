import { broadcastShapes } from '../broadcast';
import { formula } from '../compound';
import type { ComputedDtype } from '../dtypes';
import { type HostArray, hostOperation, zerosLike } from '../hostOperation';
import { type Operation, operandAt } from '../operation';
import { binary } from './binary';
import { pairOf } from './formulaSteps';
import { reduction } from './reductions';

/** A broadcast function of two integers. */
function integerFunction(value: (a: number, b: number) => number): Operation {
  return hostOperation({
    outputShapes: (operands) => [broadcastShapes([operandAt(operands, 0), operandAt(operands, 1)])],
    forward: (operands) => [broadcastBinary(operandAt(operands, 0), operandAt(operands, 1), value, 'int32')],
  });
}

function broadcastBinary(
  a: HostArray,
  b: HostArray,
  value: (a: number, b: number) => number,
  dtype: ComputedDtype,
) {
  const shape = broadcastShapes([a.shape, b.shape]).map((size) => size ?? 1);
  const [first, second] = [operandIndex(a.shape, shape), operandIndex(b.shape, shape)];
  const values = zerosLike({ shape });
  for (let i = 0; i < values.length; i++) {
    values[i] = value(a.values[first(i)] ?? 0, b.values[second(i)] ?? 0);
  }
  return { shape, values, dtype };
}

/** Maps flat indices of `shape` to those of a tensor of shape `own` that is broadcast to it. */
function operandIndex(own: readonly number[], shape: readonly number[]): (at: number) => number {
  const lead = shape.length - own.length;
  return (at) => {
    let rest = at;
    let place = 0;
    let stride = 1;
    for (let axis = shape.length - 1; axis >= lead; axis--) {
      const size = shape[axis] ?? 1;
      const ownSize = own[axis - lead] ?? 1;
      if (ownSize !== 1) place += (rest % size) * stride;
      rest = Math.floor(rest / size);
      stride *= ownSize;
    }
    return place;
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Functions of integers, by their names in `keras.ops`; they have no gradient. */
const INTEGER_FUNCTIONS = {
  gcd: greatestCommonDivisor,
  lcm: (a: number, b: number) => {
    const divisor = greatestCommonDivisor(a, b);
    return divisor === 0 ? 0 : Math.abs(a) * Math.floor(Math.abs(b) / divisor);
  },
  bitwise_and: (a: number, b: number) => a & b,
  bitwise_or: (a: number, b: number) => a | b,
  bitwise_xor: (a: number, b: number) => a ^ b,
  left_shift: (a: number, b: number) => a << b,
  right_shift: (a: number, b: number) => a >> b,
} as const;

export type IntegerFunctionName = keyof typeof INTEGER_FUNCTIONS;

export const integerBinary = (name: IntegerFunctionName): Operation =>
  integerFunction(INTEGER_FUNCTIONS[name]);

/** The tolerances of `keras.ops.isclose`. */
export interface Closeness {
  readonly relative: number;
  readonly absolute: number;
  readonly equalNaN: boolean;
}

/** `keras.ops.isclose`. Integers are compared as they are. */
export const isClose = (closeness: Closeness): Operation => compareCloseness(closeness, false);

/** `keras.ops.allclose`: whether all are close; an infinity is close only to itself. */
export const allClose = (closeness: Closeness): Operation =>
  formula((apply, operands) => {
    const [close] = apply(compareCloseness(closeness, true), ...pairOf(operands));
    return apply(reduction('all', { axes: null, keepdims: false }), close)[0];
  });

function compareCloseness({ relative, absolute, equalNaN }: Closeness, finite: boolean): Operation {
  const close = (a: number, b: number): boolean => {
    if (equalNaN && Number.isNaN(a) && Number.isNaN(b)) return true;
    if (finite && (!Number.isFinite(a) || !Number.isFinite(b))) return a === b;
    return Math.abs(a - b) <= absolute + relative * Math.abs(b);
  };
  const compare: Operation = hostOperation({
    outputShapes: (operands) => [broadcastShapes([operandAt(operands, 0), operandAt(operands, 1)])],
    forward: (operands) => [
      broadcastBinary(operandAt(operands, 0), operandAt(operands, 1), (a, b) => Number(close(a, b)), 'bool'),
    ],
  });
  const equal = binary('equal');
  return {
    outputShapes: compare.outputShapes,
    forward: (ctx, operands) =>
      operands.every(({ dtype }) => dtype !== 'float32')
        ? equal.forward(ctx, operands)
        : compare.forward(ctx, operands),
  };
}
