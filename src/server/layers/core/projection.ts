import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { Tensor, TF } from '../kind';
import { type Einsum, einsumToLeft, einsumWithKernel, parseEinsum } from '../support/einsum';
import { shapeText, sizesMatch } from '../support/shapeMatching';

/** How an EinsumDense is written down. */
export interface ProjectionText {
  readonly equation: string;
  /** Without the batch axis and what `...` covers, as Keras wants it; `null` where the input settles it. */
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
 * Shapes of kernel, bias and output as `einsum_dense._analyze_einsum_string`.
 * @throws Failure `bad-config` that names the layer for an equation that Keras would not take.
 */
export function projectionOf(config: LayerConfig, text: ProjectionText, input: Shape): Projection {
  const found = parseEinsum(text.equation, input.length);
  if (found === null) {
    return config.bad(
      'equation',
      `an einsum of an input of ${input.length} axes and a kernel`,
      text.equation,
    );
  }
  const { left, right, output } = found;
  const elided = left.filter((axis) => axis.length > 1);
  const isElidedOnLeft = elided.length > 0 && left[0] === elided[0];
  const [batch = null, ...rest] = input;
  // What stands for the elided axes is put in by Keras itself, behind the batch axis or at the end.
  const known = isElidedOnLeft
    ? [batch, ...rest.slice(0, elided.length - 1), ...text.outputShape]
    : [batch, ...text.outputShape, ...input.slice(input.length - elided.length)];
  if (known.length !== output.length) {
    const count = text.outputShape.length + output.length - known.length;
    return config.bad('output_shape', `${count} sizes`, text.outputShape);
  }
  const sizeIn = (axis: string): number | null => input[left.indexOf(axis)] ?? null;
  if (!output.every((axis, i) => sizesMatch(known[i], sizeIn(axis))))
    return config.bad(
      'output_shape',
      `sizes that those of its input, ${shapeText(input)}, allow`,
      text.outputShape,
    );
  const sizeOf = (axis: string): number => {
    const at = output.indexOf(axis);
    const size = (at < 0 ? null : known[at]) ?? sizeIn(axis);
    return size ?? config.bad('output_shape', `a known size of axis "${axis}"`, text.outputShape);
  };
  const bias = text.biasAxes === null ? null : biasShape(config, text.biasAxes, output, sizeOf);
  return { einsum: found, kernel: right.map(sizeOf), bias, output: known };
}

/** From the first axis that has a bias on; 1 for those that have none. */
function biasShape(
  config: LayerConfig,
  axes: string,
  output: readonly string[],
  sizeOf: (axis: string) => number,
): number[] {
  const places = [...axes].map((axis) => output.indexOf(axis));
  if (places.length === 0 || places.includes(-1)) return config.bad('bias_axes', 'axes of the output', axes);
  return output.slice(Math.min(...places)).map((axis) => (axes.includes(axis) ? sizeOf(axis) : 1));
}

/** @param folder where the weights lie below the layer in a `.keras` file, e.g. `query_dense/`. */
export function projectionWeights({ kernel, bias }: Projection, folder = ''): WeightSpec[] {
  const specs = [
    { name: 'kernel', shape: kernel },
    ...(bias === null ? [] : [{ name: 'bias', shape: bias }]),
  ];
  return specs.map((spec, i) => ({ ...spec, trainable: true, at: `${folder}vars/${i}` }));
}

/**
 * How many products the einsum adds up, `null` where a size is not known.
 * @param input its shape, where it may be known better than that of the output.
 */
export function projectionProducts({ einsum, kernel, output }: Projection, input: Shape = []): number | null {
  const { left, right } = einsum;
  const axes = new Set([...left, ...right]);
  const sizeOf = (axis: string): number | null | undefined =>
    kernel[right.indexOf(axis)] ?? input[left.indexOf(axis)] ?? output[einsum.output.indexOf(axis)];
  return times(...[...axes].map(sizeOf));
}

/** The value before the activation. @param weights kernel and, where the projection has one, bias. */
export function project(
  tf: TF,
  projection: Projection,
  input: Tensor,
  [kernel, bias]: readonly [Tensor, Tensor | undefined],
): Tensor {
  const value = einsumWithKernel(tf, projection.einsum, input, kernel);
  return bias === undefined ? value : tf.add(value, bias);
}

/** dScore/dInput from dScore/dPre. */
export const projectBack = (
  tf: TF,
  projection: Projection,
  gradient: Tensor,
  kernel: Tensor,
  input: Tensor,
): Tensor => einsumToLeft(tf, projection.einsum, gradient, kernel, input.shape);
