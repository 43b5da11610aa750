import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import { activationOf } from '../activations/activations';
import { axesOf, imageConvolution, positive } from '../convolution/convolutionConfig';
import type { ComputeContext } from '../convolution/convolutionOps';
import { type Convolution, convolveSpace, convolveSpaceGradient } from '../convolution/volumeConvolution';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { isChannelsFirst } from '../support/dataFormat';
import { knownSize } from '../support/knownSize';
import { tensorAt } from '../support/layerInputs';
import { fromImage, type Layout, type SpatialRank, toImage } from '../support/layout';
import { withValues } from '../support/records';
import { windowCount } from '../support/windows';
import { oneCell } from './cellChain';
import { lstmSteps } from './lstmCell';
import { recurrentLayer } from './recurrent';
import { recurrentCall } from './recurrentCall';
import type { CellRule } from './recurrentCell';

/**
 * An LSTM whose products are convolutions (Shi et al. 2015), without peepholes, as Keras's `ConvLSTMCell`. The convolution
 * of the input determines the size of the states; the recurrent convolution keeps it. Channels last.
 */
const convLstmCell = (spatial: SpatialRank): CellRule => ({
  stateShapes(config, [batch = null, ...sizes]) {
    const padding = config.choice('padding', ['valid', 'same'], 'valid');
    const axes = axesOf(config, spatial);
    const space = axes.map((axis, i) => windowCount(axis, sizes[i] ?? null, padding, config));
    const state = [batch, ...space, config.int('filters')];
    return [state, state];
  },
  weights(config, input) {
    const window = positive(config, 'kernel_size', spatial);
    const filters = config.int('filters');
    const channels = knownSize(input, -1, config);
    const specs = [
      { name: 'kernel', shape: [...window, channels, 4 * filters], trainable: true },
      { name: 'recurrent_kernel', shape: [...window, filters, 4 * filters], trainable: true },
    ];
    if (!config.bool('use_bias', true)) return specs;
    return [...specs, { name: 'bias', shape: [4 * filters], trainable: true }];
  },
  bind(where, config, weights) {
    const { tf } = where;
    const outer = convolution(
      where,
      tensorAt(config, weights, 0),
      imageConvolution(config, spatial),
      spatial,
    );
    const { kernel_size } = config.values;
    const recurrentConfig = withValues(config, { kernel_size, padding: 'same' });
    const inner = convolution(
      where,
      tensorAt(config, weights, 1),
      imageConvolution(recurrentConfig, spatial),
      spatial,
    );
    const bias = weights[2];
    return {
      project(inputs) {
        const sums = outer.project(inputs);
        return bias ? tf.add(sums, bias) : sums;
      },
      unproject: outer.unproject,
      ...lstmSteps(tf, activationOf(config), activationOf(config, 'recurrent_activation'), inner),
    };
  },
});

/** A convolution with the kernels of all gates together, and the gradient to its input. */
function convolution(where: ComputeContext, weights: Tensor, shape: Convolution, spatial: SpatialRank) {
  const { tf } = where;
  const layout: Layout = { spatial, channelsFirst: false };
  const kernel = spatial === 1 ? tf.expandDims(weights, 0) : weights;
  return {
    project: (x: Tensor): Tensor =>
      fromImage(tf, convolveSpace(tf, toImage(tf, x, layout), kernel, shape), layout),
    unproject(gradient: Tensor, [batch = 1, ...sizes]: readonly number[]): Tensor {
      const imageShape = [batch, ...(spatial === 1 ? [1] : []), ...sizes];
      const image = convolveSpaceGradient(where, toImage(tf, gradient, layout), kernel, imageShape, shape);
      return fromImage(tf, image, layout);
    },
  };
}

