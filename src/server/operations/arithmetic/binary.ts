import type { StaticValues } from '../../graph/opConfig';
import type { Tensor, TF } from '../../layers/kind';
import { broadcastShapes, sumTo } from '../broadcast';
import { asFloat, needsGradient, type Operation, operandAt, type StaticOperand } from '../operation';

interface BinaryFunction {
  value(tf: TF, a: Tensor, b: Tensor): Tensor;
  /** dScore/da and dScore/db, not yet summed over broadcast axes. Left out where there is no gradient. */
  gradients?(tf: TF, a: Tensor, b: Tensor, gradient: Tensor, y: Tensor): readonly [Tensor, Tensor];
  /** The same function for static sizes of a shape. */
  wholeValue?(a: number, b: number): number;
  /** What both operands are cast to; `numbers` promotes as NumPy does (bool < int32 < float32). */
  readonly operands: 'numbers' | 'floats' | 'truths';
}

/** The gradient of an extremum goes to the winner; on ties to the first operand, as in TensorFlow. */
function extremum(wins: 'greaterEqual' | 'lessEqual'): NonNullable<BinaryFunction['gradients']> {
  return (tf, a, b, gradient) => {
    const toFirst = tf.mul(gradient, tf.cast(tf[wins](a, b), 'float32'));
    return [toFirst, tf.sub(gradient, toFirst)];
  };
}

/** TF.js's `mod` has the sign of the dividend on some backends; NumPy's and TensorFlow's has that of the divisor. */
function floorMod(tf: TF, a: Tensor, b: Tensor): Tensor {
  if (a.dtype === 'int32') return tf.sub(a, tf.mul(b, floorDivide(tf, a, b)));
  return tf.sub(a, tf.mul(b, tf.floor(tf.div(a, b))));
}

/** In float32 for integers too, whose kernels differ: exact up to 2^24. */
function floorDivide(tf: TF, a: Tensor, b: Tensor): Tensor {
  const quotient = tf.floor(tf.div(asFloat(tf, a), asFloat(tf, b)));
  return a.dtype === 'int32' ? tf.cast(quotient, 'int32') : quotient;
}

/** x^(y-1) * y, and log(x) * x^y where x is positive, 0 elsewhere. */
const powerGradients: NonNullable<BinaryFunction['gradients']> = (tf, a, b, gradient, y) => {
  const positive = tf.step(a);
  const safe = tf.add(tf.mul(a, positive), tf.sub(1, positive));
  return [
    tf.mul(gradient, tf.mul(b, tf.pow(a, tf.sub(b, 1)))),
    tf.mul(gradient, tf.mul(positive, tf.mul(y, tf.log(safe)))),
  ];
};

