import type { LayerConfig } from '../../graph/layerConfig';
import { activationOf } from '../activations/activations';
import type { Activation, Tensor, TF } from '../kind';
import { tensorAt } from '../support/layerInputs';
import { areDefaults, denseProjection, denseWeights, operatorWeights, unitStates } from './denseCell';
import { activate, at, type Cell, type CellRule, kept, unactivate } from './recurrentCell';

/** Gated recurrent unit. */
export const gruCell: CellRule = {
  stateShapes: (config, input) => unitStates(config, input, 1),
  weights(config, input) {
    const columns = 3 * config.int('units');
    // With `reset_after` the input and the state have separate biases.
    const bias = resetsAfter(config) ? [2, columns] : [columns];
    return denseWeights(config, input, 3, config.bool('use_bias', true) ? bias : null);
  },
  bind({ tf }, config, weights) {
    const bias = weights[2];
    const [outer, inner] = bias?.rank === 2 ? tf.unstack(bias) : [bias];
    const [activation, gate] = [activationOf(config), activationOf(config, 'recurrent_activation')];
    const resetAfter = resetsAfter(config);
    return {
      ...denseProjection(tf, tensorAt(config, weights, 0), outer ?? null),
      ...gruSteps(tf, activation, gate, {
        kernel: tensorAt(config, weights, 1),
        bias: inner ?? null,
        resetAfter,
      }),
      ...(areDefaults(activation, gate) && {
        operator: () => ({
          name: 'GRU',
          weights: operatorWeights(tf, weights, [0, 1, 2]),
          resetsAfter: resetAfter,
        }),
      }),
    };
  },
};

/** Files of Keras 2 from before this argument existed mean false. */
const resetsAfter = (config: LayerConfig): boolean => config.bool('reset_after', false);

interface Recurrent {
  /** [units, 3 * units] */
  readonly kernel: Tensor;
  /** [3 * units], added before the reset gate. */
  readonly bias: Tensor | null;
  /** Whether the reset gate multiplies h R (cuDNN and Keras's default) or h itself (Cho et al. 2014). */
  readonly resetAfter: boolean;
}

/** The gates, in Keras's order: update z, reset r, candidate. h' = z h + (1 - z) g. */
export function gruSteps(
  tf: TF,
  activation: Activation | null,
  gate: Activation | null,
  recurrent: Recurrent,
): Pick<Cell, 'step' | 'back'> {
  const { kernel, resetAfter } = recurrent;
  return {
    step(projected, states) {
      const h = at(states, 0);
      const inputs = tf.split(projected, 3, 1);
      const recurrents = resetAfter ? tf.split(inner(tf, h, recurrent), 3, 1) : gateSums(tf, h, kernel);
      const preZ = tf.add(at(inputs, 0), at(recurrents, 0));
      const preR = tf.add(at(inputs, 1), at(recurrents, 1));
      const z = activate(tf, gate, preZ);
      const r = activate(tf, gate, preR);
      const own = resetAfter ? at(recurrents, 2) : h;
      const recalled = resetAfter ? tf.mul(r, own) : tf.matMul(tf.mul(r, h), candidateKernel(tf, kernel));
      const preG = tf.add(at(inputs, 2), recalled);
      const g = activate(tf, activation, preG);
      const next = tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), g));
      return { states: [next], memo: { preZ, preR, preG, z, r, g, own } };
    },
    back(step, states, gradients) {
      const value = (name: string) => kept(step, name);
      const [h, toNext] = [at(states, 0), at(gradients, 0)];
      const toG = tf.mul(toNext, tf.sub(1, value('z')));
      const toPreG = unactivate(tf, activation, value('preG'), value('g'), toG);
      // The gradient behind the reset gate: of h R + bias for the candidate, or of h itself.
      const toRecalled = resetAfter ? toPreG : tf.matMul(toPreG, candidateKernel(tf, kernel), false, true);
      const toPreR = unactivate(tf, gate, value('preR'), value('r'), tf.mul(toRecalled, value('own')));
      const toZ = tf.mul(toNext, tf.sub(h, value('g')));
      const toPreZ = unactivate(tf, gate, value('preZ'), value('z'), toZ);
      const toOwn = tf.mul(toRecalled, value('r'));
      const direct = tf.mul(toNext, value('z'));
      const throughKernel = resetAfter
        ? tf.matMul(tf.concat([toPreZ, toPreR, toOwn], 1), kernel, false, true)
        : tf.add(tf.matMul(tf.concat([toPreZ, toPreR], 1), gateKernel(tf, kernel), false, true), toOwn);
      return {
        projected: tf.concat([toPreZ, toPreR, toPreG], 1),
        states: [tf.add(direct, throughKernel)],
      };
    },
  };
}

/** h R + bias, for all three blocks. */
function inner(tf: TF, h: Tensor, { kernel, bias }: Recurrent): Tensor {
  const product = tf.matMul(h, kernel);
  return bias ? tf.add(product, bias) : product;
}

const gateSums = (tf: TF, h: Tensor, kernel: Tensor): Tensor[] =>
  tf.split(tf.matMul(h, gateKernel(tf, kernel)), 2, 1);

/** The columns of the update and the reset gate. */
function gateKernel(tf: TF, kernel: Tensor): Tensor {
  const [units = 1, columns = 3] = kernel.shape;
  return tf.slice(kernel, [0, 0], [units, (columns / 3) * 2]);
}

/** The columns of the candidate. */
function candidateKernel(tf: TF, kernel: Tensor): Tensor {
  const [units = 1, columns = 3] = kernel.shape;
  return tf.slice(kernel, [0, (columns / 3) * 2], [units, columns / 3]);
}
