import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { floats, hostOperation, zerosLike } from '../hostOperation';
import { flatIndex, gatherByMap, sourcesFor } from '../indexMap';
import { normalizeAxis, type Operation, operandAt, product, refuse } from '../operation';

/** `keras.ops.extract_sequences`: windows of `length` every `stride` along the last axis. */
export function extractSequences(length: number, stride: number): Operation {
  if (length < 1 || stride < 1)
    refuse(l10n.t('sequences of {0} values with stride {1} are not possible.', length, stride));
  const shape = (operand: Shape): Shape => {
    const size = operand[normalizeAxis(-1, operand.length)] ?? null;
    const count = size === null ? null : Math.max(0, 1 + Math.floor((size - length) / stride));
    return [...operand.slice(0, -1), count, length];
  };
  return gatherByMap(
    shape,
    (operand) => {
      const sizes = shape(operand).map((size) => size ?? 0);
      const places = sourcesFor(sizes, (at) => {
        const [window = 0, place = 0] = at.slice(-2);
        return flatIndex(operand, [...at.slice(0, -2), window * stride + place]);
      });
      return { shape: sizes, sources: places };
    },
    { isPassThrough: true },
  );
}

/** `tf.signal.overlap_and_add`: frames placed `stride` apart and summed. */
export function overlapAndAdd(stride: number): Operation {
  const shape = (operand: Shape): Shape => {
    const [frames = null, length = null] = operand.slice(-2);
    const size = frames === null || length === null ? null : (frames - 1) * stride + length;
    return [...operand.slice(0, -2), size];
  };
  const each = (sizes: readonly number[], use: (frame: number, place: number) => void): void => {
    const [frames = 0, length = 0] = sizes.slice(-2);
    const whole = (frames - 1) * stride + length;
    for (let i = 0; i < product(sizes); i++) {
      const [place, frame] = [i % length, Math.floor(i / length)];
      use(i, Math.floor(frame / frames) * whole + (frame % frames) * stride + place);
    }
  };
  return hostOperation({
    outputShapes: (operands) => [shape(operandAt(operands, 0))],
    forward(operands) {
      const x = operandAt(operands, 0);
      const result = shape(x.shape).map((n) => n ?? 0);
      const sums = zerosLike({ shape: result });
      each(x.shape, (i, place) => {
        sums[place] = (sums[place] ?? 0) + (x.values[i] ?? 0);
      });
      return [floats(result, sums)];
    },
    backward(operands, _outputs, gradients) {
      const x = operandAt(operands, 0);
      const dx = zerosLike(x);
      each(x.shape, (i, place) => {
        dx[i] = operandAt(gradients, 0).values[place] ?? 0;
      });
      return [dx];
    },
  });
}
