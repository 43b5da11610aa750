import * as l10n from '@vscode/l10n';
import type { Failure } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import type { Fix } from '../machine';
import type { Layer } from '../values';

/** Why Keras refuses a call, before its shape rule is asked. */
export interface Refusal {
  readonly message: string;
  readonly fixes: readonly Fix[];
}

/** Keras's `input_spec`: the number of axes of the input, batch included. */
const AXES: Readonly<Record<string, number>> = {
  Conv1D: 3,
  Conv2D: 4,
  Conv3D: 5,
  Conv1DTranspose: 3,
  Conv2DTranspose: 4,
  Conv3DTranspose: 5,
  SeparableConv1D: 3,
  SeparableConv2D: 4,
  DepthwiseConv1D: 3,
  DepthwiseConv2D: 4,
  MaxPooling1D: 3,
  MaxPooling2D: 4,
  MaxPooling3D: 5,
  AveragePooling1D: 3,
  AveragePooling2D: 4,
  AveragePooling3D: 5,
  GlobalMaxPooling1D: 3,
  GlobalMaxPooling2D: 4,
  GlobalMaxPooling3D: 5,
  GlobalAveragePooling1D: 3,
  GlobalAveragePooling2D: 4,
  GlobalAveragePooling3D: 5,
  UpSampling1D: 3,
  UpSampling2D: 4,
  UpSampling3D: 5,
  ZeroPadding1D: 3,
  ZeroPadding2D: 4,
  ZeroPadding3D: 5,
  Cropping1D: 3,
  Cropping2D: 4,
  Cropping3D: 5,
  SpatialDropout1D: 3,
  SpatialDropout2D: 4,
  SpatialDropout3D: 5,
  RepeatVector: 2,
  LSTM: 3,
  GRU: 3,
  SimpleRNN: 3,
  ConvLSTM1D: 4,
  ConvLSTM2D: 5,
  ConvLSTM3D: 6,
};

/** Layers whose `input_spec` fixes a size once they are built. Others, such as LSTM, are called on any size until they run. */
const PINNED = /^(Dense|(Separable|Depthwise)?Conv[123]D(Transpose)?|(Batch|Group|Spectral)Normalization)$/;

/** Whether Keras refuses to call a layer on an input that needs other weights than those that its first call made. */
export const keepsItsSizes = ({ className }: Layer): boolean => PINNED.test(className);

/**
 * What a shape rule says against a call, if Keras says it as well: of other kinds are refusals of what Layerglass does not
 * support or cannot compute.
 */
export const refusalIn = ({ error }: Failure): Refusal | null =>
  error.kind === 'wrong-shape' ? { message: error.message, fixes: [] } : null;

/** Why Keras refuses a layer's inputs; `null` where nothing is known against them. */
export function refusalOf(layer: Layer, shapes: readonly Shape[], call: CallArguments): Refusal | null {
  const [first] = shapes;
  const refused = refusedMerge(layer, call) ?? refusedGroups(layer, first) ?? refusedPooling(layer);
  if (refused !== null) return { message: refused, fixes: [] };
  const axes = AXES[layer.className];
  if (axes === undefined || first === undefined || first.length === axes) return null;
  const fixes: Fix[] =
    axes === 2 && first.length === 4
      ? [
          { title: l10n.t('Insert {0}', 'Flatten()'), insert: { layer: 'Flatten()' } },
          {
            title: l10n.t('Insert {0}', 'GlobalAveragePooling2D()'),
            insert: { layer: 'GlobalAveragePooling2D()' },
          },
        ]
      : [];
  return {
    message: l10n.t(
      '{0} takes an input of {1} axes but gets {2}, which has {3}.',
      layer.className,
      axes,
      tupleText(first),
      first.length,
    ),
    fixes,
  };
}

const MERGING = new Set([
  'Add',
  'Subtract',
  'Multiply',
  'Average',
  'Maximum',
  'Minimum',
  'Concatenate',
  'Dot',
]);

/** A layer that merges is called on a list. */
function refusedMerge({ className }: Layer, call: CallArguments): string | null {
  const [first] = call.args;
  const isOne = typeof first === 'object' && first !== null && 'input' in first;
  return MERGING.has(className) && isOne
    ? l10n.t('{0} takes a list of inputs but gets one.', className)
    : null;
}

function refusedGroups({ className, config }: Layer, shape: Shape | undefined): string | null {
  const read = (name: string): unknown => Object.getOwnPropertyDescriptor(config, name)?.value;
  const groups = read('groups');
  const isConvolution = /^Conv\dD$/.test(className);
  const channels = read('data_format') === 'channels_first' ? shape?.[1] : shape?.at(-1);
  if (!isConvolution || typeof groups !== 'number' || typeof channels !== 'number') return null;
  return channels % groups === 0
    ? null
    : l10n.t('{0} channels cannot be divided into {1} groups.', channels, groups);
}

/** What Keras says of a pooling layer only when it is called. */
function refusedPooling({ className, config }: Layer): string | null {
  if (!/^(Max|Average)Pooling\dD$/.test(className)) return null;
  const read = (name: string): unknown => Object.getOwnPropertyDescriptor(config, name)?.value;
  const padding = read('padding');
  if (typeof padding === 'string' && padding !== 'valid' && padding !== 'same')
    return l10n.t('{0} has no padding "{1}"; it takes {2}.', className, padding, 'valid, same');
  return [read('strides')].flat().includes(0)
    ? l10n.t('{0} needs a positive {1} but gets {2}.', className, 'strides', 0)
    : null;
}

/** The layer's arguments with `padding="same"`; `null` where it has none, or another one. */
export function withSamePadding({ className, config }: Layer): Layer['config'] | null {
  const padding: unknown = Object.getOwnPropertyDescriptor(config, 'padding')?.value;
  if (padding !== 'valid' || !/Conv|Pooling/.test(className)) return null;
  const properties = Object.getOwnPropertyDescriptors(config);
  return Object.defineProperties({}, { ...properties, padding: { value: 'same', enumerable: true } });
}

/** A shape as Python prints it. */
export const tupleText = (shape: Shape): string =>
  shape.length === 1 ? `(${shape[0] ?? 'None'},)` : `(${shape.map((size) => size ?? 'None').join(', ')})`;
