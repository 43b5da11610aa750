import type { Shape } from '../../../shared/model';
import type { OpConfig } from '../../graph/opConfig';
import {
  type Convolution2d,
  convolve,
  convolveDepthwise,
  convolveDepthwiseGradient,
  convolveGradient,
} from '../convolutionOps';
import { type Einsum, einsum, einsumToLeft, einsumToRight, parseEinsum } from '../einsum';
import type { Activation, Tensor, TF } from '../kind';
import { fromPicture, type Layout, toPicture } from '../layout';
import { sumTo } from '../operations/broadcast';
import {
  type Computing,
  type Operation,
  type OperationStep,
  operandAt,
  refuse,
  wants,
} from '../operations/operation';
import { matmul } from '../operations/products';
import type { Axis } from '../windows';
import { activationCalled, activationFor } from './activationOps';
import { everyOperand, type OpKind, type OpTable, opKind } from './opKind';
import { perSpace } from './pictureOps';

/** How a convolution lies over its pictures; `edges` are the zeros of an EXPLICIT padding. */
interface Geometry {
  readonly layout: Layout;
  readonly shape: Convolution2d;
  readonly edges: readonly [[number, number], [number, number]];
}

function geometryOf(config: OpConfig, [height, width]: Shape): Geometry {
  const strides = perSpace(config, 'strides');
  const dilations = perSpace(config, 'dilations', 1);
  const axis = (window: number | null | undefined, i: 0 | 1): Axis => {
    const found = { window: window ?? 1, stride: strides[i], dilation: dilations[i] };
    return Object.values(found).every((n) => n > 0) ? found : refuse('its strides are not positive.');
  };
  const padding = config.choice('padding', ['SAME', 'VALID', 'EXPLICIT']);
  const name = padding === 'SAME' ? 'same' : 'valid';
  const channelsFirst = config.raw('data_format') === 'channels_first';
  return {
    layout: { spatial: 2, channelsFirst },
    shape: { axes: [axis(height, 0), axis(width, 1)], padding: [name, name] },
    edges:
      padding === 'EXPLICIT'
        ? explicit(config, channelsFirst ? 2 : 1)
        : [
            [0, 0],
            [0, 0],
          ],
  };
}

function explicit(config: OpConfig, first: number): [[number, number], [number, number]] {
  const list = config.ints('explicit_paddings', 8);
  if (list.some((n) => n < 0)) refuse('its padding is negative.');
  const pair = (axis: number): [number, number] => [list[2 * axis] ?? 0, list[2 * axis + 1] ?? 0];
  return [pair(first), pair(first + 1)];
}

/** The pictures of a shape in either order: [batch, height, width, channels]. */
const asPicture = (shape: Shape, { channelsFirst }: Layout): Shape =>
  channelsFirst ? [0, 2, 3, 1].map((axis) => shape[axis] ?? null) : shape;
const asStored = (shape: Shape, { channelsFirst }: Layout): Shape =>
  channelsFirst ? [0, 3, 1, 2].map((axis) => shape[axis] ?? null) : shape;

function padded(tf: TF, picture: Tensor, { edges }: Geometry): Tensor {
  return edges.flat().every((n) => n === 0) ? picture : tf.pad(picture, [[0, 0], ...edges, [0, 0]]);
}

function unpadded(tf: TF, picture: Tensor, { edges }: Geometry, shape: readonly number[]): Tensor {
  if (edges.flat().every((n) => n === 0)) return picture;
  return tf.slice(picture, [0, edges[0][0], edges[1][0], 0], [...shape]);
}

interface Family {
  channels(filter: Shape): number | null;
  forward(on: Computing, x: Tensor, filter: Tensor, shape: Convolution2d): Tensor;
  gradient(
    on: Computing,
    dy: Tensor,
    filter: Tensor,
    inputShape: readonly number[],
    shape: Convolution2d,
  ): Tensor;
}

/** Filter [height, width, channels / groups, filters]. */
const plain: Family = {
  channels: (filter) => filter[3] ?? null,
  forward: ({ tf }, x, filter, shape) => convolve(tf, x, filter, shape),
  gradient: convolveGradient,
};

/** Filter [height, width, channels, multiplier]. */
const depthwise: Family = {
  channels: ([, , channels, multiplier]) =>
    channels === null || channels === undefined || multiplier === null || multiplier === undefined
      ? null
      : channels * multiplier,
  forward: (on, x, filter, shape) => convolveDepthwise(on, x, filter, shape),
  gradient: convolveDepthwiseGradient,
};

function convolution(config: OpConfig, family: Family): Operation {
  const geometry = (filter: Shape): Geometry => geometryOf(config, filter);
  return {
    outputShapes([x, filter]) {
      if (x?.length !== 4 || filter?.length !== 4)
        return refuse('it takes pictures and a filter of four axes.');
      const { layout, shape, edges } = geometry(filter);
      const [batch, ...space] = asPicture(x, layout);
      const sizes = shape.axes.map((axis, i) => {
        const size = space[i] ?? null;
        const [before, after] = edges[i] ?? [0, 0];
        return size === null ? null : windows(axis, size + before + after, shape.padding[0]);
      });
      return [asStored([batch ?? null, ...sizes, family.channels(filter)], layout)];
    },
    forward(on, operands) {
      const filter = operandAt(operands, 1);
      const at = geometry(filter.shape);
      const picture = padded(on.tf, toPicture(on.tf, operandAt(operands, 0), at.layout), at);
      return [fromPicture(on.tf, family.forward(on, picture, filter, at.shape), at.layout)];
    },
    backward(on, step) {
      const [x, filter] = [operandAt(step.inputs, 0), operandAt(step.inputs, 1)];
      const [gradient] = step.gradients;
      if (wants(step, 1)) refuse('its filter depends on the input, and there is no gradient for filters.');
      if (!gradient || !wants(step, 0)) return [];
      const at = geometry(filter.shape);
      const inner = asPicture(x.shape, at.layout).map((size) => size ?? 0);
      const whole = inner.map(
        (size, axis) => size + (at.edges[axis - 1]?.[0] ?? 0) + (at.edges[axis - 1]?.[1] ?? 0),
      );
      const dy = toPicture(on.tf, gradient, at.layout);
      const dx = family.gradient(on, dy, filter, whole, at.shape);
      return [fromPicture(on.tf, unpadded(on.tf, dx, at, inner), at.layout)];
    },
  };
}

