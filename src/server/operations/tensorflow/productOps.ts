import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { OpConfig } from '../../graph/opConfig';
import { convolveDepthwise, convolveDepthwiseGradient } from '../../layers/convolution/convolutionOps';
import {
  type Convolution,
  convolveSpace,
  convolveSpaceGradient,
} from '../../layers/convolution/volumeConvolution';
import type { Activation, Tensor, TF } from '../../layers/kind';
import { type Einsum, einsum, einsumToLeft, einsumToRight, parseEinsum } from '../../layers/support/einsum';
import { mapSize } from '../../layers/support/layerInputs';
import { fromImage, type Layout, toImage } from '../../layers/support/layout';
import { sizesMatch } from '../../layers/support/shapeMatching';
import { type Axis, type PaddingName, span, windowsAlong } from '../../layers/support/windows';
import { matmul } from '../arithmetic/products';
import { sumTo } from '../broadcast';
import {
  type Computing,
  type Operation,
  type OperationStep,
  operandAt,
  refuse,
  shapeText,
  wants,
} from '../operation';
import { activationCalled, activationFor } from './activationOps';
import { perSpace } from './imageOps';
import { everyOperand, type OpKind, type OpSpelling, type OpTable, opKind } from './opKind';

type Spatial = 2 | 3;

/** How a convolution lies over its images or volumes; `edges` are the zeros of an EXPLICIT padding. */
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
    return Object.values(found).every((n) => n > 0) ? found : refuse('its strides are not positive.');
  });
  const [columns, rows, depth] = [...axes].reverse();
  if (columns === undefined || rows === undefined) return refuse('it has no strides.');
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
  if (list.some((n) => n < 0)) refuse('its padding is negative.');
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

interface Family {
  channels(filter: Shape): number | null;
  /** Whether images of so many channels can meet the filter. */
  takes(channels: number, filter: Shape): boolean;
  forward(on: Computing, x: Tensor, filter: Tensor, shape: Convolution): Tensor;
  gradient(
    on: Computing,
    dy: Tensor,
    filter: Tensor,
    inputShape: readonly number[],
    shape: Convolution,
  ): Tensor;
  /** How many products make one value of the output. */
  products(filter: Shape): number | null;
}

