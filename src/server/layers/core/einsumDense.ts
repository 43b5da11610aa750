import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import { activationNameOf } from '../activations/activationSpec';
import { activationOf, checkActivation } from '../activations/activations';
import type { KindTable, LayerKind } from '../kind';
import { onlyShape } from '../support/layerInputs';
import { noMask, oneToOne, onlyTensor } from '../support/singleInput';
import { kernelScaleShape } from './kernelScale';
import { type Projection, project, projectBack, projectionOf, projectionProducts } from './projection';
import { quantizationOf, roundedInputs } from './quantization';
import { type KernelLayout, kernelOf, kernelWeights } from './storedKernel';

const projection = (config: LayerConfig, input: Shape): Projection =>
  projectionOf(
    config,
    {
      equation: config.string('equation'),
      outputShape: outputShapeOf(config),
      biasAxes: config.has('bias_axes') ? config.string('bias_axes') : null,
    },
    input,
  );

/** Argument `output_shape`: one size or a list, `null` where the input determines it. */
function outputShapeOf(config: LayerConfig): (number | null)[] {
  const raw = config.raw('output_shape');
  const list: unknown[] = Array.isArray(raw) ? raw : [raw];
  return list.map((size) =>
    size === null || (typeof size === 'number' && Number.isSafeInteger(size))
      ? size
      : config.bad('output_shape', l10n.t('sizes'), raw),
  );
}

/** `keras.layers.EinsumDense`: an einsum of the input and a kernel, plus a bias along some axes. */
const einsumDense: LayerKind = {
  outputShapes(config, inputs) {
    quantizationOf(config);
    checkActivation(config);
    return [projection(config, onlyShape(config, inputs)).output];
  },
  weights: (config, inputs) => specsOf(config, projection(config, onlyShape(config, inputs))),
  multiplyAdds: (config, [input = []]) => projectionProducts(projection(config, input), input),
  activationName: activationNameOf,
  activation: (config) => activationOf(config),
  forward(ctx, inputs) {
    const { tf, config } = ctx;
    const x = onlyTensor(inputs, ctx);
    const plan = projection(config, x.shape);
    const {
      value,
      delta,
      bias,
      inputs: quantizer,
    } = kernelOf(ctx, layoutOf(config, plan), specsOf(config, plan));
    const { left, output } = plan.einsum;
    const summed = left.flatMap((axis, i) => (output.includes(axis) ? [] : [i]));
    const rounded = quantizer ? roundedInputs(tf, quantizer, x, summed) : x;
    const sums = project(tf, plan, rounded, [value, bias]);
    return [delta ? tf.add(sums, project(tf, plan, x, [delta, undefined])) : sums];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf, config } = ctx;
    const x = onlyTensor(inputs, ctx);
    const plan = projection(config, x.shape);
    const { value, delta } = kernelOf(ctx, layoutOf(config, plan), specsOf(config, plan));
    return projectBack(tf, plan, gradient, delta ? tf.add(value, delta) : value, x);
  }),
  mask: noMask,
};

const specsOf = (config: LayerConfig, plan: Projection): WeightSpec[] =>
  kernelWeights(config, layoutOf(config, plan), plan.bias);

/** An int8 kernel has one scale for each position that is not summed over; Keras orders these axes as in the output. */
function layoutOf(config: LayerConfig, { einsum, kernel }: Projection): KernelLayout {
  const { right, output } = einsum;
  const sizes = new Map(right.map((axis, i) => [axis, kernel[i] ?? 1]));
  const reduced = right.flatMap((axis, i) => (output.includes(axis) ? [] : [i]));
  const kept = output.filter((axis) => right.includes(axis));
  return {
    shape: kernel,
    reduced,
    scale: kernelScaleShape(config, einsum, kernel),
    overKernel({ tf }, scale) {
      const inOutput = tf.reshape(
        scale,
        kept.map((axis) => sizes.get(axis) ?? 1),
      );
      const inKernel = right.filter((axis) => kept.includes(axis));
      const transposed = tf.transpose(
        inOutput,
        inKernel.map((axis) => kept.indexOf(axis)),
      );
      return tf.reshape(
        transposed,
        kernel.map((size, i) => (reduced.includes(i) ? 1 : size)),
      );
    },
  };
}

export const einsumDenseLayers: KindTable = { EinsumDense: einsumDense };
