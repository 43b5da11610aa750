import { steps } from '../arithmetic/formulaSteps';
import { formula, type Value } from '../compound';
import { reshape } from '../manipulation/reshaping';
import { normalizeAxis, type Operation, operandAt } from '../operation';

/**
 * `keras.ops.batch_normalization`: operands x, mean, variance and, by `offset` and `scale`, their positions.
 */
export function batchNormalization(
  axis: number,
  epsilon: number,
  places: { readonly offset: number | null; readonly scale: number | null },
): Operation {
  return formula((apply, operands) => {
    const { of, one, two } = steps(apply);
    const x = operandAt(operands, 0);
    const at = normalizeAxis(axis, x.shape.length);
    const along = (i: number): Value =>
      of(reshape(x.shape.map((_, j) => (j === at ? -1 : 1))), operandAt(operands, i));
    const inverse = one('rsqrt', two('add', along(2), epsilon));
    const factor = places.scale === null ? inverse : two('multiply', inverse, along(places.scale));
    const scaled = two('multiply', two('subtract', x, along(1)), factor);
    return places.offset === null ? scaled : two('add', scaled, along(places.offset));
  });
}

/** `keras.ops.layer_normalization` and `rms_normalization`: over `axes`, then times and plus the operands at those places. */
export function layerNormalization(
  axes: readonly number[],
  epsilon: number,
  options: { readonly isCentred: boolean; readonly scale: number | null; readonly offset: number | null },
): Operation {
  return formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const over = { axes, keepdims: true };
    const at = axes.map((axis) => normalizeAxis(axis, x.shape.length));
    const shaped = (i: number): Value =>
      of(reshape(x.shape.map((size, j) => (at.includes(j) ? size : 1))), operandAt(operands, i));
    const centred = options.isCentred ? two('subtract', x, reduce('mean', x, over)) : x;
    const spread = reduce('mean', one('square', centred), over);
    let result = two('multiply', centred, one('rsqrt', two('add', spread, epsilon)));
    if (options.scale !== null) {
      // Keras reshapes the scale to the axes only when it centres; otherwise it broadcasts as is.
      const scale = options.isCentred ? shaped(options.scale) : operandAt(operands, options.scale);
      result = two('multiply', result, scale);
    }
    return options.offset === null ? result : two('add', result, shaped(options.offset));
  });
}
