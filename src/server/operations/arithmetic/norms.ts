import * as l10n from '@vscode/l10n';
import { type Apply, formula, type Value } from '../compound';
import { cast } from '../dtypes';
import { spectralNorm } from '../linearAlgebra/decomposing';
import { reshape } from '../manipulation/reshaping';
import { normalizeAxis, type Operation, operandAt, refuse } from '../operation';
import { steps } from './formulaSteps';
import type { Reducing } from './reductions';

export type NormOrder = number | 'fro' | 'nuc' | 'inf' | '-inf' | null;

/** `keras.ops.norm`: of vectors along one axis, of matrices over two, of all values for `null`. */
export function norm(order: NormOrder, { axes, keepdims }: Reducing): Operation {
  return formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const over = { axes, keepdims };
    if (axes !== null && axes.length > 2) refuse(l10n.t('a norm is taken over one axis or two.'));
    const isMatrix = axes?.length === 2 || (axes === null && order !== null && x.shape.length === 2);
    const size = (): Value => one('abs', x);
    if (order === null || order === 'fro' || (order === 2 && !isMatrix)) {
      return one('sqrt', reduce('sum', one('square', x), over));
    }
    if (isMatrix) return matrixNorm(apply, order, x, axes ?? [0, 1], keepdims);
    if (order === 'nuc') return refuse(l10n.t('a vector has no nuclear norm.'));
    if (order === 0) return reduce('sum', of(cast('float32'), two('not_equal', x, 0)), over);
    if (order === 'inf') return reduce('max', size(), over);
    if (order === '-inf') return reduce('min', size(), over);
    if (order === 1) return reduce('sum', size(), over);
    return two('power', reduce('sum', two('power', size(), order), over), 1 / order);
  });
}

/** Norms by singular values. */
const SPECTRAL = new Map<NormOrder, 'max' | 'min' | 'sum'>([
  [2, 'max'],
  [-2, 'min'],
  ['nuc', 'sum'],
]);

/** The largest or smallest sum of absolute values of a row or a column, or a norm by singular values. */
function matrixNorm(
  apply: Apply,
  order: Exclude<NormOrder, null | 'fro'>,
  x: Value,
  axes: readonly number[],
  keepdims: boolean,
): Value {
  const { of, one, reduce } = steps(apply);
  const spectral = SPECTRAL.get(order);
  if (spectral !== undefined) {
    const pair: [number, number] = [operandAt(axes, 0), operandAt(axes, 1)];
    return of(spectralNorm(spectral, pair, keepdims), x);
  }
  const size = one('abs', x);
  const [rows = 0, columns = 1] = axes.map((axis) => normalizeAxis(axis, size.shape.length));
  const isAlongRows = order === 1 || order === -1;
  if (!isAlongRows && order !== 'inf' && order !== '-inf')
    refuse(l10n.t('no matrix norm of order {0} is computed.', order));
  const [first, second] = isAlongRows ? [rows, columns] : [columns, rows];
  const extreme = order === 1 || order === 'inf' ? 'max' : 'min';
  const sums = reduce('sum', size, { axes: [first], keepdims: true });
  const found = reduce(extreme, sums, { axes: [second], keepdims: true });
  if (keepdims) return found;
  const rest = found.shape.filter((_, axis) => axis !== rows && axis !== columns);
  return of(reshape(rest.map((n) => n ?? -1)), found);
}

/** x / sqrt(max(sum(x^2), epsilon)) over `axes`: TensorFlow's `l2_normalize`. */
export function l2Normalize(axes: readonly number[] | null, epsilon: number): Operation {
  return formula((apply, operands) => {
    const { one, two, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const sums = reduce('sum', one('square', x), { axes, keepdims: true });
    return two('multiply', x, one('rsqrt', two('maximum', sums, epsilon)));
  });
}

/** `keras.ops.normalize`: x divided by its norm along `axis`, which is at least `epsilon`. */
export function normalize(axis: number, order: number, epsilon: number): Operation {
  if (order === 2) return l2Normalize([axis], epsilon ** 2);
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const x = operandAt(operands, 0);
    const length = of(norm(order, { axes: [axis], keepdims: true }), x);
    return two('divide', x, two('maximum', length, epsilon));
  });
}