/** How many windows there are along an axis. */
function windows({ window, stride, dilation }: Axis, size: number, padding: string): number {
  const span = dilation * (window - 1) + 1;
  const count = padding === 'valid' ? Math.floor((size - span) / stride) + 1 : Math.ceil(size / stride);
  return count > 0 ? count : refuse(`its input is ${size} long, shorter than its window of ${span}.`);
}

/** `Conv2DBackpropInput`: operands filter and pictures; what a transposed convolution is made of. */
function transposed(config: OpConfig, sizes: readonly (number | null)[]): Operation {
  const target = (picture: Shape): Shape => [picture[0] ?? null, ...sizes.slice(1)];
  return {
    outputShapes: (operands) => [target(operandAt(operands, 1))],
    forward(on, operands) {
      const [filter, x] = [operandAt(operands, 0), operandAt(operands, 1)];
      const at = geometryOf(config, filter.shape);
      const whole = asPicture(target(x.shape), at.layout).map((size) => size ?? 0);
      const y = convolveGradient(on, toPicture(on.tf, x, at.layout), filter, whole, at.shape);
      return [fromPicture(on.tf, y, at.layout)];
    },
    backward(on, step) {
      const filter = operandAt(step.inputs, 0);
      const [gradient] = step.gradients;
      if (wants(step, 0)) refuse('its filter depends on the input, and there is no gradient for filters.');
      if (!gradient) return [];
      const at = geometryOf(config, filter.shape);
      const dx = convolve(on.tf, toPicture(on.tf, gradient, at.layout), filter, at.shape);
      return [null, fromPicture(on.tf, dx, at.layout)];
    },
  };
}

/** A row of one number a channel, as it lies beside `x`. */
const alongChannels = (tf: TF, row: Tensor, x: { readonly rank: number }, channelsFirst: boolean): Tensor =>
  channelsFirst && x.rank > 2 ? tf.reshape(row, [-1, ...new Array<number>(x.rank - 2).fill(1)]) : row;

/** `BiasAdd`: one number a channel. */
function bias(config: OpConfig): Operation {
  const channelsFirst = config.raw('data_format') === 'channels_first';
  return {
    outputShapes: (operands) => [operandAt(operands, 0)],
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
    outputShapes: (operands) => [operandAt(operands, 0)],
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
  const rows = (operands: readonly Tensor[]): Tensor[] => operands.slice(2, 2 + affine.rows);
  return {
    outputShapes: (operands) => {
      if (operands.length < 2 + affine.rows) refuse('what is fused into it lacks operands.');
      return linear.outputShapes(operands);
    },
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
      const size = (axis: string): number | null => a[left.indexOf(axis)] ?? b[right.indexOf(axis)] ?? null;
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

const product = (linear: (config: OpConfig) => Operation, names: readonly string[]) => {
  const alone = opKind({
    operandNames: names,
    tensors: () => [0, 1],
    operation: ({ config }) => linear(config),
  });
  const withMore = opKind({
    operandNames: [...names, 'bias', 'offset', 'mean', 'variance'],
    tensors: everyOperand,
    operation: ({ config }) => fused(config, linear(config)),
    ...fusedActivation,
  });
  return { alone, withMore };
};

const convolutions = product((config) => convolution(config, plain), ['input', 'filter']);
const depthwises = product((config) => convolution(config, depthwise), ['input', 'filter']);
const matmuls = product(matrices, ['a', 'kernel']);

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
  _FusedConv2D: convolutions.withMore,
  DepthwiseConv2dNative: depthwises.alone,
  FusedDepthwiseConv2dNative: depthwises.withMore,
  _FusedDepthwiseConv2dNative: depthwises.withMore,
  Conv2DBackpropInput: opKind({
    operandNames: ['sizes', 'filter'],
    tensors: () => [1, 2],
    operation: ({ config, sizes }) => transposed(config, sizes(0)),
    dtype: () => 'float32',
  }),
  MatMul: matmuls.alone,
  _FusedMatMul: matmuls.withMore,
  BatchMatMul: matmuls.alone,
  BatchMatMulV2: matmuls.alone,
  BatchMatMulV3: matmuls.alone,
  Einsum: opKind({
    operandNames: ['a', 'kernel'],
    tensors: () => [0, 1],
    operation: ({ config }) => summation(config),
  }),
  BiasAdd: biasOp,
  BiasAddV1: biasOp,
  FusedBatchNorm: batchNormOp,
  FusedBatchNormV2: batchNormOp,
  FusedBatchNormV3: batchNormOp,
};
