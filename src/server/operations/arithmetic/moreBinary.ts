import { broadcastShapes } from '../broadcast';
import { formula, type Value } from '../compound';
import { type HostArray, onHost, zerosFor } from '../onHost';
import { type Operation, operandAt } from '../operation';
import { cast, constant, type NumberKind } from '../values';
import { type BinaryName, binary, where } from './binary';
import { steps } from './composed';
import { reduction } from './reductions';

const pairOf = (operands: readonly Value[]): [Value, Value] => [
  operandAt(operands, 0),
  operandAt(operands, 1),
];

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

/** `keras.ops.heaviside`: 0 below 0, 1 above, and the second operand at 0. */
export const heaviside = (): Operation =>
  formula((apply, operands) => {
    const { of, one, two } = steps(apply);
    const [x, atZero] = pairOf(operands);
    const sign = one('sign', of(cast('float32'), x));
    const side = two('multiply', two('add', sign, 1), 0.5);
    return of(where(), two('equal', x, 0), of(cast('float32'), atZero), side);
  });

/** `keras.ops.fmax` and `fmin`: the larger or smaller; a number instead of NaN where there is one. */
export const extremeNumber = (name: Extract<BinaryName, 'maximum' | 'minimum'>): Operation =>
  formula((apply, operands) => {
    const { of, one, two } = steps(apply);
    const [a, b] = pairOf(operands);
    const [noA, noB] = [one('isnan', a), one('isnan', b)];
    const either = two(name, a, b);
    const orB = of(where(), two('logical_and', noA, one('logical_not', noB)), b, either);
    return of(where(), two('logical_and', noB, one('logical_not', noA)), a, orB);
  });

/** `keras.ops.fmod`: the remainder with the sign of the dividend. */
export const truncatedMod = (): Operation =>
  formula((apply, operands) => {
    const { one, two } = steps(apply);
    const [a, b] = pairOf(operands);
    return two('multiply', one('sign', a), two('mod', one('abs', a), one('abs', b)));
  });

/** `keras.ops.logaddexp2`. */
export const logaddexp2 = (): Operation =>
  formula((apply, operands) => {
    const { one, two } = steps(apply);
    const [a, b] = pairOf(operands);
    const distance = one('abs', two('subtract', a, b));
    const rest = one('log1p', one('exp', two('multiply', distance, -Math.LN2)));
    return two('add', two('maximum', a, b), two('divide', rest, Math.LN2));
  });

/** `keras.ops.ldexp`: the first times 2 to the power of the second. */
export const ldexp = (): Operation =>
  formula((apply, operands) => {
    const { of, one, two } = steps(apply);
    const [a, b] = pairOf(operands);
    const x = of(cast('float32'), a);
    const scaled = two('multiply', x, one('exp2', of(cast('float32'), b)));
    return of(where(), two('logical_or', one('isinf', x), two('equal', x, 0)), x, scaled);
  });

/**
 * `keras.ops.nextafter`, as Keras rounds it: the next double is the same float32, so that the first operand is handed on.
 */
export const nextAfter = (): Operation =>
  formula((apply, operands) => {
    const { of, one } = steps(apply);
    const [a, b] = pairOf(operands);
    return of(where(), one('isnan', b), b, a);
  });

/** `keras.ops.nan_to_num`. @param low and `high` stand for the infinities; `null` for the ends of float32. */
export const nanToNumber = (nan: number, high: number | null, low: number | null): Operation =>
  formula((apply, operands) => {
    const { of, one, two } = steps(apply);
    const x = operandAt(operands, 0);
    const number = (value: number): Value => of(constant([], (tf) => tf.scalar(value)));
    const some = of(where(), one('isnan', x), number(nan), x);
    const bounded = of(
      where(),
      two('equal', some, Number.POSITIVE_INFINITY),
      number(high ?? MAX_FLOAT),
      some,
    );
    return of(where(), two('equal', bounded, Number.NEGATIVE_INFINITY), number(low ?? -MAX_FLOAT), bounded);
  });

/** The largest float32. */
const MAX_FLOAT = 2 ** 127 * (2 - 2 ** -23);

/** `keras.ops.isin`: whether each value is among those of the second operand. */
export const isIn = (inverted: boolean): Operation =>
  onHost({
    outputShapes: (operands) => [operandAt(operands, 0)],
    forward(operands) {
      const { shape, values } = operandAt(operands, 0);
      const among = new Set(Array.from(operandAt(operands, 1).values).filter((n) => !Number.isNaN(n)));
      // Nothing is among nothing, and Keras does not invert that.
      const hit = (n: number): boolean => among.has(n) !== inverted && among.size > 0;
      return [{ shape, values: Uint8Array.from(values, (n) => Number(hit(n))), dtype: 'bool' }];
    },
  });

/**
 * `keras.ops.searchsorted` and `digitize`: where each value would stand in a sorted list, before equal ones (`left`) or
 * after them.
 * @param list and `values` are the positions of the operands.
 */
export const placesAmong = (
  side: 'left' | 'right',
  { list, values }: { list: number; values: number },
): Operation =>
  onHost({
    outputShapes: (operands) => [operandAt(operands, values)],
    forward(operands) {
      const sorted = operandAt(operands, list).values;
      const { shape, values: wanted } = operandAt(operands, values);
      return [{ shape, values: Int32Array.from(wanted, (n) => place(sorted, n, side)), dtype: 'int32' }];
    },
  });

function place(sorted: ArrayLike<number>, value: number, side: 'left' | 'right'): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = sorted[middle] ?? 0;
    if (entry < value || (side === 'right' && entry === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