/** Filter [...window, channels / groups, filters]. */
const plain: Family = {
  channels: (filter) => filter.at(-1) ?? null,
  takes(channels, filter) {
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
const depthwise: Family = {
  channels: (filter) => times(...filter.slice(2)),
  takes: (channels, [, , own]) => sizesMatch(own, channels),
  forward: (on, x, filter, shape) => convolveDepthwise(on, x, filter, shape),
  gradient: convolveDepthwiseGradient,
  products: (filter) => times(...filter.slice(0, 2)),
};

function convolution(config: OpConfig, family: Family): Operation {
  return {
    outputShapes([x, filter]) {
      if (x === undefined || filter === undefined || x.length !== filter.length || !RANKS.has(x.length)) {
        return refuse('it takes images or volumes and a filter of as many axes.');
      }
      const { layout, shape, axes, edges } = geometryOf(config, filter);
      const [batch, ...space] = asImage(x, layout);
      const channels = space.at(-1) ?? null;
      if (channels !== null && !family.takes(channels, filter)) refuse(unfit(x, filter));
      const sizes = axes.map((axis, i) => {
        const size = space[i] ?? null;
        const [before, after] = edges[i] ?? [0, 0];
        return size === null ? null : windows(axis, size + before + after, shape.padding[0]);
      });
      return [asStored([batch ?? null, ...sizes, family.channels(filter)], layout)];
    },
    forward(on, operands) {
      const filter = operandAt(operands, 1);
      const at = geometryOf(config, filter.shape);
      const image = padded(on.tf, toImage(on.tf, operandAt(operands, 0), at.layout), at);
      return [fromImage(on.tf, family.forward(on, image, filter, at.shape), at.layout)];
    },
    backward(on, step) {
      const [x, filter] = [operandAt(step.inputs, 0), operandAt(step.inputs, 1)];
      const [gradient] = step.gradients;
      if (wants(step, 1)) refuse('its filter depends on the input, and there is no gradient for filters.');
      if (!gradient || !wants(step, 0)) return [];
      const at = geometryOf(config, filter.shape);
      const inner = asImage(x.shape, at.layout).map((size) => size ?? 0);
      const whole = inner.map((size, axis) => {
        const [before, after] = at.edges[axis - 1] ?? [0, 0];
        return size + before + after;
      });
      const dy = toImage(on.tf, gradient, at.layout);
      const dx = family.gradient(on, dy, filter, whole, at.shape);
      return [fromImage(on.tf, unpadded(on.tf, dx, at, inner), at.layout)];
    },
  };
}

const unfit = (x: Shape, filter: Shape): string =>
  `a filter of the shape ${shapeText(filter)} does not fit what has the shape ${shapeText(x)}.`;

/** Axes of images and of volumes. */
const RANKS: ReadonlySet<number> = new Set([4, 5]);

/** How many windows there are along an axis. */
function windows(axis: Axis, size: number, padding: PaddingName): number {
  const count = windowsAlong(axis, size, padding);
  return count > 0 ? count : refuse(`its input is ${size} long, shorter than its window of ${span(axis)}.`);
}

/** `Conv2DBackpropInput` and that of volumes: operands filter and x; what transposed convolutions are made of. */
function transposed(config: OpConfig, sizes: readonly (number | null)[]): Operation {
  const target = (x: Shape): Shape => [x[0] ?? null, ...sizes.slice(1)];
  return {
    outputShapes([filter, x]) {
      if (
        x === undefined ||
        filter?.length !== x.length ||
        sizes.length !== x.length ||
        !RANKS.has(x.length)
      ) {
        return refuse('it takes images or volumes and a filter of as many axes.');
      }
      checkTransposed(geometryOf(config, filter), x, filter, target(x));
      return [target(x)];
    },
    forward(on, operands) {
      const [filter, x] = [operandAt(operands, 0), operandAt(operands, 1)];
      const at = geometryOf(config, filter.shape);
      const whole = asImage(target(x.shape), at.layout).map((size) => size ?? 0);
      const y = convolveSpaceGradient(on, toImage(on.tf, x, at.layout), filter, whole, at.shape);
      return [fromImage(on.tf, y, at.layout)];
    },
    backward(on, step) {
      const filter = operandAt(step.inputs, 0);
      const [gradient] = step.gradients;
      if (wants(step, 0)) refuse('its filter depends on the input, and there is no gradient for filters.');
      if (!gradient) return [];
      const at = geometryOf(config, filter.shape);
      const dx = convolveSpace(on.tf, toImage(on.tf, gradient, at.layout), filter, at.shape);
      return [null, fromImage(on.tf, dx, at.layout)];
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
    refuse(`${unfit(x, filter).slice(0, -1)} and is to give the shape ${shapeText(given)}.`);
  }
}

const transposedOp: OpKind = opKind({
  operandNames: ['sizes', 'filter'],
  tensors: () => [1, 2],
  operation: ({ config, sizes }) => transposed(config, sizes(0)),
  dtype: () => 'float32',
  // Every value of x meets every value of its filter once.
  multiplyAdds: ([filter = [], x = []]) => times(...x, ...filter.slice(0, -1)),
});

/** A row of one number a channel, as it lies beside `x`. */
const alongChannels = (tf: TF, row: Tensor, x: { readonly rank: number }, channelsFirst: boolean): Tensor =>
  channelsFirst && x.rank > 2 ? tf.reshape(row, [-1, ...new Array<number>(x.rank - 2).fill(1)]) : row;

/** The shape of the first operand, behind which `count` rows of one number a channel must come. */
function rowsFit([x, ...rows]: readonly Shape[], count: number, channelsFirst: boolean): Shape {
  if (x === undefined || rows.length < count) return refuse(`it lacks operands: it has ${rows.length + 1}.`);
  if (x.length < 2) refuse(`what has the shape ${shapeText(x)} has no channels.`);
  const channels = x[channelsFirst ? 1 : x.length - 1] ?? null;
  for (const row of rows.slice(0, count)) {
    const [size = null] = row;
    if (row.length === 1 && sizesMatch(size, channels)) continue;
    refuse(`a row of the shape ${shapeText(row)} does not fit the channels of ${shapeText(x)}.`);
  }
  return x;
}

/** `BiasAdd`: one number a channel. */
function bias(config: OpConfig): Operation {
  const channelsFirst = config.raw('data_format') === 'channels_first';
  return {
    outputShapes: (operands) => [rowsFit(operands, 1, channelsFirst)],
    forward({ tf }, operands) {
      const x = operandAt(operands, 0);
      return [tf.add(x, alongChannels(tf, operandAt(operands, 1), x, channelsFirst))];
    },
    backward({ tf }, step) {
      const [gradient] = step.gradients;
      const row = operandAt(step.inputs, 1);
      if (!gradient) return [];
      const placed = alongChannels(tf, row, gradient, channelsFirst).shape;
      const toRow = wants(step, 1) ? tf.reshape(sumTo(tf, gradient, placed), row.shape) : null;
      return [gradient, toRow];
    },
  };
}

/** `FusedBatchNorm` with moving statistics: operands x, scale, offset, mean, variance. */
function batchNorm(config: OpConfig): Operation {
  if (config.bool('is_training', false))
    refuse('it normalizes by the statistics of the batch (training mode).');
  const channelsFirst = config.raw('data_format') === 'channels_first';
  const epsilon = config.number('epsilon', 1e-4);
  const affine = (tf: TF, [x, ...rows]: readonly Tensor[]): { scale: Tensor; shift: Tensor } => {
    const [gamma, beta, mean, variance] = [0, 1, 2, 3].map((i) => operandAt(rows, i)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
    const shift = tf.sub(beta, tf.mul(mean, scale));
    const place = (row: Tensor): Tensor => alongChannels(tf, row, x ?? row, channelsFirst);
    return { scale: place(scale), shift: place(shift) };
  };
  return {
    outputShapes: (operands) => [rowsFit(operands, 4, channelsFirst)],
    forward({ tf }, operands) {
      const { scale, shift } = affine(tf, operands);
      return [tf.add(tf.mul(operandAt(operands, 0), scale), shift)];
    },
    backward({ tf }, step) {
      const [gradient] = step.gradients;
      if ([1, 2, 3, 4].some((i) => wants(step, i))) refuse('its statistics depend on the input.');
      return gradient ? [tf.mul(gradient, affine(tf, step.inputs).scale)] : [];
    },
  };
}

/** Names of what is fused behind a product, in order: `BiasAdd` or `FusedBatchNorm`, then an activation. */
function fusedOps(config: OpConfig): readonly string[] {
  const names: unknown = config.raw('fused_ops');
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) return [];
  return names.filter((name) => name !== 'NoOp');
}

const AFFINE: ReadonlyMap<string, { readonly rows: number; of(config: OpConfig): Operation }> = new Map([
  ['BiasAdd', { rows: 1, of: bias }],
  ['FusedBatchNorm', { rows: 4, of: batchNorm }],
]);

/** A product with what is fused into it but the activation, which is applied afterwards so that both values are kept. */
function fused(config: OpConfig, linear: Operation): Operation {
  const steps = fusedOps(config).flatMap((name) => {
    const found = AFFINE.get(name);
    if (!found && activationCalled(name) === null)
      refuse(`${name} is fused into it, which Layerglass does not know.`);
    return found ? [found] : [];
  });
  const [affine] = steps;
  if (steps.length > 1) refuse('more is fused into it than a bias or a normalization.');
  if (affine === undefined) return linear;
  const after = affine.of(config);
  const rows = <T>(operands: readonly T[]): T[] => operands.slice(2, 2 + affine.rows);
  return {
    outputShapes: (operands) => after.outputShapes([...linear.outputShapes(operands), ...rows(operands)]),
    forward: (on, operands) => after.forward(on, [...linear.forward(on, operands), ...rows(operands)]),
    backward(on, step) {
      const y = linearShape(step);
      const inputs = [y, ...rows(step.inputs)];
      const wanted = [true, ...inputs.slice(1).map((_, i) => step.wanted?.[2 + i] !== false)];
      const [first, ...others] = after.backward?.(on, { ...step, inputs, wanted }) ?? [];
      const [toX, toFilter] = linear.backward?.(on, { ...step, gradients: [first ?? null] }) ?? [];
      return [toX ?? null, toFilter ?? null, ...others];
    },
  };
}

/** Behind the product nothing but its shape counts for the way back, and that is the output's. */
const linearShape = (step: OperationStep): Tensor => operandAt(step.outputs, 0);

const activationIn = (config: OpConfig): string | undefined =>
  fusedOps(config).findLast((name) => activationCalled(name) !== null);

const fusedActivation = {
  activationName(config: OpConfig): string | null {
    const name = activationIn(config);
    return name === undefined ? null : activationCalled(name);
  },
  activation(config: OpConfig, weights: readonly Tensor[]): Activation | null {
    const name = activationIn(config);
    return name === undefined ? null : activationFor(name, config, weights);
  },
};

function matrices(config: OpConfig): Operation {
  const isTurned = (...keys: string[]): boolean => keys.some((key) => config.bool(key, false));
  return matmul({
    transposeA: isTurned('transpose_a', 'adj_x'),
    transposeB: isTurned('transpose_b', 'adj_y'),
    isByWeight: config.operands[1]?.from === 'weight',
  });
}

/** `Einsum` of two operands. */
function summation(config: OpConfig): Operation {
  const text = config.string('equation');
  const equation = (a: number): Einsum => parseEinsum(text, a) ?? refuse(`it sums as "${text}" says.`);
  return {
    outputShapes(operands) {
      const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)];
      const { left, right, output } = equation(a.length);
      if (right.length !== b.length) refuse(`"${text}" does not fit ${b.length} axes.`);
      const size = (axis: string): number | null => {
        const [first = null, second = null] = [a[left.indexOf(axis)], b[right.indexOf(axis)]];
        if (first !== null && second !== null && first !== second)
          refuse(`"${text}" does not fit the shapes ${shapeText(a)} and ${shapeText(b)}.`);
        return first ?? second;
      };
      for (const axis of left) size(axis);
      return [output.map(size)];
    },
    forward({ tf }, operands) {
      const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)];
      return [einsum(tf, equation(a.rank), a, b)];
    },
    backward({ tf }, step) {
      const [a, b] = [operandAt(step.inputs, 0), operandAt(step.inputs, 1)];
      const [gradient] = step.gradients;
      if (!gradient) return [];
      const sums = equation(a.rank);
      return [
        wants(step, 0) ? einsumToLeft(tf, sums, gradient, b, a.shape) : null,
        wants(step, 1) ? einsumToRight(tf, sums, gradient, a, b.shape) : null,
      ];
    },
  };
}

