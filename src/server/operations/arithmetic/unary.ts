import { above, below } from '../../layers/activations/comparisons';
import type { Tensor, TF } from '../../layers/kind';
import { asFloat, asNumber, type Operation, singleOperand } from '../operation';

/** A function of each value: `y = f(x)` and its slope `f'(x)`. */
interface UnaryFunction {
  value(tf: TF, x: Tensor): Tensor;
  /** Left out where TensorFlow has no gradient either (rounding). */
  slope?(tf: TF, x: Tensor, y: Tensor): Tensor;
  /** Integers stay integers; without it they are cast to float32. */
  readonly keepsIntegers?: true;
}

const LN2 = Math.LN2;
const LN10 = Math.LN10;
const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** By arithmetic, because wasm's `sign` is 0 for everything below 1e-7. */
const sign = (tf: TF, x: Tensor): Tensor => tf.sub(above(tf, x, 0), below(tf, x, 0));
const zeros = (tf: TF, x: Tensor): Tensor => tf.zerosLike(x);

/** Functions of one value, by their names in `keras.ops`; slopes are TensorFlow's, at kinks too. */
const UNARY = {
  abs: { value: (tf, x) => tf.abs(x), slope: sign, keepsIntegers: true },
  negative: { value: (tf, x) => tf.neg(x), slope: (tf, x) => tf.fill(x.shape, -1), keepsIntegers: true },
  square: { value: (tf, x) => tf.square(x), slope: (tf, x) => tf.mul(x, 2), keepsIntegers: true },
  sign: {
    value: (tf, x) => (x.dtype === 'int32' ? tf.cast(sign(tf, tf.cast(x, 'float32')), 'int32') : sign(tf, x)),
    slope: zeros,
    keepsIntegers: true,
  },
  sqrt: { value: (tf, x) => tf.sqrt(x), slope: (tf, _x, y) => tf.div(0.5, y) },
  rsqrt: { value: (tf, x) => tf.rsqrt(x), slope: (tf, _x, y) => tf.mul(-0.5, tf.mul(y, tf.square(y))) },
  reciprocal: { value: (tf, x) => tf.reciprocal(x), slope: (tf, _x, y) => tf.neg(tf.square(y)) },
  exp: { value: (tf, x) => tf.exp(x), slope: (_tf, _x, y) => y },
  exp2: { value: (tf, x) => tf.exp(tf.mul(x, LN2)), slope: (tf, _x, y) => tf.mul(y, LN2) },
  expm1: { value: (tf, x) => tf.expm1(x), slope: (tf, x) => tf.exp(x) },
  log: { value: (tf, x) => tf.log(x), slope: (tf, x) => tf.reciprocal(x) },
  log1p: { value: (tf, x) => tf.log1p(x), slope: (tf, x) => tf.reciprocal(tf.add(x, 1)) },
  log2: { value: (tf, x) => tf.div(tf.log(x), LN2), slope: (tf, x) => tf.div(1 / LN2, x) },
  log10: { value: (tf, x) => tf.div(tf.log(x), LN10), slope: (tf, x) => tf.div(1 / LN10, x) },
  sin: { value: (tf, x) => tf.sin(x), slope: (tf, x) => tf.cos(x) },
  cos: { value: (tf, x) => tf.cos(x), slope: (tf, x) => tf.neg(tf.sin(x)) },
  tan: { value: (tf, x) => tf.tan(x), slope: (tf, _x, y) => tf.add(1, tf.square(y)) },
  arcsin: {
    value: (tf, x) => tf.asin(x),
    slope: (tf, x) => tf.rsqrt(tf.sub(1, tf.square(x))),
  },
  arccos: {
    value: (tf, x) => tf.acos(x),
    slope: (tf, x) => tf.neg(tf.rsqrt(tf.sub(1, tf.square(x)))),
  },
  arctan: { value: (tf, x) => tf.atan(x), slope: (tf, x) => tf.reciprocal(tf.add(1, tf.square(x))) },
  sinh: { value: (tf, x) => tf.sinh(x), slope: (tf, x) => tf.cosh(x) },
  cosh: { value: (tf, x) => tf.cosh(x), slope: (tf, x) => tf.sinh(x) },
  arcsinh: { value: (tf, x) => tf.asinh(x), slope: (tf, x) => tf.rsqrt(tf.add(tf.square(x), 1)) },
  arccosh: { value: (tf, x) => tf.acosh(x), slope: (tf, x) => tf.rsqrt(tf.sub(tf.square(x), 1)) },
  arctanh: { value: (tf, x) => tf.atanh(x), slope: (tf, x) => tf.reciprocal(tf.sub(1, tf.square(x))) },
  erf: {
    value: (tf, x) => tf.erf(x),
    slope: (tf, x) => tf.mul(TWO_OVER_SQRT_PI, tf.exp(tf.neg(tf.square(x)))),
  },
  erfc: {
    value: (tf, x) => tf.sub(1, tf.erf(x)),
    slope: (tf, x) => tf.mul(-TWO_OVER_SQRT_PI, tf.exp(tf.neg(tf.square(x)))),
  },
  floor: { value: (tf, x) => tf.floor(x), keepsIntegers: true },
  ceil: { value: (tf, x) => tf.ceil(x), keepsIntegers: true },
  /** Half to even, as NumPy. */
  round: { value: (tf, x) => tf.round(x), keepsIntegers: true },
  trunc: {
    value: (tf, x) => tf.mul(sign(tf, x), tf.floor(tf.abs(x))),
    keepsIntegers: true,
  },
  isnan: { value: (tf, x) => tf.isNaN(x) },
  isinf: { value: (tf, x) => tf.isInf(x) },
  isfinite: { value: (tf, x) => tf.isFinite(x) },
  logical_not: { value: (tf, x) => tf.logicalNot(tf.cast(x, 'bool')) },
} as const satisfies Readonly<Record<string, UnaryFunction>>;

