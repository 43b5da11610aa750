import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { OpConfig } from '../../graph/opConfig';
import { convolveDepthwise, convolveDepthwiseGradient } from '../../layers/convolution/convolutionOps';
import {
  type Convolution,
  convolveSpace,
  convolveSpaceGradient,
} from '../../layers/convolution/volumeConvolution';
import type { Tensor, TF } from '../../layers/kind';
import { mapSize } from '../../layers/support/layerInputs';
import { fromImage, type Layout, toImage } from '../../layers/support/layout';
import { sizesMatch } from '../../layers/support/shapeMatching';
import { type Axis, type PaddingName, span, sumOfPads, windowsAlong } from '../../layers/support/windows';
import {
  type ComputeContext,
  needsGradient,
  type Operation,
  operandAt,
  refuse,
  shapeText,
} from '../operation';
import { perSpace } from './imageOps';

type Spatial = 2 | 3;

/** The geometry of a convolution over images or volumes; `edges` are the zeros of an EXPLICIT padding. */
interface Geometry {
  readonly layout: Layout;
  readonly shape: Convolution;
  readonly axes: readonly Axis[];
  readonly edges: readonly [number, number][];
}

/** @param filter [...window, channels, filters], its rank decides between images and volumes. */
function geometryOf(config: OpConfig, filter: Shape): Geometry {
  const spatial: Spatial = filter.length === 5 ? 3 : 2;
  const strides = perSpace(config, 'strides', spatial);
  const dilations = perSpace(config, 'dilations', spatial, 1);
  const axes = strides.map((stride, i): Axis => {
    const found = { window: filter[i] ?? 1, stride, dilation: dilations[i] ?? 1 };
    return Object.values(found).every((n) => n > 0) ? found : refuse(l10n.t('its strides are not positive.'));
  });
  const [columns, rows, depth] = [...axes].reverse();
  if (columns === undefined || rows === undefined) return refuse(l10n.t('it has no strides.'));
  const padding = config.choice('padding', ['SAME', 'VALID', 'EXPLICIT']);
  const name = padding === 'SAME' ? 'same' : 'valid';
  const channelsFirst = config.raw('data_format') === 'channels_first';
  const plane = { axes: [rows, columns], padding: [name, name] } as const;
  return {
    layout: { spatial, channelsFirst },
    shape: depth === undefined ? plane : { ...plane, depth: { axis: depth, padding: name } },
    axes,
    edges: padding === 'EXPLICIT' ? explicit(config, spatial, channelsFirst ? 2 : 1) : axes.map(() => [0, 0]),
  };
}

function explicit(config: OpConfig, spatial: Spatial, first: number): [number, number][] {
  const list = config.ints('explicit_paddings', 2 * (spatial + 2));
  if (list.some((n) => n < 0)) refuse(l10n.t('its padding is negative.'));
  return Array.from({ length: spatial }, (_, i) => [
    list[2 * (first + i)] ?? 0,
    list[2 * (first + i) + 1] ?? 0,
  ]);
}

/** The axes of a shape with the channels last, and back to how it is stored. */
const asImage = (shape: Shape, { channelsFirst }: Layout): Shape =>
  channelsFirst ? [shape[0] ?? null, ...shape.slice(2), shape[1] ?? null] : shape;
const asStored = (shape: Shape, { channelsFirst }: Layout): Shape =>
  channelsFirst ? [shape[0] ?? null, shape.at(-1) ?? null, ...shape.slice(1, -1)] : shape;

function padded(tf: TF, image: Tensor, { edges }: Geometry): Tensor {
  return edges.flat().every((n) => n === 0) ? image : tf.pad(image, [[0, 0], ...edges, [0, 0]]);
}

function unpadded(tf: TF, image: Tensor, { edges }: Geometry, shape: readonly number[]): Tensor {
  if (edges.flat().every((n) => n === 0)) return image;
  return tf.slice(image, [0, ...edges.map(([before]) => before), 0], [...shape]);
}

export interface Family {
  channels(filter: Shape): number | null;
  /** Whether the filter fits images of this many channels. */
  accepts(channels: number, filter: Shape): boolean;
  forward(ctx: ComputeContext, x: Tensor, filter: Tensor, shape: Convolution): Tensor;
  gradient(
    ctx: ComputeContext,
    dy: Tensor,
    filter: Tensor,
    inputShape: readonly number[],
    shape: Convolution,
  ): Tensor;
  /** Products per value of the output. */
  products(filter: Shape): number | null;
}

/** Filter [...window, channels / groups, filters]. */
export const plain: Family = {
  channels: (filter) => filter.at(-1) ?? null,
  accepts(channels, filter) {
    const [perGroup = null, filters = null] = filter.slice(-2);
    if (perGroup === null) return true;
    const groups = channels / perGroup;
    return Number.isInteger(groups) && groups > 0 && (filters === null || filters % groups === 0);
  },
  forward: ({ tf }, x, filter, shape) => convolveSpace(tf, x, filter, shape),
  gradient: convolveSpaceGradient,
  products: (filter) => times(...filter.slice(0, -1)),
};

/** Filter [height, width, channels, multiplier]. */
export const depthwise: Family = {
  channels: (filter) => times(...filter.slice(2)),
  accepts: (channels, [, , own]) => sizesMatch(own, channels),
  forward: (ctx, x, filter, shape) => convolveDepthwise(ctx, x, filter, shape),
  gradient: convolveDepthwiseGradient,
  products: (filter) => times(...filter.slice(0, 2)),
};

