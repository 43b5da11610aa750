import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { floats, type HostArray, hostOperation, zerosLike } from '../hostOperation';
import { flatIndex } from '../indexMap';
import { type Operation, operandAt, product, refuse, shapeText } from '../operation';

/** Where the rows of `updates` begin in a tensor of `shape`, `null` for an index out of range. */
function starts(indices: HostArray, shape: readonly number[]): { places: (number | null)[]; length: number } {
  const depth = indices.shape.at(-1) ?? 0;
  if (depth > shape.length)
    refuse(l10n.t('positions of {0} numbers do not fit {1}.', depth, shapeText(shape)));
  const length = product(shape.slice(depth));
  const outer = shape.slice(0, depth);
  const count = product(indices.shape.slice(0, -1));
  const places = Array.from({ length: count }, (_, row) => {
    const at = outer.map((_size, axis) => indices.values[row * depth + axis] ?? 0);
    return at.every((n, axis) => n >= 0 && n < (outer[axis] ?? 0)) ? flatIndex(outer, at) * length : null;
  });
  return { places, length };
}

/** Adds rows of `updates`, or overwrites the values with them. */
function writeRows(
  target: Float64Array,
  shape: readonly number[],
  [indices, updates]: readonly [HostArray, HostArray],
  isAdded: boolean,
): void {
  const { places, length } = starts(indices, shape);
  for (const [row, place] of places.entries()) {
    if (place === null) refuse(l10n.t('one of its indices is out of range.'), 'bad-input');
    for (let i = 0; i < length; i++) {
      const at = (place ?? 0) + i;
      target[at] = (isAdded ? (target[at] ?? 0) : 0) + (updates.values[row * length + i] ?? 0);
    }
  }
}

/** The gradient of the rows that were written. */
function rowGradients(gradient: HostArray, indices: HostArray, updates: HostArray): Float64Array {
  const { places, length } = starts(indices, gradient.shape);
  const rows = zerosLike(updates);
  for (const [row, place] of places.entries()) {
    for (let i = 0; i < length; i++) rows[row * length + i] = gradient.values[(place ?? 0) + i] ?? 0;
  }
  return rows;
}

/** `keras.ops.scatter`: operands indices and values, which are added to zeros of `shape`. */
export const scatter = (shape: readonly number[]): Operation =>
  hostOperation({
    outputShapes: () => [shape],
    forward(operands) {
      const sums = zerosLike({ shape });
      writeRows(sums, shape, [operandAt(operands, 0), operandAt(operands, 1)], true);
      return [floats(shape, sums)];
    },
    backward: (operands, _outputs, gradients) => [
      null,
      rowGradients(operandAt(gradients, 0), operandAt(operands, 0), operandAt(operands, 1)),
    ],
  });

/** `keras.ops.scatter_update`: operands x, indices and the updates that are written, or added. */
export const scatterUpdate = (isAdded: boolean): Operation =>
  hostOperation({
    outputShapes: (operands) => [operandAt(operands, 0)],
    forward(operands) {
      const x = operandAt(operands, 0);
      const values = zerosLike(x);
      values.set(x.values);
      writeRows(values, x.shape, [operandAt(operands, 1), operandAt(operands, 2)], isAdded);
      return [floats(x.shape, values)];
    },
    backward(operands, _outputs, gradients) {
      const dy = operandAt(gradients, 0);
      const [indices, updates] = [operandAt(operands, 1), operandAt(operands, 2)];
      const dx = zerosLike(dy);
      dx.set(dy.values);
      const nothing = { shape: updates.shape, values: zerosLike(updates) };
      if (!isAdded) writeRows(dx, dy.shape, [indices, nothing], false);
      return [dx, null, rowGradients(dy, indices, updates)];
    },
  });

const LOWEST = -(2 ** 127) * (2 - 2 ** -23);

/** `keras.ops.segment_sum`, `segment_max` and `segment_min`: rows with the same segment id are combined; negative ids are dropped. */
export function segmentReduction(name: 'sum' | 'max' | 'min', count: number): Operation {
  if (count < 0) refuse(l10n.t('{0} segments are impossible.', count));
  const shape = (data: Shape): Shape => [count, ...data.slice(1)];
  const each = (data: HostArray, ids: HostArray, use: (from: number, to: number) => void): void => {
    const length = product(data.shape.slice(1));
    for (let i = 0; i < product(data.shape); i++) {
      const segment = ids.values[Math.floor(i / length)] ?? -1;
      if (segment >= 0 && segment < count) use(i, segment * length + (i % length));
    }
  };
  return hostOperation({
    outputShapes: (operands) => [shape(operandAt(operands, 0))],
    forward(operands) {
      const [data, ids] = [operandAt(operands, 0), operandAt(operands, 1)];
      const result = shape(data.shape).map((size) => size ?? 0);
      const values = zerosLike({ shape: result });
      if (name !== 'sum') values.fill(name === 'max' ? LOWEST : -LOWEST);
      each(data, ids, (from, to) => {
        const [own, value] = [values[to] ?? 0, data.values[from] ?? 0];
        values[to] = name === 'sum' ? own + value : Math[name](own, value);
      });
      return [floats(result, values)];
    },
    backward(operands, outputs, gradients) {
      const [data, ids, dy] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(gradients, 0)];
      const y = operandAt(outputs, 0);
      const dx = zerosLike(data);
      const isChosen = (from: number, to: number): boolean =>
        name === 'sum' || data.values[from] === y.values[to];
      // Ties share the gradient.
      const ties = zerosLike(y);
      each(data, ids, (from, to) => {
        if (isChosen(from, to)) ties[to] = (ties[to] ?? 0) + 1;
      });
      each(data, ids, (from, to) => {
        const share = name === 'sum' ? 1 : 1 / (ties[to] ?? 1);
        if (isChosen(from, to)) dx[from] = (dy.values[to] ?? 0) * share;
      });
      return [dx, null];
    },
  });
}
