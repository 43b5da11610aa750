import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { defaultMethod } from '../../../shared/methods';
import type { TensorRef } from '../../graph/graph';
import type { Tensor } from '../../layers/kind';
import { GRADIENT } from '../../run/rectifierRules';
import { spatialLayout } from '../layerChoice';
import { checkNotEmpty, type MethodContext } from '../method';

/** The output of the layer that is explained, of the first example of a batch, by position and channel. */
export interface LayerValues {
  readonly ref: TensorRef;
  /** Sizes of the axes of space or time; [1] for a layer without such axes, whose units are then the channels. */
  readonly shape: readonly number[];
  readonly positions: number;
  readonly channels: number;
  /** Whether the tensor has the channels before the positions. */
  readonly isChannelsFirst: boolean;
  /** [positions, channels], whatever the order in the tensor. */
  readonly values: Float32Array;
  /** False for a layer without axes of space or time. */
  readonly hasExtent: boolean;
}

/** What is needed to read a layer and its gradient. */
export type LayerContext = Pick<MethodContext, 'trace' | 'walk' | 'layer' | 'layerOutput' | 'control'>;

/**
 * Reads the values of the layer that is explained.
 * @param label of the method, for messages
 * @throws Failure `not-applicable` where there is no layer, or it is empty or holds no decimal numbers.
 */
export async function layerValues(ctx: LayerContext, label: string): Promise<LayerValues> {
  const { layer: path, layerOutput: output } = ctx;
  if (path === null) return failNoLayer(label);
  const tensor = ctx.trace.tensorAt({ node: path, output });
  const layout = layoutOf(ctx, path, tensor);
  if (tensor.dtype !== 'float32') {
    return fail(
      'not-applicable',
      tensor.dtype === 'string'
        ? l10n.t('Layer "{0}" holds text, so {1} has nothing to map.', path, label)
        : l10n.t('Layer "{0}" holds whole numbers, so {1} has nothing to map.', path, label),
      {
        subject: path,
        remedy: l10n.t(
          'Choose a layer after it, or the method "{0}", which needs no layer.',
          defaultMethod(false),
        ),
      },
    );
  }
  checkNotEmpty(path, tensor);
  const values = toChannelsLast(layout, await tensor.data<'float32'>());
  return { ...layout, ref: { node: path, output }, values };
}

type Layout = Omit<LayerValues, 'ref' | 'values'>;

function layoutOf({ trace }: LayerContext, path: string, { shape, rank }: Tensor): Layout {
  const node = trace.graph.nodes.get(path) ?? fail('internal', l10n.t('There is no node "{0}".', path));
  const { spatial, channel } = spatialLayout(trace.graph, node, rank);
  const [, ...own] = shape;
  const hasExtent = channel >= 0;
  const sizes = hasExtent ? spatial.map((axis) => shape[axis] ?? 1) : [1];
  const positions = sizes.reduce((a, b) => a * b, 1);
  const size = own.reduce((a, b) => a * b, 1);
  return {
    shape: sizes,
    positions,
    channels: Math.round(size / Math.max(1, positions)),
    isChannelsFirst: channel === 1,
    hasExtent,
  };
}

/** How many channels the layer has, known before anything is read: for the cost of a method; 0 without a layer. */
export function channelCount(ctx: MethodContext): number {
  return ctx.layer === null
    ? 0
    : layoutOf(ctx, ctx.layer, ctx.trace.tensorAt({ node: ctx.layer, output: ctx.layerOutput })).channels;
}

/** dScore/dOutput of the layer, [positions, channels]; zeros where the score does not depend on it. */
export async function layerGradient(ctx: LayerContext, at: LayerValues): Promise<Float32Array> {
  const gradient = await ctx.walk(GRADIENT).at(at.ref.node, at.ref.output, ctx.control);
  if (!gradient) return new Float32Array(at.positions * at.channels);
  return toChannelsLast(at, await gradient.data<'float32'>());
}

/** The first example of `data` as [positions, channels]. */
function toChannelsLast({ positions, channels, isChannelsFirst }: Layout, data: Float32Array): Float32Array {
  const first = data.subarray(0, positions * channels);
  if (!isChannelsFirst) return Float32Array.from(first);
  const values = new Float32Array(first.length);
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < positions; p++) values[p * channels + c] = first[c * positions + p] ?? Number.NaN;
  return values;
}

/** The values with one channel set to 0, in the order of the tensor. */
export function withoutChannel(at: LayerValues, channel: number): Float32Array {
  const { positions, channels, isChannelsFirst } = at;
  const values = inTensorOrder(at);
  for (let p = 0; p < positions; p++)
    values[isChannelsFirst ? channel * positions + p : p * channels + channel] = 0;
  return values;
}

function inTensorOrder({ values, positions, channels, isChannelsFirst }: LayerValues): Float32Array {
  if (!isChannelsFirst) return Float32Array.from(values);
  const ordered = new Float32Array(values.length);
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < positions; p++) ordered[c * positions + p] = values[p * channels + c] ?? Number.NaN;
  return ordered;
}

/** One channel at every position. */
export const channelAt = ({ values, positions, channels }: LayerValues, channel: number): Float32Array =>
  new Float32Array(positions).map((_, p) => values[p * channels + channel] ?? Number.NaN);

function failNoLayer(label: string): never {
  return fail(
    'not-applicable',
    l10n.t('{0} needs a layer with an extent in space or time; this model has none.', label),
    { remedy: l10n.t('Choose the method "{0}", which explains at the input.', defaultMethod(false)) },
  );
}
