import type { LayerConfig } from '../graph/layerConfig';
import { spatialAxes } from './dataFormat';
import type { KindTable, LayerContext, LayerKind, Tensor, TF } from './kind';
import { onlyShape } from './layerInputs';
import { channelAxis, fromPicture, layoutOf, shapeOf, toPicture } from './layout';
import { maxPoolGradient } from './maxPoolGradient';
import { dropsMask, oneToOne, only } from './single';
import { type Axis, padsOf, windowCount } from './windows';

/** Windows over a picture, as the pooling kernels of TF.js take them. */
interface Pool {
  readonly filterSize: [number, number];
  readonly strides: [number, number];
  readonly pad: 'valid' | 'same';
}

interface Family {
  pool(tf: TF, picture: Tensor, pool: Pool): Tensor;
  /** @param pooled what `pool` gave for the picture. */
  gradient(ctx: LayerContext, gradient: Tensor, picture: Tensor, pooled: Tensor, pool: Pool): Tensor;
}

const max: Family = {
  pool: (tf, picture, { filterSize, strides, pad }) => tf.maxPool(as4d(picture), filterSize, strides, pad),
  // To the first maximum of each window, as TensorFlow.
  gradient({ tf, backend }, dy, input, output, pool) {
    if (backend !== 'wasm') return run(tf, tf.MaxPoolGrad, { dy, input, output }, pool);
    return maxPoolGradient(tf, dy, input, poolAxes(pool), pool.pad);
  },
};

const average: Family = {
  pool: (tf, picture, { filterSize, strides, pad }) => tf.avgPool(as4d(picture), filterSize, strides, pad),
  gradient({ tf, backend }, dy, input, _output, pool) {
    // TF.js's own kernels divide by the whole window where it hangs over the edge; its forward pass does not.
    const shares =
      backend !== 'native' && pool.pad === 'same' ? tf.mul(dy, overhang(tf, input.shape, pool)) : dy;
    return run(tf, tf.AvgPoolGrad, { dy: shares, input }, pool);
  },
};

function run(tf: TF, kernel: string, inputs: Readonly<Record<string, Tensor>>, pool: Pool): Tensor {
  return tf.engine().runKernel(kernel, { ...inputs }, { ...pool }) as Tensor;
}

const poolAxes = ({ filterSize, strides }: Pool): [Axis, Axis] => [
  { window: filterSize[0], stride: strides[0], dilation: 1 },
  { window: filterSize[1], stride: strides[1], dilation: 1 },
];

/** Window size / positions inside the picture, [1, outHeight, outWidth, 1]. */
function overhang(tf: TF, shape: readonly number[], pool: Pool): Tensor {
  const [rows, columns] = poolAxes(pool).map((axis, i) => {
    const size = shape[i + 1] ?? 0;
    const [before] = padsOf(axis, size, pool.pad);
    return Array.from({ length: Math.ceil(size / axis.stride) }, (_, at) => {
      const start = at * axis.stride - before;
      return axis.window / (Math.min(start + axis.window, size) - Math.max(start, 0));
    });
  });
  const across = tf.tensor(columns ?? [], [1, 1, columns?.length ?? 0, 1]);
  return tf.mul(tf.tensor(rows ?? [], [1, rows?.length ?? 0, 1, 1]), across);
}

function axesOf(config: LayerConfig, spatial: 1 | 2): Axis[] {
  const windows = config.ints('pool_size', spatial, 2);
  const strides = config.has('strides') ? config.ints('strides', spatial) : windows;
  if (![...windows, ...strides].every((n) => n > 0))
    return config.bad('pool_size', 'positive integers', windows);
  return windows.map((window, i) => ({ window, stride: strides[i] ?? 1, dilation: 1 }));
}

const paddingOf = (config: LayerConfig) => config.choice('padding', ['valid', 'same'], 'valid');

/** A sequence is a picture of height 1. */
function poolOf(config: LayerConfig, spatial: 1 | 2): Pool {
  const axes = axesOf(config, spatial);
  const pair = (of: (axis: Axis) => number): [number, number] => {
    const [first = 1, second] = axes.map(of);
    return second === undefined ? [1, first] : [first, second];
  };
  return { filterSize: pair((a) => a.window), strides: pair((a) => a.stride), pad: paddingOf(config) };
}

function poolingLayer(family: Family, spatial: 1 | 2): LayerKind {
  return {
    role: 'pooling',
    outputShapes(config, inputs) {
      const layout = layoutOf(config, spatial);
      const shape = onlyShape(config, inputs, spatial + 2);
      const positions = spatialAxes(config, spatial);
      const sizes = axesOf(config, spatial).map((axis, i) =>
        windowCount(axis, shape[positions[i] ?? 0] ?? null, paddingOf(config), config),
      );
      return [shapeOf(layout, shape[0] ?? null, sizes, shape[channelAxis(layout)] ?? null)];
    },
    forward(ctx, inputs) {
      const layout = layoutOf(ctx.config, spatial);
      const picture = toPicture(ctx.tf, only(inputs, ctx), layout);
      return [fromPicture(ctx.tf, family.pool(ctx.tf, picture, poolOf(ctx.config, spatial)), layout)];
    },
    backward: oneToOne((ctx, gradient, { inputs, outputs }) => {
      const layout = layoutOf(ctx.config, spatial);
      const [dy, picture, pooled] = [gradient, only(inputs, ctx), only(outputs, ctx)].map((tensor) =>
        toPicture(ctx.tf, tensor, layout),
      ) as [Tensor, Tensor, Tensor];
      const pool = poolOf(ctx.config, spatial);
      return fromPicture(ctx.tf, family.gradient(ctx, dy, picture, pooled, pool), layout);
    }),
    mask: dropsMask,
  };
}

// TF.js types pooling by rank, which our tensors do not carry; it checks the rank itself.
const as4d = (tensor: Tensor) => tensor as Parameters<TF['maxPool']>[0] & { rank: 4 };

const maxPooling1d = poolingLayer(max, 1);
const maxPooling2d = poolingLayer(max, 2);
const averagePooling1d = poolingLayer(average, 1);
const averagePooling2d = poolingLayer(average, 2);

export const poolings: KindTable = {
  MaxPooling1D: maxPooling1d,
  MaxPool1D: maxPooling1d,
  MaxPooling2D: maxPooling2d,
  MaxPool2D: maxPooling2d,
  AveragePooling1D: averagePooling1d,
  AvgPool1D: averagePooling1d,
  AveragePooling2D: averagePooling2d,
  AvgPool2D: averagePooling2d,
};
