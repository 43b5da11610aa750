import { argExtremum, cumulative, type ReductionName, reduction } from '../operations/reductions';
import { type OpKind, type OpTable, opKind } from './opKind';

/** Reductions over the axes that the second operand names. TensorFlow reads no axes at all as no reduction. */
const reducing = (name: ReductionName, dtype?: string): OpKind =>
  opKind({
    operation: (args) =>
      reduction(name, { axes: args.numbers(1), keepdims: args.config.bool('keep_dims', false) }),
    ...(dtype === undefined ? {} : { dtype: () => dtype }),
    ...(name === 'prod'
      ? {
          values: ({ values }) => {
            const sizes = values(0);
            return (
              sizes && [sizes.reduce<number | null>((n, s) => (n === null || s === null ? null : n * s), 1)]
            );
          },
        }
      : {}),
  });

const positionOf = (name: 'argmax' | 'argmin'): OpKind =>
  opKind({ operation: (args) => argExtremum(name, args.number(1), false), dtype: () => 'int32' });

const running = (name: 'cumsum' | 'cumprod'): OpKind =>
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
  Cumsum: running('cumsum'),
  Cumprod: running('cumprod'),
};
