import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { Tensor, TF } from '../kind';
import { knownSize } from '../support/knownSize';
import type { Cell } from './recurrentCell';

/** `count` state shapes [batch, units] of a cell whose input and states are vectors. */
export const unitStates = (config: LayerConfig, [batch = null]: Shape, count: number): Shape[] =>
  Array.from({ length: count }, () => [batch, config.int('units')]);

/** Kernels for `gates` blocks of `units` columns, and a bias of the shape given. */
export function denseWeights(
  config: LayerConfig,
  input: Shape,
  gates: number,
  bias: readonly number[] | null,
): WeightSpec[] {
  const units = config.int('units');
  const specs = [
    { name: 'kernel', shape: [knownSize(input, 1, config), gates * units], trainable: true },
    { name: 'recurrent_kernel', shape: [units, gates * units], trainable: true },
  ];
  return bias ? [...specs, { name: 'bias', shape: bias, trainable: true }] : specs;
}

/** x . kernel + bias, [steps, gates * units], and its gradient. */
export function denseProjection(
  tf: TF,
  kernel: Tensor,
  bias: Tensor | null,
): Pick<Cell, 'project' | 'unproject'> {
  return {
    project(inputs) {
      const product = tf.matMul(inputs, kernel);
      return bias ? tf.add(product, bias) : product;
    },
    unproject: (gradient) => tf.matMul(gradient, kernel, false, true),
  };
}
