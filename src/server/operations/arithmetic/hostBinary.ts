import { broadcastShapes } from '../broadcast';
import { formula } from '../compound';
import type { NumberKind } from '../dtypes';
import { type HostArray, onHost, zerosFor } from '../hostOperation';
import { type Operation, operandAt } from '../operation';
import { binary } from './binary';
import { pairOf } from './formulaSteps';
import { reduction } from './reductions';

/** A function of two whole numbers each, broadcast. */
function whole(value: (a: number, b: number) => number): Operation {
  return onHost({
    outputShapes: (operands) => [broadcastShapes([operandAt(operands, 0), operandAt(operands, 1)])],
    forward: (operands) => [together(operandAt(operands, 0), operandAt(operands, 1), value, 'int32')],
  });
}

function together(a: HostArray, b: HostArray, value: (a: number, b: number) => number, dtype: NumberKind) {
  const shape = broadcastShapes([a.shape, b.shape]).map((size) => size ?? 1);
  const [first, second] = [placesIn(a.shape, shape), placesIn(b.shape, shape)];
  const values = zerosFor({ shape });
  for (let i = 0; i < values.length; i++) {
    values[i] = value(a.values[first(i)] ?? 0, b.values[second(i)] ?? 0);
  }
  return { shape, values, dtype };
}

/** The place in a tensor of `own` shape of what stands at a place of `shape`, to which it is broadcast. */
function placesIn(own: readonly number[], shape: readonly number[]): (at: number) => number {
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

function greatestDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Functions of whole numbers, by their names in `keras.ops`; they have no gradient. */
const WHOLE = {
  gcd: greatestDivisor,
  lcm: (a: number, b: number) => {
    const divisor = greatestDivisor(a, b);
    return divisor === 0 ? 0 : Math.abs(a) * Math.floor(Math.abs(b) / divisor);
  },
  bitwise_and: (a: number, b: number) => a & b,
  bitwise_or: (a: number, b: number) => a | b,
  bitwise_xor: (a: number, b: number) => a ^ b,
  left_shift: (a: number, b: number) => a << b,
  right_shift: (a: number, b: number) => a >> b,
} as const;

export type WholeName = keyof typeof WHOLE;

export const wholeBinary = (name: WholeName): Operation => whole(WHOLE[name]);

/** What `keras.ops.isclose` takes for equal. */
export interface Closeness {
  readonly relative: number;
  readonly absolute: number;
  readonly equalNaN: boolean;
}

/** `keras.ops.isclose`. Integers are compared as they are. */
export const isClose = (closeness: Closeness): Operation => comparing(closeness, false);

/** `keras.ops.allclose`: whether all are close; infinities are close to themselves alone. */
export const allClose = (closeness: Closeness): Operation =>
  formula((apply, operands) => {
    const [close] = apply(comparing(closeness, true), ...pairOf(operands));
    return apply(reduction('all', { axes: null, keepdims: false }), close)[0];
  });

function comparing({ relative, absolute, equalNaN }: Closeness, finite: boolean): Operation {
  const close = (a: number, b: number): boolean => {
    if (equalNaN && Number.isNaN(a) && Number.isNaN(b)) return true;
    if (finite && (!Number.isFinite(a) || !Number.isFinite(b))) return a === b;
    return Math.abs(a - b) <= absolute + relative * Math.abs(b);
  };
  const compare: Operation = onHost({
    outputShapes: (operands) => [broadcastShapes([operandAt(operands, 0), operandAt(operands, 1)])],
    forward: (operands) => [
      together(operandAt(operands, 0), operandAt(operands, 1), (a, b) => Number(close(a, b)), 'bool'),
    ],
  });
  const equal = binary('equal');
  return {
    outputShapes: compare.outputShapes,
    forward: (on, operands) =>
      operands.every(({ dtype }) => dtype !== 'float32')
        ? equal.forward(on, operands)
        : compare.forward(on, operands),
  };
}
