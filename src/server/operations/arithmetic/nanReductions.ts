import { type Apply, formula, type Value } from '../compound';
import { constant } from '../creation';
import { type Operation, operandAt } from '../operation';
import { steps } from './formulaSteps';
import { argExtremum, cumulative, type Reducing } from './reductions';
import { where } from './selection';

/** x with `value` in place of NaN. */
function replaceNan(apply: Apply, x: Value, value: number): Value {
  const { of, one } = steps(apply);
  return of(where(), one('isnan', x), of(constant([], (tf) => tf.scalar(value))), x);
}

/** `keras.ops.nansum` and `nanprod`: NaN is ignored. */
export const nanSum = (name: 'sum' | 'prod', over: Reducing): Operation =>
  formula((apply, operands) =>
    steps(apply).reduce(name, replaceNan(apply, operandAt(operands, 0), name === 'sum' ? 0 : 1), over),
  );

/** `keras.ops.nanmax` and `nanmin`: NaN where all values are NaN. */
export const nanExtremum = (name: 'max' | 'min', over: Reducing): Operation =>
  formula((apply, operands) => {
    const { of, one, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const worst = name === 'max' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const found = reduce(name, replaceNan(apply, x, worst), over);
    const nothing = of(constant([], (tf) => tf.scalar(Number.NaN)));
    return of(where(), reduce('all', one('isnan', x), over), nothing, found);
  });

/** `keras.ops.nanmean`. */
export const nanMean = (over: Reducing): Operation =>
  formula((apply, operands) => mean(apply, operandAt(operands, 0), over));

function mean(apply: Apply, x: Value, over: Reducing): Value {
  const { one, two, reduce } = steps(apply);
  const count = reduce('sum', one('logical_not', one('isnan', x)), over);
  return two('divide', reduce('sum', replaceNan(apply, x, 0), over), count);
}

/** `keras.ops.nanvar` and `nanstd`. */
export const nanVariance = (name: 'var' | 'std', over: Reducing): Operation =>
  formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const missing = one('isnan', x);
    const centred = two('subtract', x, mean(apply, x, { ...over, keepdims: true }));
    const kept = of(where(), missing, of(constant([], (tf) => tf.scalar(0))), centred);
    const count = reduce('sum', one('logical_not', missing), over);
    const variance = two('divide', reduce('sum', one('square', kept), over), count);
    return name === 'var' ? variance : one('sqrt', variance);
  });

/** `keras.ops.nanargmax` and `nanargmin`: -1 where all values are NaN. */
export const nanArgExtremum = (
  name: 'argmax' | 'argmin',
  axis: number | null,
  keepdims: boolean,
): Operation =>
  formula((apply, operands) => {
    const { of, one, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const worst = name === 'argmax' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const found = of(argExtremum(name, axis, keepdims), replaceNan(apply, x, worst));
    const over = { axes: axis === null ? null : [axis], keepdims };
    const none = of(constant([], (tf) => tf.scalar(-1, 'int32')));
    return of(where(), reduce('all', one('isnan', x), over), none, found);
  });

/** `keras.ops.nancumsum` and `nancumprod`. */
export const nanCumulative = (name: 'cumsum' | 'cumprod', axis: number | null): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    return of(cumulative(name, axis), replaceNan(apply, operandAt(operands, 0), name === 'cumsum' ? 0 : 1));
  });