/** [batch, time, ...space, channels] -> [batch, ...space', filters], or one per step. */
function convLstm(spatial: SpatialRank): LayerKind {
  const rule = convLstmCell(spatial);
  const last = recurrentLayer((config) => oneCell(rule, config, 'cell/'), spatial + 3);
  const first = channelsFirst(last, spatial);
  const of = (config: LayerConfig): LayerKind => (isChannelsFirst(config) ? first : last);
  return {
    outputShapes: (config, inputs, call) => of(config).outputShapes(config, inputs, call),
    weights: (config, inputs) => of(config).weights?.(config, inputs) ?? [],
    multiplyAdds: (config, inputs, outputs) => of(config).multiplyAdds?.(config, inputs, outputs) ?? null,
    forward: (ctx, inputs) => of(ctx.config).forward(ctx, inputs),
    backward: (ctx, step) => of(ctx.config).backward(ctx, step),
    mask: (ctx, inputs) => last.mask?.(ctx, inputs),
  };
}

/**
 * The same for [batch, time, channels, ...space] and states of [batch, channels, ...space], transposed once for the whole
 * sequence, since backends compute channels last.
 */
function channelsFirst(last: LayerKind, spatial: SpatialRank): LayerKind {
  /** The axis of the channels; the rank distinguishes a sequence, a state and a mask, which has no channels. */
  const frontOf = (rank: number): number => rank - spatial - 1;
  const hasChannels = (rank: number): boolean => frontOf(rank) === 1 || frontOf(rank) === 2;
  const toLast = <T>(axes: readonly T[]): T[] => {
    const front = frontOf(axes.length);
    if (!hasChannels(axes.length)) return [...axes];
    return [...axes.slice(0, front), ...axes.slice(front + 1), ...axes.slice(front, front + 1)];
  };
  const toFirst = <T>(axes: readonly T[]): T[] => {
    const front = frontOf(axes.length);
    if (!hasChannels(axes.length)) return [...axes];
    return [...axes.slice(0, front), ...axes.slice(-1), ...axes.slice(front, -1)];
  };
  const transposed = (ctx: LayerContext, x: Tensor, order: (axes: readonly number[]) => number[]): Tensor =>
    hasChannels(x.rank) ? ctx.tf.transpose(x, order(x.shape.map((_, axis) => axis))) : x;
  const inputsOf = (ctx: LayerContext, inputs: readonly Tensor[]): Tensor[] => {
    const { mask, states } = recurrentCall(ctx, inputs);
    const isMaskOfPixels = mask !== undefined && mask.rank > 2;
    if (isMaskOfPixels || states.some((state) => 'constant' in state)) {
      fail(
        'not-applicable',
        isMaskOfPixels
          ? l10n.t(
              'Layer "{0}" gets a mask of each pixel with channels first, which Layerglass does not support.',
              ctx.config.path,
            )
          : l10n.t(
              'Layer "{0}" gets constant initial states with channels first, which Layerglass does not support.',
              ctx.config.path,
            ),
        { subject: ctx.config.path, remedy: l10n.t('Save the model with data_format="channels_last".') },
      );
    }
    return inputs.map((x) => transposed(ctx, x, toLast));
  };
  return {
    outputShapes: (config, inputs, call) => last.outputShapes(config, inputs.map(toLast), call).map(toFirst),
    weights: (config, inputs) => last.weights?.(config, inputs.map(toLast)) ?? [],
    multiplyAdds: (config, inputs, outputs) =>
      last.multiplyAdds?.(config, inputs.map(toLast), outputs.map(toLast)) ?? null,
    forward: (ctx, inputs) =>
      last.forward(ctx, inputsOf(ctx, inputs)).map((y) => transposed(ctx, y, toFirst)),
    backward(ctx, { inputs, gradients }) {
      const step = {
        inputs: inputsOf(ctx, inputs),
        // Recurrent layers recompute their outputs in the backward pass.
        outputs: [],
        gradients: gradients.map((gradient) => gradient && transposed(ctx, gradient, toLast)),
      };
      return last.backward(ctx, step).map((gradient) => gradient && transposed(ctx, gradient, toFirst));
    },
  };
}

export const convLstmLayers: KindTable = {
  ConvLSTM1D: convLstm(1),
  ConvLSTM2D: convLstm(2),
  ConvLSTM3D: convLstm(3),
};
