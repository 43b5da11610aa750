import * as l10n from '@vscode/l10n';
import { steps } from '../arithmetic/formulaSteps';
import { compound } from '../compound';
import { hostOperation, integers } from '../hostOperation';
import { elementCount, type Operation, operandAt, refuse } from '../operation';
import { broadcastTo, reshape } from './reshaping';

/** `keras.ops.meshgrid`: every operand, flattened, along its own axis. */
export const meshgrid = (indexing: 'xy' | 'ij'): Operation =>
  compound((apply, operands) => {
    const { of } = steps(apply);
    const axes = operands.map((_, i) => (indexing === 'xy' && i < 2 && operands.length > 1 ? 1 - i : i));
    const sizes = operands.map((_, axis) => elementCount(operandAt(operands, axes.indexOf(axis)).shape));
    return operands.map((x, i) => {
      const own = operands.map((_, axis) => (axis === axes[i] ? -1 : 1));
      return of(broadcastTo(sizes), of(reshape(own), x));
    });
  });

/** `keras.ops.unravel_index`: the coordinates of positions in a tensor of `shape`. */
export function unravelIndex(shape: readonly number[]): Operation {
  if (shape.length === 0 || shape.some((size) => size < 1))
    refuse(l10n.t('an empty shape has no positions.'));
  return hostOperation({
    outputShapes: (operands) => shape.map(() => operandAt(operands, 0)),
    forward(operands) {
      const { shape: own, values } = operandAt(operands, 0);
      // Keras quirk: for anything but a vector it unravels from the first axis and reverses the coordinates.
      const isList = own.length === 1;
      const order = isList ? [...shape].reverse() : shape;
      let rest = Array.from(values);
      const found = order.map((size) => {
        const coordinates = rest.map((n) => ((n % size) + size) % size);
        rest = rest.map((n) => Math.floor(n / size));
        return integers(own, coordinates);
      });
      return found.reverse();
    },
  });
}
