import { formula } from '../compound';
import { cast } from '../dtypes';
import type { Operation } from '../operation';
import { operandAt } from '../operation';
import { type BinaryName, binary } from './binary';
import { pairOf, steps } from './formulaSteps';
import { where } from './selection';

/** `keras.ops.logaddexp`. */
export const logaddexp = (): Operation =>
  formula((apply, operands) => {
    const { one, two } = steps(apply);
    const [a, b] = pairOf(operands);
    const difference = one('abs', two('subtract', a, b));
    return two('add', two('maximum', a, b), one('log1p', one('exp', one('negative', difference))));
  });

/** `keras.ops.hypot`. */
export const hypot = (): Operation =>
  formula((apply, operands) => {
    const { one, two } = steps(apply);
    const [a, b] = pairOf(operands);
    return one('sqrt', two('add', one('square', a), one('square', b)));
  });

/** The sum of all operands. */
export const addAll = (): Operation =>
  formula((apply, operands) =>
    operands.slice(1).reduce((a, b) => apply(binary('add'), a, b)[0], operandAt(operands, 0)),
  );

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
export const extremumIgnoringNan = (name: Extract<BinaryName, 'maximum' | 'minimum'>): Operation =>
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
 * `keras.ops.nextafter`, as Keras rounds it: the next double is the same float32, so that the first operand is returned.
 */
export const nextAfter = (): Operation =>
  formula((apply, operands) => {
    const { of, one } = steps(apply);
    const [a, b] = pairOf(operands);
    return of(where(), one('isnan', b), b, a);
  });
