import * as l10n from '@vscode/l10n';
import { broadcastShapes, sumTo } from '../broadcast';
import { formula } from '../compound';
import { constant } from '../creation';
import { broadcastTo } from '../manipulation/reshaping';
import { needsGradient, type Operation, operandAt, refuse } from '../operation';
import { promoted } from './binary';

/** `keras.ops.where`: operands condition, x1, x2; x1 where the condition is true, x2 elsewhere. */
export function where(): Operation {
  return {
    outputShapes: (operands) => [broadcastShapes([0, 1, 2].map((i) => operandAt(operands, i)))],
    forward({ tf }, operands) {
      const [yes, no] = promoted(tf, [operandAt(operands, 1), operandAt(operands, 2)], 'numbers');
      const both = yes.dtype === 'int32' && operands.slice(1).every((x) => x.dtype === 'bool');
      const chosen = tf.where(tf.cast(operandAt(operands, 0), 'bool'), yes, no);
      return [both ? tf.cast(chosen, 'bool') : chosen];
    },
    backward({ tf }, step) {
      const { inputs } = step;
      const [gradient] = step.gradients;
      if (!gradient) return inputs.map(() => null);
      const condition = tf.cast(operandAt(inputs, 0), 'bool');
      const none = tf.zerosLike(gradient);
      const parts = [null, tf.where(condition, gradient, none), tf.where(condition, none, gradient)];
      return inputs.map((input, i) => {
        const part = parts[i];
        return part && needsGradient(step, i) ? sumTo(tf, part, input.shape) : null;
      });
    },
  };
}

/** `keras.ops.select`: operands as many conditions as choices, then, unless it is 0, the value where none is true. */
export const select = (hasDefault: boolean): Operation =>
  formula((apply, operands) => {
    const count = (operands.length - (hasDefault ? 1 : 0)) / 2;
    if (!Number.isInteger(count) || count < 1)
      refuse(l10n.t('it has different numbers of conditions and choices.'));
    const shape = broadcastShapes(operands.map((operand) => operand.shape));
    const otherwise = hasDefault
      ? operandAt(operands, 2 * count)
      : apply(constant([], (tf) => tf.scalar(0)))[0];
    const start = apply(broadcastTo(shape), otherwise)[0];
    return Array.from({ length: count }, (_, i) => count - 1 - i).reduce(
      (rest, i) => apply(where(), operandAt(operands, i), operandAt(operands, count + i), rest)[0],
      start,
    );
  });
