import {
  extremeNumber,
  heaviside,
  ldexp,
  logaddexp2,
  nextAfter,
  truncatedMod,
} from '../arithmetic/binaryFormulas';
import { allClose, type Closeness, isClose, type WholeName, wholeBinary } from '../arithmetic/hostBinary';
import {
  alwaysTrue,
  angle,
  besselI0,
  bitwiseNot,
  cbrt,
  erfinv,
  isInfinity,
  signbit,
  sinc,
} from '../arithmetic/hostUnary';
import {
  cumulativeOfNumbers,
  extremeOfNumbers,
  meanOfNumbers,
  placeOfNumber,
  spreadOfNumbers,
  sumOfNumbers,
} from '../arithmetic/nanReductions';
import { QUANTILE_METHODS, type QuantileMethod, type Quantiles, quantiles } from '../arithmetic/quantiles';
import { isIn, placesAmong } from '../arithmetic/searching';
import { nanToNumber } from '../arithmetic/unaryFormulas';
import { filledLike } from '../creation';
import { identity } from '../identity';
import { type Operation, refuse } from '../operation';
import { constantOf } from './constants';
import { axisOrFlat, dtypeOf, over } from './keras3Arguments';
import type { OperationArguments, Spelling } from './spelling';

const one = (operation: () => Operation): Spelling => ({ parameters: ['x'], operation });
const two = (operation: () => Operation): Spelling => ({ parameters: ['x1', 'x2'], operation });
const wholes = (name: WholeName): Spelling => ({
  parameters: ['x', 'y'],
  operation: () => wholeBinary(name),
});

const passed: Spelling = { parameters: ['x'], operation: () => identity() };

const closeness = (args: OperationArguments): Closeness => ({
  relative: args.number('rtol', 1e-5),
  absolute: args.number('atol', 1e-8),
  equalNaN: args.bool('equal_nan', false),
});

const reducing = (operation: (args: OperationArguments) => Operation): Spelling => ({
  parameters: ['x'],
  operation,
});

/** The argument `q`: a number or a list of them. @param whole what stands for all of the values. */
function wanted(args: OperationArguments, whole: number): Quantiles {
  const found = constantOf(args.raw('q'));
  if (found === null) return refuse('its quantiles are computed by the model.');
  return { shape: found.shape, values: found.values.map((q) => q / whole) };
}

const methodOf = (args: OperationArguments): QuantileMethod =>
  args.choice('method', QUANTILE_METHODS, 'linear');

function quantile(whole: number, takesMethod: boolean, skipsNaN: boolean): Spelling {
  return {
    parameters: ['x', 'q'],
    operands: ['x'],
    operation: (args) =>
      quantiles(wanted(args, whole), over(args), takesMethod ? methodOf(args) : 'linear', skipsNaN),
  };
}

const median = (skipsNaN: boolean): Spelling =>
  reducing((args) => quantiles({ shape: [], values: [0.5] }, over(args), 'linear', skipsNaN));

/** An infinity that Keras writes as such, a number, or `null`. */
const finiteOr = (args: OperationArguments, key: string): number | null =>
  args.has(key) ? args.number(key) : null;

/** Functions of single values and reductions of `keras.ops` beyond the common ones, by class. */
export const keras3Numbers: Readonly<Record<string, Spelling>> = {
  Cbrt: one(cbrt),
  Sinc: one(sinc),
  Erfinv: one(erfinv),
  I0: one(besselI0),
  Isposinf: one(() => isInfinity(Number.POSITIVE_INFINITY)),
  Isneginf: one(() => isInfinity(Number.NEGATIVE_INFINITY)),
  Signbit: one(signbit),
  Isreal: one(alwaysTrue),
  Angle: one(angle),
  Real: passed,
  Conj: passed,
  Conjugate: passed,
  Imag: one(() => filledLike(0, null)),
  BitwiseInvert: one(bitwiseNot),
  BitwiseNot: one(bitwiseNot),
  NanToNum: {
    parameters: ['x'],
    operation: (args) =>
      nanToNumber(args.number('nan', 0), finiteOr(args, 'posinf'), finiteOr(args, 'neginf')),
  },

  Heaviside: two(heaviside),
  Fmax: two(() => extremeNumber('maximum')),
  Fmin: two(() => extremeNumber('minimum')),
  Fmod: two(truncatedMod),
  Logaddexp2: two(logaddexp2),
  Ldexp: two(ldexp),
  Nextafter: two(nextAfter),
  Gcd: { parameters: ['x1', 'x2'], operation: () => wholeBinary('gcd') },
  Lcm: { parameters: ['x1', 'x2'], operation: () => wholeBinary('lcm') },
  BitwiseAnd: wholes('bitwise_and'),
  BitwiseOr: wholes('bitwise_or'),
  BitwiseXor: wholes('bitwise_xor'),
  BitwiseLeftShift: wholes('left_shift'),
  LeftShift: wholes('left_shift'),
  BitwiseRightShift: wholes('right_shift'),
  RightShift: wholes('right_shift'),
  Isclose: {
    parameters: ['x1', 'x2', 'rtol', 'atol'],
    operands: ['x1', 'x2'],
    operation: (args) => isClose(closeness(args)),
  },
  AllClose: { parameters: ['x1', 'x2'], operation: (args) => allClose(closeness(args)) },
  IsIn: { parameters: ['x1', 'x2'], operation: (args) => isIn(args.bool('invert', false)) },
  SearchSorted: {
    parameters: ['sorted_sequence', 'values'],
    operation: (args) => placesAmong(args.choice('side', ['left', 'right'], 'left'), { list: 0, values: 1 }),
  },
  Digitize: { parameters: ['x', 'bins'], operation: () => placesAmong('right', { list: 1, values: 0 }) },

  // A node of Quantile forgets its method; the function outside a model does not.
  Quantile: quantile(1, false, false),
  Percentile: quantile(100, true, false),
  Median: median(false),
  Nanquantile: quantile(1, true, true),
  Nanpercentile: quantile(100, true, true),
  Nanmedian: median(true),
  Nansum: reducing((args) => sumOfNumbers('sum', over(args))),
  Nanprod: reducing((args) => sumOfNumbers('prod', over(args))),
  Nanmax: reducing((args) => extremeOfNumbers('max', over(args))),
  Nanmin: reducing((args) => extremeOfNumbers('min', over(args))),
  Nanmean: reducing((args) => meanOfNumbers(over(args))),
  Nanvar: reducing((args) => spreadOfNumbers('var', over(args))),
  Nanstd: reducing((args) => spreadOfNumbers('std', over(args))),
  Nanargmax: reducing((args) => placeOfNumber('argmax', axisOrFlat(args), args.bool('keepdims', false))),
  Nanargmin: reducing((args) => placeOfNumber('argmin', axisOrFlat(args), args.bool('keepdims', false))),
  Nancumsum: reducing((args) => cumulativeOfNumbers('cumsum', axisOrFlat(args))),
  Nancumprod: reducing((args) => cumulativeOfNumbers('cumprod', axisOrFlat(args))),
  EmptyLike: reducing((args) => filledLike(0, dtypeOf(args))),
};
