import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import { activationNameOf } from '../activations/activationSpec';
import { activationOf, checkActivation } from '../activations/activations';
import { loraDelta, loraRank, loraWeights } from '../core/storedKernel';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { spatialAxes } from '../support/dataFormat';
import { knownSize } from '../support/knownSize';
import { onlyShape } from '../support/layerInputs';
import { channelAxis, fromImage, layoutOf, type SpatialRank, shapeOf, toImage } from '../support/layout';
import { noMask, oneToOne, onlyTensor, weightAt } from '../support/singleInput';
import { sumOfPads, windowCount } from '../support/windows';
import { axesOf, imageConvolution, paddingOf, positive, UNIT_AXIS } from './convolutionConfig';
import {
  type Convolution2d,
  convolve,
  convolveDepthwise,
  convolveDepthwiseGradient,
  convolveGradient,
} from './convolutionOps';
import { type Convolution, convolveSpace, convolveSpaceGradient } from './volumeConvolution';

/**
 * What distinguishes one family of convolution layers from another. Images, volumes and kernels are channels last (see
 * `toImage`).
 */
interface Family {
  outputChannels(config: LayerConfig, inputChannels: number | null): number | null;
  kernels(config: LayerConfig, window: readonly number[], inputChannels: number): readonly WeightSpec[];
  /** Multiply-adds at one position of the output, for all its channels. */
  products(config: LayerConfig, positions: number, inputChannels: number): number;
  convolve(ctx: LayerContext, image: Tensor, kernels: readonly Tensor[], shape: Convolution): Tensor;
  gradient(
    ctx: LayerContext,
    gradient: Tensor,
    kernels: readonly Tensor[],
    imageShape: readonly number[],
    shape: Convolution,
  ): Tensor;
}

const trainable = (name: string, shape: readonly number[]): WeightSpec => ({ name, shape, trainable: true });

const multiplied = (config: LayerConfig, channels: number): number =>
  channels * config.int('depth_multiplier', 1);

/** `Conv1D`, `Conv2D`, `Conv3D`; kernel [..., channels / groups, filters]. */
const plain: Family = {
  outputChannels: (config) => config.int('filters'),
  kernels(config, window, channels) {
    const groups = config.int('groups', 1);
    const filters = config.int('filters');
    if (groups < 1 || channels % groups !== 0 || filters % groups !== 0) {
      return fail(
        'wrong-shape',
        l10n.t(
          'Layer "{0}": {1} groups divide neither {2} channels nor {3} filters.',
          config.path,
          groups,
          channels,
          filters,
        ),
        { subject: config.path, remedy: l10n.t('The file is damaged; save the model again with Keras.') },
      );
    }
    const shape = [...window, channels / groups, filters];
    return [{ name: 'kernel', shape, trainable: loraRank(config) === null }];
  },
  products: (config, positions, channels) =>
    (positions * channels * config.int('filters')) / config.int('groups', 1),
  convolve(ctx, image, [kernel], shape) {
    const filter = kernelOf(kernel);
    const depthwiseKernel = asDepthwise(ctx, filter, image.shape);
    return depthwiseKernel === null
      ? convolveSpace(ctx.tf, image, filter, shape)
      : convolveDepthwise(ctx, image, depthwiseKernel, shape);
  },
  gradient(ctx, gradient, [kernel], imageShape, shape) {
    const filter = kernelOf(kernel);
    const depthwiseKernel = asDepthwise(ctx, filter, imageShape);
    return depthwiseKernel === null
      ? convolveSpaceGradient(ctx, gradient, filter, imageShape, shape)
      : convolveDepthwiseGradient(ctx, gradient, depthwiseKernel, imageShape, shape);
  },
};

/**
 * The equivalent depthwise kernel of an image convolution with as many groups as channels; `null` for any other. ConvNeXt
 * has hundreds of groups per layer: one depthwise convolution takes a fraction of the time of that many small ones.
 */
