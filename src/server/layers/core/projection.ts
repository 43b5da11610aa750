import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { Tensor, TF } from '../kind';
import { type Einsum, einsumToLeft, einsumWithKernel, parseEinsum } from '../support/einsum';
import { shapeText, sizesMatch } from '../support/shapeMatching';

/** The arguments of an EinsumDense. */
export interface ProjectionArguments {
  readonly equation: string;
  /** Without the batch axis and the axes that `...` covers, as in Keras; `null` where the input determines it. */
  readonly outputShape: readonly (number | null)[];
  readonly biasAxes: string | null;
}

/** An EinsumDense for inputs of one rank: an einsum with a kernel, then a bias. */
export interface Projection {
  readonly einsum: Einsum;
  readonly kernel: readonly number[];
  readonly bias: readonly number[] | null;
  readonly output: Shape;
}

/**
 * Shapes of kernel, bias and output as computed by `einsum_dense._analyze_einsum_string`.
 * @throws Failure `bad-config` that names the layer for an equation that Keras rejects.
 */
export function projectionOf(config: LayerConfig, given: ProjectionArguments, input: Shape): Projection {
  const found = parseEinsum(given.equation, input.length);
  if (found === null) {
    return config.bad(
      'equation',
      l10n.t('an einsum of an input of {0} axes and a kernel', input.length),
      given.equation,
    );
  }
  const { left, right, output } = found;
  const elided = left.filter((axis) => axis.length > 1);
  const isElidedOnLeft = elided.length > 0 && left[0] === elided[0];
  const [batch = null, ...rest] = input;
  // Keras itself inserts the elided axes, after the batch axis or at the end.
  const known = isElidedOnLeft
    ? [batch, ...rest.slice(0, elided.length - 1), ...given.outputShape]
    : [batch, ...given.outputShape, ...input.slice(input.length - elided.length)];
  if (known.length !== output.length) {
    const count = given.outputShape.length + output.length - known.length;
    return config.bad('output_shape', l10n.t('{0} sizes', count), given.outputShape);
  }
  const sizeIn = (axis: string): number | null => input[left.indexOf(axis)] ?? null;
  if (!output.every((axis, i) => sizesMatch(known[i], sizeIn(axis))))
    return config.bad(
      'output_shape',
      l10n.t('sizes that agree with its input {0}', shapeText(input)),
      given.outputShape,
    );
  const sizeOf = (axis: string): number => {
    const at = output.indexOf(axis);
    const size = (at < 0 ? null : known[at]) ?? sizeIn(axis);
    return size ?? config.bad('output_shape', l10n.t('a known size of axis "{0}"', axis), given.outputShape);
  };
  const bias = given.biasAxes === null ? null : biasShape(config, given.biasAxes, output, sizeOf);
  return { einsum: found, kernel: right.map(sizeOf), bias, output: known };
}

/** Starts at the first axis with a bias; 1 for axes without one. */
function biasShape(
  config: LayerConfig,
  axes: string,
  output: readonly string[],
  sizeOf: (axis: string) => number,
): number[] {
  const positions = [...axes].map((axis) => output.indexOf(axis));
  if (positions.length === 0 || positions.includes(-1))
    return config.bad('bias_axes', l10n.t('axes of the output'), axes);
  return output.slice(Math.min(...positions)).map((axis) => (axes.includes(axis) ? sizeOf(axis) : 1));
}

/** @param folder of the weights below the layer in a `.keras` file, e.g. `query_dense/`. */
export function projectionWeights({ kernel, bias }: Projection, folder = ''): WeightSpec[] {
  const specs = [
    { name: 'kernel', shape: kernel },
    ...(bias === null ? [] : [{ name: 'bias', shape: bias }]),
  ];
  return specs.map((spec, i) => ({ ...spec, trainable: true, at: `${folder}vars/${i}` }));
}

/**
 * The multiply-adds of the einsum, `null` if a size is unknown.
 * @param input its shape, which may be better known than the output's.
 */
export function projectionProducts({ einsum, kernel, output }: Projection, input: Shape = []): number | null {
  const { left, right } = einsum;
  const axes = new Set([...left, ...right]);
  const sizeOf = (axis: string): number | null | undefined =>
    kernel[right.indexOf(axis)] ?? input[left.indexOf(axis)] ?? output[einsum.output.indexOf(axis)];
  return times(...[...axes].map(sizeOf));
}

/** The value before the activation. @param weights the kernel and, if the projection has one, the bias. */
export function project(
  tf: TF,
  projection: Projection,
  input: Tensor,
  [kernel, bias]: readonly [Tensor, Tensor | undefined],
): Tensor {
  return einsumWithKernel(tf, projection.einsum, input, kernel, bias);
}

/** dScore/dInput from dScore/dPre. */
export const projectBack = (
  tf: TF,
  projection: Projection,
  gradient: Tensor,
  kernel: Tensor,
  input: Tensor,
): Tensor => einsumToLeft(tf, projection.einsum, gradient, kernel, input.shape);