/** A product alone, and with what the converter fuses into it. */
function pairOf(
  linear: (config: OpConfig) => Operation,
  operandNames: readonly string[],
  multiplyAdds: NonNullable<OpSpelling['multiplyAdds']>,
): { readonly alone: OpKind; readonly fused: OpKind } {
  const alone = opKind({
    operandNames,
    tensors: () => [0, 1],
    operation: ({ config }) => linear(config),
    multiplyAdds,
  });
  const withMore = opKind({
    operandNames: [...operandNames, 'bias', 'offset', 'mean', 'variance'],
    tensors: everyOperand,
    operation: ({ config }) => fused(config, linear(config)),
    multiplyAdds,
    ...fusedActivation,
  });
  return { alone, fused: withMore };
}

const convolving = (family: Family) =>
  pairOf(
    (config) => convolution(config, family),
    ['input', 'filter'],
    ([, filter = []], output) => times(...output, family.products(filter)),
  );
const convolutions = convolving(plain);
const depthwises = convolving(depthwise);
const matmuls = pairOf(matrices, ['a', 'kernel'], ([a = []], output, config) =>
  times(...output, a.at(config.raw('transpose_a') === true || config.raw('adj_x') === true ? -2 : -1)),
);

const batchNormOp: OpKind = opKind({
  operandNames: ['x', 'scale', 'offset', 'mean', 'variance'],
  tensors: () => [0, 1, 2, 3, 4],
  operation: ({ config }) => batchNorm(config),
});