/** Functions of two values, by their names in `keras.ops`. */
const BINARY = {
  add: {
    wholeValue: (a, b) => a + b,
    value: (tf, a, b) => tf.add(a, b),
    gradients: (_tf, _a, _b, gradient) => [gradient, gradient],
    operands: 'numbers',
  },
  subtract: {
    wholeValue: (a, b) => a - b,
    value: (tf, a, b) => tf.sub(a, b),
    gradients: (tf, _a, _b, gradient) => [gradient, tf.neg(gradient)],
    operands: 'numbers',
  },
  multiply: {
    wholeValue: (a, b) => a * b,
    value: (tf, a, b) => tf.mul(a, b),
    gradients: (tf, a, b, gradient) => [tf.mul(gradient, b), tf.mul(gradient, a)],
    operands: 'numbers',
  },
  divide: {
    value: (tf, a, b) => tf.div(a, b),
    gradients: (tf, _a, b, gradient, y) => [tf.div(gradient, b), tf.neg(tf.div(tf.mul(gradient, y), b))],
    operands: 'floats',
  },
  /** 0 where the divisor is 0. */
  divide_no_nan: {
    value: (tf, a, b) => tf.divNoNan(a, b),
    gradients: (tf, _a, b, gradient, y) => [
      tf.divNoNan(gradient, b),
      tf.neg(tf.divNoNan(tf.mul(gradient, y), b)),
    ],
    operands: 'floats',
  },
  floor_divide: { value: floorDivide, wholeValue: (a, b) => Math.floor(a / b), operands: 'numbers' },
  mod: {
    wholeValue: (a, b) => a - b * Math.floor(a / b),
    value: floorMod,
    gradients: (tf, a, b, gradient) => [gradient, tf.neg(tf.mul(gradient, floorDivide(tf, a, b)))],
    operands: 'numbers',
  },
  power: { value: (tf, a, b) => tf.pow(a, b), gradients: powerGradients, operands: 'numbers' },
  squared_difference: {
    value: (tf, a, b) => tf.squaredDifference(a, b),
    gradients(tf, a, b, gradient) {
      const slope = tf.mul(gradient, tf.mul(2, tf.sub(a, b)));
      return [slope, tf.neg(slope)];
    },
    operands: 'numbers',
  },
  maximum: {
    wholeValue: Math.max,
    value: (tf, a, b) => tf.maximum(a, b),
    gradients: extremum('greaterEqual'),
    operands: 'numbers',
  },
  minimum: { value: (tf, a, b) => tf.minimum(a, b), gradients: extremum('lessEqual'), operands: 'numbers' },
  arctan2: {
    value: (tf, a, b) => tf.atan2(a, b),
    gradients(tf, a, b, gradient) {
      const scaled = tf.div(gradient, tf.add(tf.square(a), tf.square(b)));
      return [tf.mul(scaled, b), tf.neg(tf.mul(scaled, a))];
    },
    operands: 'floats',
  },
  equal: { value: (tf, a, b) => tf.equal(a, b), operands: 'numbers' },
  not_equal: { value: (tf, a, b) => tf.notEqual(a, b), operands: 'numbers' },
  greater: { value: (tf, a, b) => tf.greater(a, b), operands: 'numbers' },
  greater_equal: { value: (tf, a, b) => tf.greaterEqual(a, b), operands: 'numbers' },
  less: { value: (tf, a, b) => tf.less(a, b), operands: 'numbers' },
  less_equal: { value: (tf, a, b) => tf.lessEqual(a, b), operands: 'numbers' },
  logical_and: { value: (tf, a, b) => tf.logicalAnd(a, b), operands: 'truths' },
  logical_or: { value: (tf, a, b) => tf.logicalOr(a, b), operands: 'truths' },
  // As TF.js composes it: its own kernel is missing on cpu.
  logical_xor: {
    value: (tf, a, b) => tf.logicalAnd(tf.logicalOr(a, b), tf.logicalNot(tf.logicalAnd(a, b))),
    operands: 'truths',
  },
} as const satisfies Readonly<Record<string, BinaryFunction>>;

export type BinaryName = keyof typeof BINARY;

function prepared(tf: TF, row: BinaryFunction, operands: readonly Tensor[]): [Tensor, Tensor] {
  const pair: [Tensor, Tensor] = [operandAt(operands, 0), operandAt(operands, 1)];
  return promoted(tf, pair, row.operands);
}

/** Both operands in one dtype; booleans count as integers. */
export function promoted(tf: TF, [a, b]: [Tensor, Tensor], to: BinaryFunction['operands']): [Tensor, Tensor] {
  const isAnyFloat = a.dtype === 'float32' || b.dtype === 'float32';
  const dtype = to === 'truths' ? 'bool' : to === 'floats' || isAnyFloat ? 'float32' : 'int32';
  return [tf.cast(a, dtype), tf.cast(b, dtype)];
}

/** A function of two values with NumPy's broadcasting, by its name in `keras.ops`: `binary('floor_divide')`. */
export function binary(name: BinaryName): Operation {
  const row: BinaryFunction = BINARY[name];
  const { gradients: pair, wholeValue: whole } = row;
  return {
    ...(whole && { staticValues: (operands) => [staticResults(whole, operands)] }),
    outputShapes: (operands) => [broadcastShapes([operandAt(operands, 0), operandAt(operands, 1)])],
    forward: ({ tf }, operands) => [row.value(tf, ...prepared(tf, row, operands))],
    ...(pair && {
      backward({ tf }, step) {
        const { inputs, outputs } = step;
        const [gradient] = step.gradients;
        if (!gradient) return inputs.map(() => null);
        const parts = pair(tf, ...prepared(tf, row, inputs), gradient, operandAt(outputs, 0));
        return inputs.map((input, i) =>
          needsGradient(step, i) ? sumTo(tf, operandAt(parts, i), input.shape) : null,
        );
      },
    }),
  };
}

/** Two lists value by value, or a list and a single number. */
function staticResults(
  whole: (a: number, b: number) => number,
  operands: readonly StaticOperand[],
): StaticValues | null {
  const [a, b] = [operandAt(operands, 0).values, operandAt(operands, 1).values];
  if (a === null || b === null) return null;
  if (a.length !== b.length && a.length !== 1 && b.length !== 1) return null;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const [x = null, y = null] = [a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]];
    const result = x === null || y === null ? null : whole(x, y);
    return Number.isSafeInteger(result) ? result : null;
  });
}