export type UnaryName = keyof typeof UNARY;

/** A function of each value, by its name in `keras.ops`: `unary('sqrt')`. */
export function unary(name: UnaryName): Operation {
  const row: UnaryFunction = UNARY[name];
  const { slope } = row;
  const numbers = (tf: TF, x: Tensor): Tensor => (row.keepsIntegers ? asNumber(tf, x) : asFloat(tf, x));
  return singleOperand({
    shape: (operand) => operand,
    value: ({ tf }, x) => {
      const number = numbers(tf, x);
      // Whole numbers are rounded already, and not every backend rounds integers.
      if (number.dtype === 'int32' && slope === undefined) return tf.clone(number);
      return row.value(tf, number);
    },
    ...(slope && { gradient: ({ tf }, gradient, x, y) => tf.mul(gradient, slope(tf, x, y)) }),
  });
}

/**
 * `keras.ops.clip`: x limited to [low, high], `null` for no limit. At the limits the gradient passes, as in TensorFlow.
 */
export function clip(low: number | null, high: number | null): Operation {
  return singleOperand({
    shape: (operand) => operand,
    value({ tf }, x) {
      const raised =
        low === null ? x : tf.maximum(x, tf.scalar(low, x.dtype === 'int32' ? 'int32' : 'float32'));
      if (high === null) return tf.clone(raised);
      return tf.minimum(raised, tf.scalar(high, raised.dtype === 'int32' ? 'int32' : 'float32'));
    },
    gradient({ tf }, gradient, x) {
      const tooLow = low === null ? null : below(tf, x, low);
      const tooHigh = high === null ? null : above(tf, x, high);
      const kept = tooLow === null ? gradient : tf.mul(gradient, tf.sub(1, tooLow));
      return tooHigh === null ? tf.clone(kept) : tf.mul(kept, tf.sub(1, tooHigh));
    },
  });
}
