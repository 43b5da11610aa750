import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import { activationNameOf } from '../activations/activationSpec';
import { activationOf, checkActivation } from '../activations/activations';
import { positive, UNIT_AXIS } from '../convolution/convolutionConfig';
import { spread } from '../convolution/convolutionOps';
import type { KindTable, LayerContext, LayerKind, Tensor, TF } from '../kind';
import { spatialAxes } from '../support/dataFormat';
import { knownSize } from '../support/knownSize';
import { onlyShape } from '../support/layerInputs';
import { channelAxis, fromImage, layoutOf, shapeOf, toImage } from '../support/layout';
import { noMask, oneToOne, onlyTensor, weightAt } from '../support/singleInput';
import { type Axis, windowCount } from '../support/windows';

/**
 * Windows over rows and columns of an image, without padding: `local_conv` of `keras/backend.py` 2.15 (implementation 1).
 * A sequence is an image of height 1.
 */
interface Windows {
  readonly rows: Axis;
  readonly columns: Axis;
}

function axesOf(config: LayerConfig, spatial: 1 | 2): Axis[] {
  const implementation = config.int('implementation', 1);
  config.choice('padding', ['valid', 'same'], 'valid');
  if (implementation !== 1) {
    fail(
      'not-applicable',
      l10n.t(
        'Layer "{0}" stores its kernel in the form of implementation={1}, which Layerglass does not read.',
        config.path,
        implementation,
      ),
      {
        subject: config.path,
        remedy: l10n.t('Save the model with implementation=1. Layers before this one can be explained.'),
      },
    );
  }
  const windows = positive(config, 'kernel_size', spatial);
  const strides = positive(config, 'strides', spatial, 1);
  return windows.map((window, i) => ({ window, stride: strides[i] ?? 1, dilation: 1 }));
}

function windowsOf(config: LayerConfig, spatial: 1 | 2): Windows {
  const [first = UNIT_AXIS, second] = axesOf(config, spatial);
  return second === undefined ? { rows: UNIT_AXIS, columns: first } : { rows: first, columns: second };
}

/** For each position (row, column) of the window, the values under it: [batch, outHeight, outWidth, channels]. */
function windowValues(tf: TF, image: Tensor, { rows, columns }: Windows): Tensor[] {
  const [batch = 0, height = 0, width = 0, channels = 0] = image.shape;
  const last = (size: number, { window, stride }: Axis) => Math.floor((size - window) / stride) * stride + 1;
  return positions(rows, columns).map(([row, column]) =>
    tf.stridedSlice(
      image,
      [0, row, column, 0],
      [batch, row + last(height, rows), column + last(width, columns), channels],
      [1, rows.stride, columns.stride, 1],
    ),
  );
}

const positions = (rows: Axis, columns: Axis): [number, number][] =>
  Array.from({ length: rows.window * columns.window }, (_, i) => [
    Math.floor(i / columns.window),
    i % columns.window,
  ]);

