import type { StaticValues } from '../../graph/opConfig';
import { argExtremum, cumulative, type ReductionName, reduction } from '../arithmetic/reductions';
import { type OpKind, type OpTable, opKind, type StaticArguments } from './opKind';

/** Reductions of static sizes and counters. */
const WHOLE_NUMBER_REDUCTIONS: Readonly<Partial<Record<ReductionName, (a: number, b: number) => number>>> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
  all: (a, b) => Number(a !== 0 && b !== 0),
  any: (a, b) => Number(a !== 0 || b !== 0),
};

/** The known values of a reduction of a list, or of one over no axis. */
function reducedValues(name: ReductionName, { values, shape }: StaticArguments): StaticValues | null {
  const [list, axes] = [values(0), values(1)];
  const of = WHOLE_NUMBER_REDUCTIONS[name];
  if (!list || !of) return null;
  if (axes?.length === 0) return list;
  const known = list.filter((value) => value !== null);
  if (shape(0).length > 1 || known.length === 0) return null;
  return [known.length === list.length ? known.reduce(of) : null];
}

/** Reductions over the axes that the second operand names. In TensorFlow an empty list of axes means no reduction. */
const reducing = (name: ReductionName, dtype?: string): OpKind =>
  opKind({
    operation: (args) =>
      reduction(name, { axes: args.numbers(1), keepdims: args.config.bool('keep_dims', false) }),
    ...(dtype === undefined ? {} : { dtype: () => dtype }),
    values: (args) => reducedValues(name, args),
  });

const positionOf = (name: 'argmax' | 'argmin'): OpKind =>
  opKind({ operation: (args) => argExtremum(name, args.number(1), false), dtype: () => 'int32' });

const cumulativeOp = (name: 'cumsum' | 'cumprod'): OpKind =>
  opKind({
    operation: ({ config, number }) =>
      cumulative(name, number(1), {
        exclusive: config.bool('exclusive', false),
        reverse: config.bool('reverse', false),
      }),
  });

export const reductionOps: OpTable = {
  Sum: reducing('sum'),
  Mean: reducing('mean'),
  Max: reducing('max'),
  Min: reducing('min'),
  Prod: reducing('prod'),
  Any: reducing('any', 'bool'),
  All: reducing('all', 'bool'),
  ArgMax: positionOf('argmax'),
  ArgMin: positionOf('argmin'),
  Cumsum: cumulativeOp('cumsum'),
  Cumprod: cumulativeOp('cumprod'),
};
