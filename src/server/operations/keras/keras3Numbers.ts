import * as l10n from '@vscode/l10n';
import {
  extremumIgnoringNan,
  heaviside,
  ldexp,
  logaddexp2,
  nextAfter,
  truncatedMod,
} from '../arithmetic/binaryFormulas';
import {
  allClose,
  type Closeness,
  type IntegerFunctionName,
  integerBinary,
  isClose,
} from '../arithmetic/hostBinary';
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
  nanArgExtremum,
  nanCumulative,
  nanExtremum,
  nanMean,
  nanSum,
  nanVariance,
} from '../arithmetic/nanReductions';
import { QUANTILE_METHODS, type QuantileMethod, type Quantiles, quantiles } from '../arithmetic/quantiles';
import { isIn, searchSorted } from '../arithmetic/searching';
import { nanToNumber } from '../arithmetic/unaryFormulas';
import { fullLike } from '../creation';
import { identity } from '../identity';
import { type Operation, refuse } from '../operation';
import { constantOf } from './constants';
import { axisOrFlat, dtypeOf, reducingArguments } from './keras3Arguments';
import type { OperationArguments, Spelling } from './spelling';

const one = (operation: () => Operation): Spelling => ({ parameters: ['x'], operation });
const two = (operation: () => Operation): Spelling => ({ parameters: ['x1', 'x2'], operation });
const integers = (name: IntegerFunctionName): Spelling => ({
  parameters: ['x', 'y'],
  operation: () => integerBinary(name),
});

const unchanged: Spelling = { parameters: ['x'], operation: () => identity() };

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
function quantilesOf(args: OperationArguments, whole: number): Quantiles {
  const found = constantOf(args.raw('q'));
  if (found === null) return refuse(l10n.t('its quantiles are computed by the model.'));
  return { shape: found.shape, values: found.values.map((q) => q / whole) };
}

const methodOf = (args: OperationArguments): QuantileMethod =>
  args.choice('method', QUANTILE_METHODS, 'linear');

function quantile(whole: number, takesMethod: boolean, skipsNaN: boolean): Spelling {
  return {
    parameters: ['x', 'q'],
    operands: ['x'],
    operation: (args) =>
      quantiles(
        quantilesOf(args, whole),
        reducingArguments(args),
        takesMethod ? methodOf(args) : 'linear',
        skipsNaN,
      ),
  };
}

const median = (skipsNaN: boolean): Spelling =>
  reducing((args) => quantiles({ shape: [], values: [0.5] }, reducingArguments(args), 'linear', skipsNaN));

/** An infinity that Keras writes as such, a number, or `null`. */
const finiteOr = (args: OperationArguments, key: string): number | null =>
  args.has(key) ? args.number(key) : null;

/** Less common elementwise functions and reductions of `keras.ops`, by class. */
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
  Real: unchanged,
  Conj: unchanged,
  Conjugate: unchanged,
  Imag: one(() => fullLike(0, null)),
  BitwiseInvert: one(bitwiseNot),
  BitwiseNot: one(bitwiseNot),
  NanToNum: {
    parameters: ['x'],
    operation: (args) =>
      nanToNumber(args.number('nan', 0), finiteOr(args, 'posinf'), finiteOr(args, 'neginf')),
  },

  Heaviside: two(heaviside),
  Fmax: two(() => extremumIgnoringNan('maximum')),
  Fmin: two(() => extremumIgnoringNan('minimum')),
  Fmod: two(truncatedMod),
  Logaddexp2: two(logaddexp2),
  Ldexp: two(ldexp),
  Nextafter: two(nextAfter),
  Gcd: { parameters: ['x1', 'x2'], operation: () => integerBinary('gcd') },
  Lcm: { parameters: ['x1', 'x2'], operation: () => integerBinary('lcm') },
  BitwiseAnd: integers('bitwise_and'),
  BitwiseOr: integers('bitwise_or'),
  BitwiseXor: integers('bitwise_xor'),
  BitwiseLeftShift: integers('left_shift'),
  LeftShift: integers('left_shift'),
  BitwiseRightShift: integers('right_shift'),
  RightShift: integers('right_shift'),
  Isclose: {
    parameters: ['x1', 'x2', 'rtol', 'atol'],
    operands: ['x1', 'x2'],
    operation: (args) => isClose(closeness(args)),
  },
  AllClose: { parameters: ['x1', 'x2'], operation: (args) => allClose(closeness(args)) },
  IsIn: { parameters: ['x1', 'x2'], operation: (args) => isIn(args.bool('invert', false)) },
  SearchSorted: {
    parameters: ['sorted_sequence', 'values'],
    operation: (args) => searchSorted(args.choice('side', ['left', 'right'], 'left'), { list: 0, values: 1 }),
  },
  Digitize: { parameters: ['x', 'bins'], operation: () => searchSorted('right', { list: 1, values: 0 }) },

  // Keras does not save the method of a Quantile node.
  Quantile: quantile(1, false, false),
  Percentile: quantile(100, true, false),
  Median: median(false),
  Nanquantile: quantile(1, true, true),
  Nanpercentile: quantile(100, true, true),
  Nanmedian: median(true),
  Nansum: reducing((args) => nanSum('sum', reducingArguments(args))),
  Nanprod: reducing((args) => nanSum('prod', reducingArguments(args))),
  Nanmax: reducing((args) => nanExtremum('max', reducingArguments(args))),
  Nanmin: reducing((args) => nanExtremum('min', reducingArguments(args))),
  Nanmean: reducing((args) => nanMean(reducingArguments(args))),
  Nanvar: reducing((args) => nanVariance('var', reducingArguments(args))),
  Nanstd: reducing((args) => nanVariance('std', reducingArguments(args))),
  Nanargmax: reducing((args) => nanArgExtremum('argmax', axisOrFlat(args), args.bool('keepdims', false))),
  Nanargmin: reducing((args) => nanArgExtremum('argmin', axisOrFlat(args), args.bool('keepdims', false))),
  Nancumsum: reducing((args) => nanCumulative('cumsum', axisOrFlat(args))),
  Nancumprod: reducing((args) => nanCumulative('cumprod', axisOrFlat(args))),
  EmptyLike: reducing((args) => fullLike(0, dtypeOf(args))),
};