export function convolution(config: OpConfig, family: Family): Operation {
  return {
    outputShapes([x, filter]) {
      if (x === undefined || filter === undefined || x.length !== filter.length || !RANKS.has(x.length)) {
        return refuse(l10n.t('it takes images or volumes and a filter of as many axes.'));
      }
      const { layout, shape, axes, edges } = geometryOf(config, filter);
      const [batch, ...space] = asImage(x, layout);
      const channels = space.at(-1) ?? null;
      if (channels !== null && !family.accepts(channels, filter)) refuse(misfitReason(x, filter));
      const sizes = axes.map((axis, i) => {
        const size = space[i] ?? null;
        const [before, after] = edges[i] ?? [0, 0];
        return size === null ? null : windows(axis, size + before + after, shape.padding[0]);
      });
      return [asStored([batch ?? null, ...sizes, family.channels(filter)], layout)];
    },
    /** The zeros around the image. */
    workspace([x, filter]) {
      if (x === undefined || filter === undefined) return null;
      const { layout, axes, edges, shape } = geometryOf(config, filter);
      const [batch, ...space] = asImage(x, layout);
      const sizes = axes.map((axis, i) => {
        const size = space[i] ?? null;
        if (size === null) return null;
        const [before, after] = edges[i] ?? [0, 0];
        return before + size + after + sumOfPads(axis, size, shape.padding[0]);
      });
      return times(batch, ...sizes, space.at(-1));
    },
    forward(ctx, operands) {
      const filter = operandAt(operands, 1);
      const at = geometryOf(config, filter.shape);
      const image = padded(ctx.tf, toImage(ctx.tf, operandAt(operands, 0), at.layout), at);
      return [fromImage(ctx.tf, family.forward(ctx, image, filter, at.shape), at.layout)];
    },
    backward(ctx, step) {
      const [x, filter] = [operandAt(step.inputs, 0), operandAt(step.inputs, 1)];
      const [gradient] = step.gradients;
      if (needsGradient(step, 1))
        refuse(l10n.t('its filter depends on the input, and gradients of filters are not supported.'));
      if (!gradient || !needsGradient(step, 0)) return [];
      const at = geometryOf(config, filter.shape);
      const inner = asImage(x.shape, at.layout).map((size) => size ?? 0);
      const whole = inner.map((size, axis) => {
        const [before, after] = at.edges[axis - 1] ?? [0, 0];
        return size + before + after;
      });
      const dy = toImage(ctx.tf, gradient, at.layout);
      const dx = family.gradient(ctx, dy, filter, whole, at.shape);
      return [fromImage(ctx.tf, unpadded(ctx.tf, dx, at, inner), at.layout)];
    },
  };
}

const misfitReason = (x: Shape, filter: Shape): string =>
  l10n.t(
    'a filter of the shape {0} does not fit a tensor of the shape {1}.',
    shapeText(filter),
    shapeText(x),
  );

/** Axes of images and of volumes. */
const RANKS: ReadonlySet<number> = new Set([4, 5]);

/** How many windows there are along an axis. */
function windows(axis: Axis, size: number, padding: PaddingName): number {
  const count = windowsAlong(axis, size, padding);
  return count > 0
    ? count
    : refuse(l10n.t('its input is {0} long, shorter than its window of {1}.', size, span(axis)));
}

/** `Conv2DBackpropInput` and that of volumes: operands filter and x; the transposed convolution. */
export function transposed(config: OpConfig, sizes: readonly (number | null)[]): Operation {
  const target = (x: Shape): Shape => [x[0] ?? null, ...sizes.slice(1)];
  return {
    outputShapes([filter, x]) {
      if (
        x === undefined ||
        filter?.length !== x.length ||
        sizes.length !== x.length ||
        !RANKS.has(x.length)
      ) {
        return refuse(l10n.t('it takes images or volumes and a filter of as many axes.'));
      }
      checkTransposed(geometryOf(config, filter), x, filter, target(x));
      return [target(x)];
    },
    forward(ctx, operands) {
      const [filter, x] = [operandAt(operands, 0), operandAt(operands, 1)];
      const at = geometryOf(config, filter.shape);
      const whole = asImage(target(x.shape), at.layout).map((size) => size ?? 0);
      const y = convolveSpaceGradient(ctx, toImage(ctx.tf, x, at.layout), filter, whole, at.shape);
      return [fromImage(ctx.tf, y, at.layout)];
    },
    backward(ctx, step) {
      const filter = operandAt(step.inputs, 0);
      const [gradient] = step.gradients;
      if (needsGradient(step, 0))
        refuse(l10n.t('its filter depends on the input, and gradients of filters are not supported.'));
      if (!gradient) return [];
      const at = geometryOf(config, filter.shape);
      const dx = convolveSpace(ctx.tf, toImage(ctx.tf, gradient, at.layout), filter, at.shape);
      return [null, fromImage(ctx.tf, dx, at.layout)];
    },
  };
}

/** The convolution with this filter must lead from what is given back to x. */
function checkTransposed({ layout, shape, axes }: Geometry, x: Shape, filter: Shape, given: Shape): void {
  const [[, ...from], [, ...to]] = [asImage(x, layout), asImage(given, layout)];
  const [own, filters] = filter.slice(-2);
  const counted = axes.map((axis, i) => mapSize(to[i], (size) => windowsAlong(axis, size, shape.padding[0])));
  if (
    !sizesMatch(to.at(-1), own) ||
    !sizesMatch(from.at(-1), filters) ||
    !counted.every((count, i) => sizesMatch(from[i], count))
  ) {
    refuse(
      l10n.t(
        'a filter of the shape {0} does not fit a tensor of the shape {1} and cannot give the shape {2}.',
        shapeText(filter),
        shapeText(x),
        shapeText(given),
      ),
    );
  }
}