function asDepthwise(
  { tf }: LayerContext,
  filter: Tensor,
  [, , , channels = 0]: readonly number[],
): Tensor | null {
  const [height = 0, width = 0, perGroup = 0, filters = 0] = filter.shape;
  if (filter.rank !== 4 || perGroup !== 1 || channels === 1) return null;
  return tf.reshape(filter, [height, width, channels, filters / channels]);
}

/** `DepthwiseConv1D`, `DepthwiseConv2D`; kernel [..., channels, multiplier]. */
const depthwise: Family = {
  outputChannels: (config, channels) => (channels === null ? null : multiplied(config, channels)),
  kernels: (config, window, channels) => [
    trainable(config.kerasMajor < 3 ? 'depthwise_kernel' : 'kernel', [
      ...window,
      channels,
      config.int('depth_multiplier', 1),
    ]),
  ],
  products: (config, positions, channels) => positions * multiplied(config, channels),
  convolve: (ctx, image, [kernel], shape) => convolveDepthwise(ctx, image, kernelOf(kernel), shape),
  gradient: (ctx, gradient, [kernel], imageShape, shape) =>
    convolveDepthwiseGradient(ctx, gradient, kernelOf(kernel), imageShape, shape),
};

/** `SeparableConv1D`, `SeparableConv2D`: depthwise, then a pointwise mix of channels, then bias and activation. */
const separable: Family = {
  outputChannels: (config) => config.int('filters'),
  kernels: (config, window, channels) => [
    trainable('depthwise_kernel', [...window, channels, config.int('depth_multiplier', 1)]),
    trainable('pointwise_kernel', [
      ...window.map(() => 1),
      multiplied(config, channels),
      config.int('filters'),
    ]),
  ],
  products: (config, positions, channels) =>
    multiplied(config, channels) * (positions + config.int('filters')),
  convolve(ctx, image, [kernel, pointwise], shape) {
    const spatial = convolveDepthwise(ctx, image, kernelOf(kernel), shape);
    return convolve(ctx.tf, spatial, kernelOf(pointwise), POINTWISE);
  },
  gradient(ctx, gradient, [kernel, pointwise], imageShape, shape) {
    const mixing = kernelOf(pointwise);
    const middleShape = [...gradient.shape.slice(0, 3), mixing.shape[2] ?? 0];
    const middle = convolveGradient(ctx, gradient, mixing, middleShape, POINTWISE);
    return convolveDepthwiseGradient(ctx, middle, kernelOf(kernel), imageShape, shape);
  },
};

const POINTWISE: Convolution2d = { axes: [UNIT_AXIS, UNIT_AXIS], padding: ['valid', 'valid'] };

function kernelOf(kernel: Tensor | undefined): Tensor {
  if (kernel === undefined) throw new RangeError('A convolution was run without its kernel.');
  return kernel;
}

/** The LoRA rank of the kernel; Keras supports LoRA for plain convolutions only. */
const loraRankOf = (family: Family, config: LayerConfig): number | null =>
  family === plain ? loraRank(config) : null;

/** The kernels of a layer, for images (a sequence has height 1), and its bias. */
function imageWeights(
  ctx: LayerContext,
  family: Family,
  spatial: SpatialRank,
): { kernels: Tensor[]; bias: Tensor | null } {
  const { tf, config, weights } = ctx;
  const isAdapted = loraRankOf(family, config) !== null;
  const own = isAdapted ? weights.slice(0, -2) : weights;
  const hasBias = config.bool('use_bias', true);
  const stored = hasBias ? own.slice(0, -1) : [...own];
  const kernels = isAdapted
    ? stored.map((kernel) =>
        tf.add(kernel, loraDelta(ctx, weightAt(ctx, own.length), weightAt(ctx, own.length + 1))),
      )
    : stored;
  return {
    kernels: spatial === 1 ? kernels.map((kernel) => tf.expandDims(kernel, 0)) : kernels,
    bias: hasBias ? weightAt(ctx, own.length - 1) : null,
  };
}

