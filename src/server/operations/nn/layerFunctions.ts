import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import { convolutionLayers } from '../../layers/convolution/convolution';
import type { KindTable, LayerKind, Tensor } from '../../layers/kind';
import { adaptivePoolingLayers } from '../../layers/pooling/adaptivePooling';
import { poolingLayers } from '../../layers/pooling/pooling';
import { resizingLayers } from '../../layers/preprocessing/resizing';
import { steps } from '../arithmetic/formulaSteps';
import { formula, type Value } from '../compound';
import { layerOperation } from '../layerOperation';
import { reshape } from '../manipulation/reshaping';
import { type Operation, operandAt, refuse, shapeText } from '../operation';

/** Arguments of an activation by Keras's names. */
type Arguments = Readonly<Record<string, unknown>>;

/** The config of a convolution layer, from the kernel's shape and the arguments of the call. */
function convolutionConfig(arguments_: Arguments) {
  return ([input = [], kernel = []]: readonly Shape[]): Arguments => {
    const space = kernel.slice(0, -2);
    const isFirst = arguments_.data_format === 'channels_first';
    const channels = (isFirst ? input[1] : input.at(-1)) ?? null;
    const [last = null, previous = null] = [kernel.at(-1), kernel.at(-2)];
    if (channels !== null && previous !== null && channels % previous !== 0)
      refuse(
        l10n.t('a kernel {0} does not fit a tensor of the shape {1}.', shapeText(kernel), shapeText(input)),
      );
    return {
      ...arguments_,
      use_bias: false,
      kernel_size: space,
      filters: last ?? 0,
      depth_multiplier: last ?? 1,
      groups: channels === null || previous === null ? 1 : channels / previous,
    };
  };
}

function kindOf(table: KindTable, className: string): LayerKind {
  return table[className] ?? refuse(l10n.t('Keras has no layer {0}.', className));
}

/** The number of spatial axes, between batch and channels. */
const spaceOf = (shapes: readonly Shape[]): number => operandAt(shapes, 0).length - 2;

/** A layer kind that depends on the rank of the operand. */
function perRank(
  table: KindTable,
  name: (space: number) => string,
  values: (operands: readonly Shape[]) => Arguments,
  at: LayerConfig,
): Operation {
  const of = (shapes: readonly Shape[]): Operation =>
    layerOperation(kindOf(table, name(spaceOf(shapes))), values, at);
  const shapesOf = (tensors: readonly Tensor[]): Shape[] => tensors.map(({ shape }) => shape);
  return {
    outputShapes: (operands) => of(operands).outputShapes(operands),
    multiplyAdds: (operands) => of(operands).multiplyAdds?.(operands) ?? null,
    work: (operands) => of(operands).work?.(operands) ?? null,
    workspace: (operands) => of(operands).workspace?.(operands) ?? null,
    forward: (ctx, operands) => of(shapesOf(operands)).forward(ctx, operands),
    backward: (ctx, step) => of(shapesOf(step.inputs)).backward?.(ctx, step) ?? [],
  };
}

/** `keras.ops.conv`: operands x and a constant kernel [..., channels / groups, filters]. */
export const convolution = (arguments_: Arguments, at: LayerConfig): Operation =>
  perRank(convolutionLayers, (space) => `Conv${space}D`, convolutionConfig(arguments_), at);

/** `keras.ops.depthwise_conv`: operands x and a constant kernel [..., channels, multiplier]. */
export const depthwiseConvolution = (arguments_: Arguments, at: LayerConfig): Operation =>
  perRank(
    convolutionLayers,
    (space) => `DepthwiseConv${space}D`,
    (operands) => ({ ...convolutionConfig(arguments_)(operands), groups: 1 }),
    at,
  );

/** `keras.ops.max_pool` and `average_pool`. */
export const pooling = (name: 'Max' | 'Average', arguments_: Arguments, at: LayerConfig): Operation =>
  perRank(
    poolingLayers,
    (space) => `${name}Pooling${space}D`,
    () => arguments_,
    at,
  );

/** `keras.ops.adaptive_max_pool` and `adaptive_average_pool`. */
export const adaptivePooling = (name: 'Max' | 'Average', arguments_: Arguments, at: LayerConfig): Operation =>
  perRank(
    adaptivePoolingLayers,
    (space) => `Adaptive${name}Pooling${space}D`,
    () => arguments_,
    at,
  );

/** `keras.ops.image.resize`, of one image or of a batch. */
export function resize(arguments_: Arguments, at: LayerConfig): Operation {
  const layer = layerOperation(kindOf(resizingLayers, 'Resizing'), () => arguments_, at);
  return formula((apply, operands) => {
    const image = operandAt(operands, 0);
    if (image.shape.length === 4) return apply(layer, image)[0];
    const [batch] = apply(reshape([1, ...image.shape]), image);
    const [resized] = apply(layer, batch);
    return apply(reshape(resized.shape.slice(1)), resized)[0];
  });
}

/** `keras.ops.separable_conv`: operands x, a kernel for each channel, and one that mixes channels. */
export const separableConvolution = (
  arguments_: Readonly<Record<string, unknown>>,
  at: LayerConfig,
): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const [x, own, mixing] = [0, 1, 2].map((i): Value => operandAt(operands, i));
    if (!x || !own || !mixing) return refuse(l10n.t('a kernel is missing.'));
    const { data_format } = arguments_;
    const separate = of(depthwiseConvolution(arguments_, at), x, own);
    return of(convolution({ strides: 1, padding: 'valid', data_format }, at), separate, mixing);
  });