/** `LocallyConnected1D`, `LocallyConnected2D` of Keras 1 and 2: a convolution with a separate kernel at every position. */
function locallyConnected(spatial: 1 | 2): LayerKind {
  const sizesOf: (config: LayerConfig, shape: readonly (number | null)[]) => (number | null)[] = (
    config,
    shape,
  ) => {
    const axes = axesOf(config, spatial);
    return spatialAxes(config, spatial).map((at, i) =>
      windowCount(axes[i] ?? UNIT_AXIS, shape[at] ?? null, 'valid', config),
    );
  };
  /** The bias [...space, filters] as an image; with channels first, Keras reads the same values as [filters, ...space]. */
  function biasOf(ctx: LayerContext): Tensor {
    const layout = layoutOf(ctx.config, spatial);
    const bias = weightAt(ctx, 1);
    const space = bias.shape.slice(0, -1);
    const filters = bias.shape.at(-1) ?? 0;
    const shape = layout.channelsFirst ? [1, filters, ...space] : [1, ...space, filters];
    return toImage(ctx.tf, ctx.tf.reshape(bias, shape), layout);
  }

  return {
    outputShapes(config, inputs) {
      checkActivation(config);
      const shape = onlyShape(config, inputs, spatial + 2);
      const sizes = sizesOf(config, shape);
      return [shapeOf(layoutOf(config, spatial), shape[0] ?? null, sizes, config.int('filters'))];
    },
    weights(config, inputs): WeightSpec[] {
      const shape = onlyShape(config, inputs, spatial + 2);
      for (const axis of spatialAxes(config, spatial)) knownSize(shape, axis, config);
      const layout = layoutOf(config, spatial);
      const channels = knownSize(shape, channelAxis(layout), config);
      const filters = config.int('filters');
      const sizes = sizesOf(config, shape).map((size) => size ?? 0);
      const product = (list: readonly number[]) => list.reduce((a, b) => a * b, 1);
      const window = product(positive(config, 'kernel_size', spatial));
      const kernel = { name: 'kernel', shape: [product(sizes), window * channels, filters], trainable: true };
      if (!config.bool('use_bias', true)) return [kernel];
      return [kernel, { name: 'bias', shape: [...sizes, filters], trainable: true }];
    },
    activationName: activationNameOf,
    activation: (config) => activationOf(config),
    forward(ctx, inputs) {
      const { tf, config } = ctx;
      const layout = layoutOf(config, spatial);
      const image = toImage(tf, onlyTensor(inputs, ctx), layout);
      const under = windowValues(tf, image, windowsOf(config, spatial));
      const [batch = 0, height = 0, width = 0, channels = 0] = under[0]?.shape ?? [];
      // [positions, batch, values under one window], the values in the order of the kernel.
      const axis = layout.channelsFirst ? 4 : 3;
      const windows = tf.transpose(
        tf.reshape(tf.stack(under, axis), [batch, height * width, under.length * channels]),
        [1, 0, 2],
      );
      const sums = tf.transpose(tf.matMul(windows, weightAt(ctx, 0)), [1, 0, 2]);
      const whole = tf.reshape(sums, [batch, height, width, config.int('filters')]);
      const biased = config.bool('use_bias', true) ? tf.add(whole, biasOf(ctx)) : whole;
      return [fromImage(tf, biased, layout)];
    },
    backward: oneToOne((ctx, gradient, { inputs }) => {
      const { tf, config } = ctx;
      const layout = layoutOf(config, spatial);
      const windows = windowsOf(config, spatial);
      const image = toImage(tf, onlyTensor(inputs, ctx), layout).shape;
      const dy = toImage(tf, gradient, layout);
      const [batch = 0, height = 0, width = 0, filters = 0] = dy.shape;
      const sums = tf.transpose(tf.reshape(dy, [batch, height * width, filters]), [1, 0, 2]);
      const values = tf.transpose(tf.matMul(sums, weightAt(ctx, 0), false, true), [1, 0, 2]);
      const under = positions(windows.rows, windows.columns);
      const channels = image[3] ?? 0;
      const inner = layout.channelsFirst ? [channels, under.length] : [under.length, channels];
      const parts = tf.unstack(
        tf.reshape(values, [batch, height, width, ...inner]),
        layout.channelsFirst ? 4 : 3,
      );
      const strides: [number, number] = [windows.rows.stride, windows.columns.stride];
      const placed = under.map(([row, column], i) => {
        const part = parts[i];
        if (part === undefined) throw new RangeError(`Part ${i} of the gradient is missing.`);
        const spreadOut = spread(tf, part, strides, [1, 2]);
        const rest = (axis: number, before: number): [number, number] => [
          before,
          (image[axis] ?? 0) - before - (spreadOut.shape[axis] ?? 0),
        ];
        return tf.pad(spreadOut, [[0, 0], rest(1, row), rest(2, column), [0, 0]]);
      });
      return fromImage(tf, tf.addN(placed), layout);
    }),
    mask: noMask,
  };
}

export const locallyConnectedLayers: KindTable = {
  LocallyConnected1D: locallyConnected(1),
  LocallyConnected2D: locallyConnected(2),
};
