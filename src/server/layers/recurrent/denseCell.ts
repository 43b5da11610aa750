import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { Activation, LoopOperator, Tensor, TF } from '../kind';
import { knownSize } from '../support/knownSize';
import { at, type Cell } from './recurrentCell';

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

/** Kernels and bias of an operator of ONNX, which has the columns of Keras as rows. @param order Keras's gates in ONNX's order */
export function operatorWeights(
  tf: TF,
  [kernel, recurrent, bias]: readonly (Tensor | undefined)[],
  order: readonly number[],
): LoopOperator['weights'] {
  const rows = (columns: Tensor | undefined): Tensor => {
    if (columns === undefined) throw new RangeError('A recurrent cell lacks a kernel.');
    return tf.expandDims(tf.transpose(inOrder(tf, columns, order)), 0);
  };
  // Keras's cells have one bias, or one for the input and one for the state, as ONNX's.
  const biases = bias && inOrder(tf, tf.reshape(bias, [-1, kernel?.shape[1] ?? 1]), order);
  const both =
    biases &&
    (biases.shape[0] === 2
      ? biases
      : tf.pad(biases, [
          [0, 1],
          [0, 0],
        ]));
  return [rows(kernel), rows(recurrent), ...(both ? [tf.reshape(both, [1, -1])] : [])];
}

/** The columns of each gate in another order. */
function inOrder(tf: TF, columns: Tensor, order: readonly number[]): Tensor {
  if (order.every((from, to) => from === to)) return columns;
  const gates = tf.split(columns, order.length, 1);
  return tf.concat(
    order.map((from) => at(gates, from)),
    1,
  );
}

/** Whether the activations are those that ONNX's operators have by default. */
export const areDefaults = (activation: Activation | null, gate?: Activation | null): boolean =>
  activation?.name === 'tanh' && (gate === undefined || gate?.name === 'sigmoid');
