import type { Shape } from '../../shared/model';
import type { LayerConfig } from '../graph/layerConfig';
import { axisAt } from './axes';
import type { KindTable, LayerContext, LayerKind, Tensor } from './kind';
import { isFloat, onlyShape, tensorAt } from './layerInputs';
import { dropsMask } from './single';

// Keras 3 saves what computes a mask (`Embedding(mask_zero=True)`, `Masking`, merges of masked inputs) as nodes of the
// graph. Those are operations, not layers; their values are booleans and carry no gradient.

const noGradient: LayerKind['backward'] = (_ctx, { inputs }) => inputs.map(() => null);

function operation(
  outputShape: (config: LayerConfig, inputs: readonly Shape[]) => Shape,
  compute: (ctx: LayerContext, inputs: readonly Tensor[]) => Tensor,
): LayerKind {
  return {
    outputShapes: (config, inputs) => [outputShape(config, inputs)],
    forward: (ctx, inputs) => [compute(ctx, inputs)],
    backward: noGradient,
    mask: dropsMask,
  };
}

const sameShape = (config: LayerConfig, inputs: readonly Shape[]): Shape => onlyShape(config, inputs);

/** NumPy broadcasting of two shapes; an unknown size stays unknown unless the other one settles it. */
export function broadcastShape(config: LayerConfig, inputs: readonly Shape[]): Shape {
  const first = onlyShape(config, inputs);
  const second = inputs[1] ?? [];
  const rank = Math.max(first.length, second.length);
  return Array.from({ length: rank }, (_, i) => {
    const sizes = [first, second].map((shape) => {
      const at = i - rank + shape.length;
      return at < 0 ? 1 : (shape[at] ?? null);
    });
    return sizes.find((size) => size !== null && size !== 1) ?? (sizes.includes(null) ? null : 1);
  });
}

/** The second operand: a tensor or a number in the call. */
function secondOperand({ tf, config, call }: LayerContext, inputs: readonly Tensor[]): Tensor {
  const [, given] = inputs;
  if (given !== undefined) return given;
  const value = call.args[1] ?? call.kwargs.x2;
  if (typeof value === 'number') return tf.scalar(value, tensorAt(config, inputs, 0).dtype);
  return config.bad('x2', 'a number or a tensor', value);
}

function asBool({ tf, config }: LayerContext, inputs: readonly Tensor[], index: number): Tensor {
  return tf.cast(tensorAt(config, inputs, index), 'bool');
}

const anyAxes = (config: LayerConfig, rank: number): number[] =>
  config.has('axis')
    ? config.intList('axis').map((axis) => axisAt(axis, rank, config))
    : Array.from({ length: rank }, (_, axis) => axis);

function anyShape(config: LayerConfig, inputs: readonly Shape[]): Shape {
  const shape = onlyShape(config, inputs);
  const axes = anyAxes(config, shape.length);
  if (config.bool('keepdims', false)) return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** Where the new axis stands, counted in the result. */
const newAxis = (config: LayerConfig, rank: number): number => axisAt(config.int('axis'), rank + 1, config);

export const maskOperations: KindTable = {
  'ops.NotEqual': operation(broadcastShape, (ctx, inputs) =>
    ctx.tf.notEqual(tensorAt(ctx.config, inputs, 0), secondOperand(ctx, inputs)),
  ),
  'ops.LogicalOr': operation(broadcastShape, (ctx, inputs) =>
    ctx.tf.logicalOr(asBool(ctx, inputs, 0), asBool(ctx, inputs, 1)),
  ),
  'ops.LogicalAnd': operation(broadcastShape, (ctx, inputs) =>
    ctx.tf.logicalAnd(asBool(ctx, inputs, 0), asBool(ctx, inputs, 1)),
  ),
  'ops.Any': operation(anyShape, (ctx, inputs) => {
    const x = asBool(ctx, inputs, 0);
    return ctx.tf.any(x, anyAxes(ctx.config, x.rank), ctx.config.bool('keepdims', false));
  }),
  'ops.ExpandDims': {
    ...operation(
      (config, inputs) => {
        const shape = [...onlyShape(config, inputs)];
        shape.splice(newAxis(config, shape.length), 0, 1);
        return shape;
      },
      (ctx, inputs) => {
        const x = tensorAt(ctx.config, inputs, 0);
        return ctx.tf.expandDims(x, newAxis(ctx.config, x.rank));
      },
    ),
    // Models expand values, too, not masks alone.
    backward: (ctx, { inputs, gradients: [gradient] }) =>
      gradient ? [ctx.tf.reshape(gradient, tensorAt(ctx.config, inputs, 0).shape)] : [null],
  },
  // What Attention's mask goes through on its way out.
  'ops.ConvertToTensor': {
    outputShapes: (config, inputs) => [onlyShape(config, inputs)],
    forward: (ctx, inputs) => [ctx.tf.clone(tensorAt(ctx.config, inputs, 0))],
    backward: (ctx, { inputs, gradients: [gradient] }) => [
      gradient && isFloat(tensorAt(ctx.config, inputs, 0)) ? ctx.tf.clone(gradient) : null,
    ],
    mask: dropsMask,
  },
  // Stands for "every position" once it is combined with a mask, so its kind of number is that of a mask.
  'ops.ZerosLike': operation(sameShape, (ctx, inputs) =>
    ctx.tf.zeros(tensorAt(ctx.config, inputs, 0).shape, 'bool'),
  ),
};
