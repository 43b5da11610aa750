import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import { activationNameOf } from '../activations/activationSpec';
import { activationOf, checkActivation } from '../activations/activations';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { spatialAxes } from '../support/dataFormat';
import { knownSize } from '../support/knownSize';
import { mapSize, onlyShape } from '../support/layerInputs';
import { channelAxis, fromImage, layoutOf, type SpatialRank, shapeOf, toImage } from '../support/layout';
import { noMask, oneToOne, onlyTensor, weightAt } from '../support/singleInput';
import { type Axis, span } from '../support/windows';
import { axesOf, imageConvolution, positive } from './convolutionConfig';
import { convolveSpace, convolveSpaceGradient } from './volumeConvolution';

type Padding = 'valid' | 'same';

const paddingOf = (config: LayerConfig): Padding => config.choice('padding', ['valid', 'same'], 'valid');

/**
 * Output length along one axis of `size`, as in Keras 2 and 3: without `output_padding` the shortest that has room for
 * every stride, otherwise exactly as requested.
 * @throws Failure `bad-config` if a convolution of that length would not result in `size`.
 */
function outputSize(
  config: LayerConfig,
  axis: Axis,
  size: number,
  padding: Padding,
  extra: number | undefined,
): number {
  const reach = span(axis);
  if (extra === undefined) {
    return padding === 'same' ? size * axis.stride : (size - 1) * axis.stride + Math.max(reach, axis.stride);
  }
  // With "same" padding Keras treats an even window as 0 wide, so that the last position would vanish.
  const own = padding === 'valid' ? reach : reach % 2;
  if (extra >= 0 && extra < axis.stride && own + extra > 0) return (size - 1) * axis.stride + own + extra;
  return fail(
    'bad-config',
    l10n.t(
      'Layer "{0}" has an output_padding of {1}, which does not fit its stride of {2} and its window of {3} with padding "{4}".',
      config.path,
      extra,
      axis.stride,
      reach,
      padding,
    ),
    {
      subject: config.path,
      remedy: l10n.t('TensorFlow cannot run this layer either; leave output_padding out.'),
    },
  );
}

/** Lengths of the output's spatial axes, `null` where the input's are unknown. */
function outputSizes(config: LayerConfig, shape: Shape, spatial: SpatialRank): (number | null)[] {
  const axes = axesOf(config, spatial);
  const padding = paddingOf(config);
  const extras = config.has('output_padding') ? config.ints('output_padding', spatial) : [];
  return spatialAxes(config, spatial).map((at, i) => {
    const axis = axes[i];
    if (axis === undefined)
      return config.bad('kernel_size', l10n.t('{0} integers', spatial), config.raw('kernel_size'));
    return mapSize(shape[at], (size) => outputSize(config, axis, size, padding, extras[i]));
  });
}

/** The kernel for images, [...window, filters, channels]; a sequence has height 1. */
function imageKernel(ctx: LayerContext, spatial: SpatialRank): Tensor {
  const kernel = weightAt(ctx, 0);
  return spatial === 1 ? ctx.tf.expandDims(kernel, 0) : kernel;
}

/** Shape of the output as an image (see `toImage`), for an input of this shape. */
function imageShape(config: LayerConfig, shape: readonly number[], spatial: SpatialRank): number[] {
  const sizes = outputSizes(config, shape, spatial).map((size) => size ?? 0);
  return [shape[0] ?? 0, ...(spatial === 1 ? [1] : []), ...sizes, config.int('filters')];
}

/**
 * `keras.layers.Conv1DTranspose`, `Conv2DTranspose`, `Conv3DTranspose` (Zeiler et al. 2010): the forward pass is the
 * gradient of a convolution from output to input, and the gradient is that convolution. Kernel [..., filters, channels].
 */
function transposedLayer(spatial: SpatialRank): LayerKind {
  return {
    outputShapes(config, inputs): Shape[] {
      checkActivation(config);
      const shape = onlyShape(config, inputs, spatial + 2);
      const sizes = outputSizes(config, shape, spatial);
      return [shapeOf(layoutOf(config, spatial), shape[0] ?? null, sizes, config.int('filters'))];
    },
    weights(config, inputs) {
      const shape = onlyShape(config, inputs, spatial + 2);
      const channels = knownSize(shape, channelAxis(layoutOf(config, spatial)), config);
      const filters = config.int('filters');
      const window = positive(config, 'kernel_size', spatial);
      const kernel = { name: 'kernel', shape: [...window, filters, channels], trainable: true };
      if (!config.bool('use_bias', true)) return [kernel];
      return [kernel, { name: 'bias', shape: [filters], trainable: true }];
    },
    // Each value of the input is multiplied with the whole window of every filter.
    multiplyAdds: (config, [input = []]) =>
      times(...input, ...positive(config, 'kernel_size', spatial), config.int('filters')),
    activationName: activationNameOf,
    activation: (config) => activationOf(config),
    forward(ctx, inputs) {
      const { tf, config } = ctx;
      const layout = layoutOf(config, spatial);
      const x = onlyTensor(inputs, ctx);
      const sums = convolveSpaceGradient(
        ctx,
        toImage(tf, x, layout),
        imageKernel(ctx, spatial),
        imageShape(config, x.shape, spatial),
        imageConvolution(config, spatial),
      );
      const biased = config.bool('use_bias', true) ? tf.add(sums, weightAt(ctx, 1)) : sums;
      return [fromImage(tf, biased, layout)];
    },
    backward: oneToOne((ctx, gradient) => {
      const { tf, config } = ctx;
      const layout = layoutOf(config, spatial);
      const image = toImage(tf, gradient, layout);
      const shape = imageConvolution(config, spatial);
      return fromImage(tf, convolveSpace(tf, image, imageKernel(ctx, spatial), shape), layout);
    }),
    mask: noMask,
  };
}

const conv1dTranspose = transposedLayer(1);
const conv2dTranspose = transposedLayer(2);
const conv3dTranspose = transposedLayer(3);

export const transposedConvolutionLayers: KindTable = {
  Conv1DTranspose: conv1dTranspose,
  Convolution1DTranspose: conv1dTranspose,
  Conv2DTranspose: conv2dTranspose,
  Convolution2DTranspose: conv2dTranspose,
  Conv3DTranspose: conv3dTranspose,
  Convolution3DTranspose: conv3dTranspose,
};
