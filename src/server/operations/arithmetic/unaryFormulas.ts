import { formula, type Value } from '../compound';
import { constant } from '../creation';
import { type ComputedDtype, cast } from '../dtypes';
import { type Operation, operandAt } from '../operation';
import { steps } from './formulaSteps';
import { where } from './selection';

/** x times a constant. */
export const scaleBy = (factor: number): Operation =>
  formula((apply, operands) => steps(apply).two('multiply', operandAt(operands, 0), factor));

/** `keras.ops.round` to a number of decimals. */
export const roundTo = (decimals: number): Operation =>
  formula((apply, operands) => {
    const { one, two } = steps(apply);
    const factor = 10 ** decimals;
    return two('divide', one('round', two('multiply', operandAt(operands, 0), factor)), factor);
  });

/** `keras.ops.nan_to_num`. @param high and `low` replace the infinities; `null` for the largest float32. */
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

/** `keras.ops.saturate_cast`: cut to what the dtype can hold. */
export function saturateCast(low: number, high: number, to: ComputedDtype): Operation {
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const x = of(cast('float32'), operandAt(operands, 0));
    return of(cast(to), two('maximum', two('minimum', x, high), low));
  });
}
