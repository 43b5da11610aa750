import type { KindTable, LayerContext, LayerKind, Tensor } from './kind';
import { tensorAt } from './layerInputs';
import { broadcastShape } from './maskOperations';
import { dropsMask, oneToOne, only } from './single';

interface Binary {
  forward(ctx: LayerContext, a: Tensor, b: Tensor): Tensor;
  /** dScore/da and dScore/db, not yet summed over broadcast axes. */
  backward(ctx: LayerContext, a: Tensor, b: Tensor, gradient: Tensor): readonly [Tensor, Tensor];
}

/** Both operands of `keras.ops.add(x1, x2)`: each a tensor of the graph or a number in the call. */
function operands(
  ctx: LayerContext,
  inputs: readonly Tensor[],
): { values: [Tensor, Tensor]; slots: (number | null)[] } {
  const given = [ctx.call.args[0] ?? ctx.call.kwargs.x1, ctx.call.args[1] ?? ctx.call.kwargs.x2];
  const slots = given.map((argument) => slotOf(argument));
  const values = given.map((argument, i) => {
    const slot = slots[i];
    if (slot !== null && slot !== undefined) return tensorAt(ctx.config, inputs, slot);
    if (typeof argument === 'number') return ctx.tf.scalar(argument);
    return ctx.config.bad(`x${i + 1}`, 'a number or a tensor', argument);
  });
  return { values: [tensorAt(ctx.config, values, 0), tensorAt(ctx.config, values, 1)], slots };
}

function slotOf(argument: unknown): number | null {
  if (typeof argument !== 'object' || argument === null || !('input' in argument)) return null;
  return typeof argument.input === 'number' ? argument.input : null;
}

/** An elementwise operation of two operands with NumPy's broadcasting (`keras.ops`). */
function binary({ forward, backward }: Binary): LayerKind {
  return {
    outputShapes: (config, inputs) => [broadcastShape(config, inputs)],
    forward: (ctx, inputs) => {
      const [a, b] = operands(ctx, inputs).values;
      return [forward(ctx, a, b)];
    },
    backward: (ctx, { inputs, gradients: [gradient] }) => {
      if (!gradient) return inputs.map(() => null);
      const { values, slots } = operands(ctx, inputs);
      const parts = backward(ctx, values[0], values[1], gradient);
      return inputs.map((input, slot) => {
        const own = parts.filter((_, i) => slots[i] === slot).map((part) => sumTo(ctx, part, input.shape));
        return own.reduce<Tensor | null>((sum, part) => (sum ? ctx.tf.add(sum, part) : part), null);
      });
    },
    mask: dropsMask,
  };
}

/** The transpose of NumPy's broadcasting: sums over the axes along which a value of `shape` was repeated. */
function sumTo({ tf }: LayerContext, gradient: Tensor, shape: readonly number[]): Tensor {
  const lead = gradient.rank - shape.length;
  const repeated = gradient.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  return tf.reshape(repeated.length > 0 ? tf.sum(gradient, repeated) : gradient, [...shape]);
}

/** `x + 2`, `a * b`, `-x` and the like in functional models, as Keras 3 saves them. */
export const arithmetic: KindTable = {
  'ops.Add': binary({
    forward: ({ tf }, a, b) => tf.add(a, b),
    backward: (_, _a, _b, gradient) => [gradient, gradient],
  }),
  'ops.Subtract': binary({
    forward: ({ tf }, a, b) => tf.sub(a, b),
    backward: ({ tf }, _a, _b, gradient) => [gradient, tf.neg(gradient)],
  }),
  'ops.Multiply': binary({
    forward: ({ tf }, a, b) => tf.mul(a, b),
    backward: ({ tf }, a, b, gradient) => [tf.mul(gradient, b), tf.mul(gradient, a)],
  }),
  'ops.Negative': {
    outputShapes: (config, inputs) => [broadcastShape(config, inputs)],
    forward: (ctx, inputs) => [ctx.tf.neg(only(inputs, ctx))],
    backward: oneToOne(({ tf }, gradient) => tf.neg(gradient)),
    mask: dropsMask,
  },
  'ops.TrueDivide': divide(),
  'ops.Divide': divide(),
};

function divide(): LayerKind {
  return binary({
    forward: ({ tf }, a, b) => tf.div(a, b),
    backward: ({ tf }, a, b, gradient) => [
      tf.div(gradient, b),
      tf.neg(tf.div(tf.mul(gradient, a), tf.mul(b, b))),
    ],
  });
}
