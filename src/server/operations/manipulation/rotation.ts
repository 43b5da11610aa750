import * as l10n from '@vscode/l10n';
import { steps } from '../arithmetic/formulaSteps';
import { formula, type Value } from '../compound';
import { normalizeAxes, normalizeAxis, type Operation, operandAt, refuse } from '../operation';
import { flip } from './flipping';
import { reshape, transpose } from './reshaping';

/** `keras.ops.rot90`: `times` rotations by 90 degrees from the first axis towards the second. */
export function rot90(times: number, axes: readonly number[]): Operation {
  const turns = ((times % 4) + 4) % 4;
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    const at = normalizeAxes(axes, x.shape.length);
    const [first, second] = axes.map((axis) => normalizeAxis(axis, x.shape.length));
    if (at.length !== 2 || first === undefined || second === undefined) {
      return refuse(l10n.t('it needs two different axes to rotate in.'));
    }
    if (turns === 0) return of(reshape(x.shape), x);
    const rest = normalizeAxes(null, x.shape.length).filter((axis) => !at.includes(axis));
    const order = [...rest, first, second];
    const [height = null, width = null] = [x.shape[first], x.shape[second]];
    const turn = (y: Value): Value => {
      const swapped = normalizeAxes(null, order.length);
      swapped.splice(-2, 2, order.length - 1, order.length - 2);
      return of(transpose(swapped), of(flip([-1]), y));
    };
    let y = turn(of(transpose(order), x));
    // Keras reshapes between the two rotations of a half turn, which scrambles a matrix that is not square.
    const front = rest.map((axis) => x.shape[axis] ?? null);
    if (turns === 2) y = of(reshape([...front, height, width]), y);
    for (let i = 1; i < turns; i++) y = turn(y);
    if (turns === 2) y = of(reshape([...front, height, width]), y);
    return of(transpose(normalizeAxes(null, order.length).map((axis) => order.indexOf(axis))), y);
  });
}
