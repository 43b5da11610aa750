import type { LayerConfig } from '../../graph/layerConfig';
import type { Tensor, TF } from '../kind';
import { tensorAt } from '../support/layerInputs';
import { withValues } from '../support/records';
import { denseWeights } from './denseCell';
import { gruCell } from './gruCell';
import { lstmCell } from './lstmCell';
import { at, type CellRule } from './recurrentCell';

/**
 * `CuDNNLSTM` of Keras 2: an LSTM with tanh and sigmoid whose weights have cuDNN's layout, converted here as by Keras 2's
 * `_convert_rnn_weights`.
 */
export const cudnnLstmCell: CellRule = {
  stateShapes: lstmCell.stateShapes,
  weights: (config, input) => denseWeights(config, input, 4, [8 * config.int('units')]),
  bind(where, config, weights) {
    const [kernel, recurrent, bias] = convertWeights(where.tf, config, weights, 4);
    // One bias for the input and one for the state; only their sum matters.
    const halves = where.tf.split(bias, 2);
    return lstmCell.bind(where, likeKeras(config), [
      kernel,
      recurrent,
      where.tf.add(at(halves, 0), at(halves, 1)),
    ]);
  },
};

/** `CuDNNGRU` of Keras 2: a GRU that resets after the product. */
export const cudnnGruCell: CellRule = {
  stateShapes: gruCell.stateShapes,
  weights: (config, input) => denseWeights(config, input, 3, [6 * config.int('units')]),
  bind(where, config, weights) {
    const [kernel, recurrent, bias] = convertWeights(where.tf, config, weights, 3);
    return gruCell.bind(where, likeKeras(config), [kernel, recurrent, where.tf.reshape(bias, [2, -1])]);
  },
};

const likeKeras = (config: LayerConfig): LayerConfig =>
  withValues(config, {
    ...config.values,
    activation: 'tanh',
    recurrent_activation: 'sigmoid',
    reset_after: true,
  });

/**
 * Each gate's input kernel, read as [units, features], transposed; each recurrent kernel transposed; the bias as it is.
 */
function convertWeights(
  tf: TF,
  config: LayerConfig,
  weights: readonly Tensor[],
  gates: number,
): [Tensor, Tensor, Tensor] {
  const kernel = tensorAt(config, weights, 0);
  const recurrent = tensorAt(config, weights, 1);
  const [features = 1, columns = 1] = kernel.shape;
  const inputs = tf
    .split(kernel, gates, 1)
    .map((gate) => tf.transpose(tf.reshape(gate, [columns / gates, features])));
  const states = tf.split(recurrent, gates, 1).map((gate) => tf.transpose(gate));
  return [tf.concat(inputs, 1), tf.concat(states, 1), tensorAt(config, weights, 2)];
}
