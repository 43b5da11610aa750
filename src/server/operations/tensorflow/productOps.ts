import * as l10n from '@vscode/l10n';
import { times } from '../../graph/cost';
import type { OpConfig } from '../../graph/opConfig';
import type { Activation, Tensor } from '../../layers/kind';
import { type Einsum, einsum, einsumToLeft, einsumToRight, parseEinsum } from '../../layers/support/einsum';
import { matmul } from '../arithmetic/matmul';
import {
  needsGradient,
  type Operation,
  type OperationStep,
  operandAt,
  refuse,
  shapeText,
} from '../operation';
import { activationFor, activationNameOf } from './activationOps';
import { batchNorm, bias } from './channelwise';
import { convolution, depthwise, type Family, plain, transposed } from './convolution';
import { everyOperand, type OpKind, type OpSpelling, type OpTable, opKind } from './opKind';

const transposedOp: OpKind = opKind({
  operandNames: ['sizes', 'filter'],
  tensors: () => [1, 2],
  operation: ({ config, sizes }) => transposed(config, sizes(0)),
  dtype: () => 'float32',
  // Every value of x meets every value of its filter once.
  multiplyAdds: ([filter = [], x = []]) => times(...x, ...filter.slice(0, -1)),
});

/** Names of the operations fused into a product, in order: `BiasAdd` or `FusedBatchNorm`, then an activation. */
function fusedOps(config: OpConfig): readonly string[] {
  const names: unknown = config.raw('fused_ops');
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) return [];
  return names.filter((name) => name !== 'NoOp');
}

const AFFINE: ReadonlyMap<string, { readonly rows: number; of(config: OpConfig): Operation }> = new Map([
  ['BiasAdd', { rows: 1, of: bias }],
  ['FusedBatchNorm', { rows: 4, of: batchNorm }],
]);

/** A product with its fused operations except the activation, which is applied separately so that both values are kept. */
function fused(config: OpConfig, linear: Operation): Operation {
  const steps = fusedOps(config).flatMap((name) => {
    const found = AFFINE.get(name);
    if (!found && activationNameOf(name) === null)
      refuse(l10n.t('{0} is fused into it, which Layerglass does not support.', name));
    return found ? [found] : [];
  });
  const [affine] = steps;
  if (steps.length > 1) refuse(l10n.t('more is fused into it than a bias or a normalization.'));
  if (affine === undefined) return linear;
  const after = affine.of(config);
  const rows = <T>(operands: readonly T[]): T[] => operands.slice(2, 2 + affine.rows);
  return {
    outputShapes: (operands) => after.outputShapes([...linear.outputShapes(operands), ...rows(operands)]),
    forward: (ctx, operands) => after.forward(ctx, [...linear.forward(ctx, operands), ...rows(operands)]),
    backward(ctx, step) {
      const y = outputOf(step);
      const inputs = [y, ...rows(step.inputs)];
      const wanted = [true, ...inputs.slice(1).map((_, i) => step.requested?.[2 + i] !== false)];
      const [first, ...others] = after.backward?.(ctx, { ...step, inputs, requested: wanted }) ?? [];
      const [toX, toFilter] = linear.backward?.(ctx, { ...step, gradients: [first ?? null] }) ?? [];
      return [toX ?? null, toFilter ?? null, ...others];
    },
  };
}

/** The backward pass needs only the shape of the product, which is that of the output. */
const outputOf = (step: OperationStep): Tensor => operandAt(step.outputs, 0);

const activationIn = (config: OpConfig): string | undefined =>
  fusedOps(config).findLast((name) => activationNameOf(name) !== null);

const fusedActivation = {
  activationName(config: OpConfig): string | null {
    const name = activationIn(config);
    return name === undefined ? null : activationNameOf(name);
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
function einsumOperation(config: OpConfig): Operation {
  const text = config.string('equation');
  const equation = (a: number): Einsum =>
    parseEinsum(text, a) ?? refuse(l10n.t('its equation "{0}" is not supported.', text));
  return {
    outputShapes(operands) {
      const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)];
      const { left, right, output } = equation(a.length);
      if (right.length !== b.length) refuse(l10n.t('"{0}" does not fit {1} axes.', text, b.length));
      const size = (axis: string): number | null => {
        const [first = null, second = null] = [a[left.indexOf(axis)], b[right.indexOf(axis)]];
        if (first !== null && second !== null && first !== second)
          refuse(l10n.t('"{0}" does not fit the shapes {1} and {2}.', text, shapeText(a), shapeText(b)));
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
        needsGradient(step, 0) ? einsumToLeft(tf, sums, gradient, b, a.shape) : null,
        needsGradient(step, 1) ? einsumToRight(tf, sums, gradient, a, b.shape) : null,
      ];
    },
  };
}

/** A product alone, and with the operations that the converter fuses into it. */
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
    operation: ({ config }) => einsumOperation(config),
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
