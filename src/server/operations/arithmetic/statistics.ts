import { compound, formula } from '../compound';
import { cast } from '../dtypes';
import { expandDims, reshape } from '../manipulation/reshaping';
import { normalizeAxis, type Operation, operandAt } from '../operation';
import { steps } from './formulaSteps';
import { matmul } from './matmul';
import type { Reducing } from './reductions';

/** `keras.ops.moments`: mean and variance. */
export const moments = ({ axes, keepdims }: Reducing): Operation =>
  compound((apply, operands) => {
    const { reduce } = steps(apply);
    const x = operandAt(operands, 0);
    return [reduce('mean', x, { axes, keepdims }), reduce('var', x, { axes, keepdims })];
  });

/** `keras.ops.ptp`: largest minus smallest. */
export const ptp = (over: Reducing): Operation =>
  formula((apply, operands) => {
    const { two, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    return two('subtract', reduce('max', x, over), reduce('min', x, over));
  });

/** `keras.ops.average`: operands x and, optionally, weights of its shape or along its one axis. */
export const average = (axis: number | null): Operation =>
  formula((apply, operands) => {
    const { of, two, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const over = { axes: axis === null ? null : [axis], keepdims: false };
    const given = operands[1];
    if (given === undefined) return reduce('mean', x, over);
    const isAlongAxis = axis !== null && given.shape.length === 1 && x.shape.length > 1;
    const at = isAlongAxis ? normalizeAxis(axis, x.shape.length) : 0;
    const weights = isAlongAxis ? of(reshape(x.shape.map((_, i) => (i === at ? -1 : 1))), given) : given;
    const sum = reduce('sum', two('multiply', x, weights), over);
    const total = reduce('sum', weights, isAlongAxis ? { axes: null, keepdims: false } : over);
    return two('divide', sum, total);
  });

/** `keras.ops.count_nonzero`. */
export const countNonzero = (axes: readonly number[] | null): Operation =>
  formula((apply, operands) => {
    const { two, reduce } = steps(apply);
    return reduce('sum', two('not_equal', operandAt(operands, 0), 0), { axes, keepdims: false });
  });

/** `keras.ops.max` and `min` with `initial`, a further value to compare with. */
export const extremumWithInitial = (name: 'max' | 'min', over: Reducing, initial: number): Operation =>
  formula((apply, operands) => {
    const { two, reduce } = steps(apply);
    return two(name === 'max' ? 'maximum' : 'minimum', reduce(name, operandAt(operands, 0), over), initial);
  });

/** `keras.ops.corrcoef`: the correlation coefficients of the rows of a matrix. */
export const corrcoef = (): Operation =>
  formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const x = of(cast('float32'), operandAt(operands, 0));
    const centred = two('subtract', x, reduce('mean', x, { axes: [-1], keepdims: true }));
    const sums = of(matmul({ transposeB: true }), centred, centred);
    const spread = one('sqrt', reduce('sum', one('square', centred), { axes: [-1], keepdims: false }));
    const both = two('multiply', of(expandDims([-1]), spread), of(expandDims([-2]), spread));
    return two('maximum', two('minimum', two('divide', sums, both), 1), -1);
  });