const biasOp: OpKind = opKind({
  operandNames: ['value', 'bias'],
  tensors: () => [0, 1],
  operation: ({ config }) => bias(config),
});

export const productOps: OpTable = {
  Conv2D: convolutions.alone,
  Conv3D: convolutions.alone,
  _FusedConv2D: convolutions.fused,
  DepthwiseConv2dNative: depthwises.alone,
  FusedDepthwiseConv2dNative: depthwises.fused,
  _FusedDepthwiseConv2dNative: depthwises.fused,
  Conv2DBackpropInput: transposedOp,
  Conv3DBackpropInputV2: transposedOp,
  MatMul: matmuls.alone,
  _FusedMatMul: matmuls.fused,
  BatchMatMul: matmuls.alone,
  BatchMatMulV2: matmuls.alone,
  BatchMatMulV3: matmuls.alone,
  Einsum: opKind({
    operandNames: ['a', 'kernel'],
    tensors: () => [0, 1],
    operation: ({ config }) => summation(config),
    multiplyAdds([a = [], b = []], _output, config) {
      const sums = parseEinsum(config.string('equation'), a.length);
      if (sums === null) return null;
      const sizes = new Map([
        ...sums.right.map((axis, i) => [axis, b[i]] as const),
        ...sums.left.map((axis, i) => [axis, a[i]] as const),
      ]);
      return times(...sizes.values());
    },
  }),
  BiasAdd: biasOp,
  BiasAddV1: biasOp,
  FusedBatchNorm: batchNormOp,
  FusedBatchNormV2: batchNormOp,
  FusedBatchNormV3: batchNormOp,
};
