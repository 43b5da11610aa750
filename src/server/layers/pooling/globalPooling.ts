import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { callMask } from '../support/callMask';
import { spatialAxes } from '../support/dataFormat';
import { onlyShape } from '../support/layerInputs';
import { channelAxis, layoutOf, type SpatialRank, shapeOf } from '../support/layout';
import { noMask, oneToOne, onlyTensor } from '../support/singleInput';

/** Reduces `axes` to size 1. */
interface Reduction {
  reduce(ctx: LayerContext, inputs: readonly Tensor[], axes: number[]): Tensor;
  /** @param gradient of the reduced tensor, its axes kept with size 1. */
  gradient(ctx: LayerContext, gradient: Tensor, inputs: readonly Tensor[], axes: number[]): Tensor;
}

const max: Reduction = {
  reduce: (ctx, inputs, axes) => ctx.tf.max(onlyTensor(inputs, ctx), axes, true),
  // Equal maxima share the gradient equally, as in TensorFlow's reduce_max.
  gradient(ctx, gradient, inputs, axes) {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const isMax = tf.cast(tf.equal(x, tf.max(x, axes, true)), 'float32');
    return tf.mul(isMax, tf.div(gradient, tf.sum(isMax, axes, true)));
  },
};

const average: Reduction = {
  reduce(ctx, inputs, axes) {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const kept = keptSteps(ctx, inputs, axes);
    if (kept === null) return tf.mean(x, axes, true);
    return tf.div(tf.sum(tf.mul(x, kept), axes, true), tf.sum(kept, axes, true));
  },
  gradient(ctx, gradient, inputs, axes) {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const kept = keptSteps(ctx, inputs, axes);
    if (kept !== null)
      return tf.mul(tf.mul(tf.onesLike(x), kept), tf.div(gradient, tf.sum(kept, axes, true)));
    const count = axes.reduce((n, axis) => n * (x.shape[axis] ?? 1), 1);
    return tf.broadcastTo(tf.div(gradient, count), x.shape);
  },
};

/** The mask of a sequence as 0 and 1 along its time axis; only GlobalAveragePooling1D uses it. */
function keptSteps(ctx: LayerContext, inputs: readonly Tensor[], axes: readonly number[]): Tensor | null {
  const x = onlyTensor(inputs, ctx);
  const mask = callMask(ctx, inputs);
  if (mask === undefined || x.rank !== 3) return null;
  const [time = 1] = axes;
  const shape = x.shape.map((size, axis) => (axis === 0 || axis === time ? size : 1));
  return ctx.tf.reshape(ctx.tf.cast(mask, 'float32'), shape);
}

function globalLayer(reduction: Reduction, spatial: SpatialRank): LayerKind {
  return {
    role: 'pooling',
    outputShapes(config, inputs) {
      const layout = layoutOf(config, spatial);
      const shape = onlyShape(config, inputs, spatial + 2);
      const channels = shape[channelAxis(layout)] ?? null;
      const batch = shape[0] ?? null;
      const kept = config.bool('keepdims', false);
      return [
        kept ? shapeOf(layout, batch, new Array<number>(spatial).fill(1), channels) : [batch, channels],
      ];
    },
    forward(ctx, inputs) {
      const axes = spatialAxes(ctx.config, spatial);
      const reduced = reduction.reduce(ctx, inputs, axes);
      return [ctx.config.bool('keepdims', false) ? reduced : ctx.tf.squeeze(reduced, axes)];
    },
    backward: oneToOne((ctx, gradient, { inputs }) => {
      const axes = spatialAxes(ctx.config, spatial);
      const x = onlyTensor(inputs, ctx);
      const reducedShape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      return reduction.gradient(ctx, ctx.tf.reshape(gradient, reducedShape), inputs, axes);
    }),
    mask: noMask,
  };
}

const max1d = globalLayer(max, 1);
const max2d = globalLayer(max, 2);
const max3d = globalLayer(max, 3);
const average1d = globalLayer(average, 1);
const average2d = globalLayer(average, 2);
const average3d = globalLayer(average, 3);

export const globalPoolingLayers: KindTable = {
  GlobalMaxPooling1D: max1d,
  GlobalMaxPool1D: max1d,
  GlobalMaxPooling2D: max2d,
  GlobalMaxPool2D: max2d,
  GlobalMaxPooling3D: max3d,
  GlobalMaxPool3D: max3d,
  GlobalAveragePooling1D: average1d,
  GlobalAvgPool1D: average1d,
  GlobalAveragePooling2D: average2d,
  GlobalAvgPool2D: average2d,
  GlobalAveragePooling3D: average3d,
  GlobalAvgPool3D: average3d,
};