function convolutionLayer(family: Family, spatial: SpatialRank): LayerKind {
  return {
    outputShapes(config, inputs): Shape[] {
      checkActivation(config);
      const layout = layoutOf(config, spatial);
      const shape = onlyShape(config, inputs, spatial + 2);
      const padding = paddingOf(config, spatial);
      const axes = axesOf(config, spatial);
      const sizes = spatialAxes(config, spatial).map((at, i) =>
        windowCount(axes[i] ?? UNIT_AXIS, shape[at] ?? null, padding, config),
      );
      const channels = family.outputChannels(config, shape[channelAxis(layout)] ?? null);
      return [shapeOf(layout, shape[0] ?? null, sizes, channels)];
    },
    weights(config, inputs) {
      const shape = onlyShape(config, inputs, spatial + 2);
      const channels = knownSize(shape, channelAxis(layoutOf(config, spatial)), config);
      const window = positive(config, 'kernel_size', spatial);
      const kernels = family.kernels(config, window, channels);
      const filters = family.outputChannels(config, channels) ?? 0;
      return [
        ...kernels,
        ...(config.bool('use_bias', true) ? [trainable('bias', [filters])] : []),
        ...loraWeights(loraRankOf(family, config), kernels[0]?.shape ?? []),
      ];
    },
    multiplyAdds(config, [input = []], [output = []]) {
      const channels = input[channelAxis(layoutOf(config, spatial))] ?? null;
      if (channels === null) return null;
      const positions = times(...positive(config, 'kernel_size', spatial)) ?? 0;
      const sizes = spatialAxes(config, spatial).map((axis) => output[axis]);
      return times(output[0], ...sizes, family.products(config, positions, channels));
    },
    workspace(config, [input = []]) {
      const padding = paddingOf(config, spatial);
      const positions = spatialAxes(config, spatial);
      const axes = axesOf(config, spatial);
      const sizes = input.map((size, axis) => {
        const own = axes[positions.indexOf(axis)];
        return own === undefined || size === null ? size : size + sumOfPads(own, size, padding);
      });
      return times(...sizes);
    },
    activationName: activationNameOf,
    activation: (config) => activationOf(config),
    forward(ctx, inputs) {
      const { tf, config } = ctx;
      const layout = layoutOf(config, spatial);
      const image = toImage(tf, onlyTensor(inputs, ctx), layout);
      const { kernels, bias } = imageWeights(ctx, family, spatial);
      const sums = family.convolve(ctx, image, kernels, imageConvolution(config, spatial));
      return [fromImage(tf, bias === null ? sums : tf.add(sums, bias), layout)];
    },
    backward: oneToOne((ctx, gradient, { inputs }) => {
      const { tf, config } = ctx;
      const layout = layoutOf(config, spatial);
      const shape = onlyTensor(inputs, ctx).shape;
      const imageShape = [
        shape[0] ?? 0,
        ...(spatial === 1 ? [1] : []),
        ...spatialAxes(config, spatial).map((at) => shape[at] ?? 0),
        shape[channelAxis(layout)] ?? 0,
      ];
      const image = family.gradient(
        ctx,
        toImage(tf, gradient, layout),
        imageWeights(ctx, family, spatial).kernels,
        imageShape,
        imageConvolution(config, spatial),
      );
      return fromImage(tf, image, layout);
    }),
    mask: noMask,
  };
}

const conv1d = convolutionLayer(plain, 1);
const conv2d = convolutionLayer(plain, 2);
const conv3d = convolutionLayer(plain, 3);
const separable1d = convolutionLayer(separable, 1);
const separable2d = convolutionLayer(separable, 2);

export const convolutionLayers: KindTable = {
  Conv1D: conv1d,
  Convolution1D: conv1d,
  Conv2D: conv2d,
  Convolution2D: conv2d,
  Conv3D: conv3d,
  Convolution3D: conv3d,
  DepthwiseConv1D: convolutionLayer(depthwise, 1),
  DepthwiseConv2D: convolutionLayer(depthwise, 2),
  SeparableConv1D: separable1d,
  SeparableConvolution1D: separable1d,
  SeparableConv2D: separable2d,
  SeparableConvolution2D: separable2d,
};
