import { mapInto } from '../../../shared/mapInto';
import type { ComputedDtype } from '../dtypes';
import { floats, type HostArray, hostOperation } from '../hostOperation';
import { type Operation, operandAt } from '../operation';

/** An elementwise function without a TF.js kernel, computed in double precision, and its derivative. */
function hostUnary(
  value: (x: number) => number,
  slope: ((x: number, y: number) => number) | null,
  dtype: ComputedDtype = 'float32',
): Operation {
  return hostOperation({
    outputShapes: (operands) => [operandAt(operands, 0)],
    forward: (operands) => {
      const { shape, values } = operandAt(operands, 0);
      return [{ ...floats(shape, mapInto(new Float64Array(values.length), values, value)), dtype }];
    },
    ...(slope && {
      backward: (operands: readonly HostArray[], outputs, gradients) => {
        const x = operandAt(operands, 0).values;
        const y = operandAt(outputs, 0).values;
        const dy = operandAt(gradients, 0).values;
        return [mapInto(new Float64Array(x.length), x, (at, i) => (dy[i] ?? 0) * slope(at, y[i] ?? 0))];
      },
    }),
  });
}

/** `keras.ops.cbrt`. */
export const cbrt = (): Operation => hostUnary(Math.cbrt, (_x, y) => 1 / (3 * y * y));

/** `keras.ops.sinc`: sin(pi x) / (pi x), 1 at 0. Its derivative at 0 is 0, where TensorFlow's is NaN. */
export const sinc = (): Operation =>
  hostUnary(
    (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)),
    (x) => (x === 0 ? 0 : (Math.cos(Math.PI * x) - Math.sin(Math.PI * x) / (Math.PI * x)) / x),
  );

/** `keras.ops.erfinv`. */
export const erfinv = (): Operation =>
  hostUnary(inverseErrorFunction, (_x, y) => (Math.sqrt(Math.PI) / 2) * Math.exp(y * y));

/** `keras.ops.i0`: the modified Bessel function of order 0; its derivative is the one of order 1. */
export const besselI0 = (): Operation =>
  hostUnary(
    (x) => modifiedBessel(0, x),
    (x) => modifiedBessel(1, x),
  );

/** `keras.ops.isposinf` and `isneginf`. */
export const isInfinity = (which: number): Operation => hostUnary((x) => (x === which ? 1 : 0), null, 'bool');

/** `keras.ops.signbit`: whether the sign bit is set, also that of -0. */
export const signbit = (): Operation => hostUnary((x) => (x < 0 || Object.is(x, -0) ? 1 : 0), null, 'bool');

/** `keras.ops.isreal` of numbers that are not complex. */
export const alwaysTrue = (): Operation => hostUnary(() => 1, null, 'bool');

/** `keras.ops.angle` of real numbers: pi for negative ones. Its gradient is 0 almost everywhere and left out. */
export const angle = (): Operation => hostUnary((x) => (Number.isNaN(x) ? x : Math.atan2(0, x)), null);

/** `keras.ops.bitwise_not`. */
export const bitwiseNot = (): Operation => hostUnary((x) => ~x, null, 'int32');

/** Newton's method on the error function, starting from Winitzki's approximation. */
function inverseErrorFunction(x: number): number {
  if (Math.abs(x) >= 1) return Math.abs(x) === 1 ? x * Number.POSITIVE_INFINITY : Number.NaN;
  const a = 0.147;
  const log = Math.log1p(-x * x);
  const half = 2 / (Math.PI * a) + log / 2;
  let y = Math.sign(x) * Math.sqrt(Math.sqrt(half * half - log / a) - half);
  for (let i = 0; i < 4; i++) {
    y +=
      (x < 0 ? -1 : 1) *
      ((Math.abs(x) - errorFunction(Math.abs(y))) / ((2 / Math.sqrt(Math.PI)) * Math.exp(-y * y)));
  }
  return y;
}

/** For x >= 0: the Taylor series for small x, else 1 minus the continued fraction of erfc. */
function errorFunction(x: number): number {
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return 1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

/** The series of I_order, whose terms are all of one sign; beyond float32's range it is infinite. */
function modifiedBessel(order: 0 | 1, x: number): number {
  const half = x / 2;
  let term = order === 0 ? 1 : half;
  let sum = term;
  for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && k < 1000; k++) {
    term *= (half * half) / (k * (k + order));
    sum += term;
  }
  return sum;
}
