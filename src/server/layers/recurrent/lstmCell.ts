import { activationOf } from '../activations/activations';
import type { Activation, Tensor, TF } from '../kind';
import { tensorAt } from '../support/layerInputs';
import { areDefaults, denseProjection, denseWeights, operatorWeights, unitStates } from './denseCell';
import { activate, at, type Cell, type CellRule, kept, unactivate } from './recurrentCell';

/** Long short-term memory (Hochreiter and Schmidhuber 1997). */
export const lstmCell: CellRule = {
  stateShapes: (config, input) => unitStates(config, input, 2),
  weights: (config, input) =>
    denseWeights(config, input, 4, config.bool('use_bias', true) ? [4 * config.int('units')] : null),
  bind({ tf }, config, weights) {
    const recurrent = tensorAt(config, weights, 1);
    const [activation, gate] = [activationOf(config), activationOf(config, 'recurrent_activation')];
    return {
      ...denseProjection(tf, tensorAt(config, weights, 0), weights[2] ?? null),
      ...lstmSteps(tf, activation, gate, {
        project: (h) => tf.matMul(h, recurrent),
        unproject: (gradient) => tf.matMul(gradient, recurrent, false, true),
      }),
      ...(areDefaults(activation, gate) && {
        // ONNX has the output gate before the forget gate and the candidate.
        operator: () => ({ name: 'LSTM', weights: operatorWeights(tf, weights, [0, 3, 1, 2]) }),
      }),
    };
  },
};

/** The contribution of the previous output to the gates, and its gradient. */
export interface Recurrent {
  project(h: Tensor): Tensor;
  unproject(gradient: Tensor, shape: readonly number[]): Tensor;
}

/**
 * The gates, in Keras's order along the last axis: input, forget, candidate, output. c' = f c + i g, h' = o activation(c').
 */
export function lstmSteps(
  tf: TF,
  activation: Activation | null,
  gate: Activation | null,
  recurrent: Recurrent,
): Pick<Cell, 'step' | 'back'> {
  return {
    step(projected, states) {
      const all = tf.add(projected, recurrent.project(at(states, 0)));
      const parts = tf.split(all, 4, -1);
      const [preI, preF, preG, preO] = [at(parts, 0), at(parts, 1), at(parts, 2), at(parts, 3)];
      const i = activate(tf, gate, preI);
      const f = activate(tf, gate, preF);
      const g = activate(tf, activation, preG);
      const o = activate(tf, gate, preO);
      const carry = tf.add(tf.mul(f, at(states, 1)), tf.mul(i, g));
      const active = activate(tf, activation, carry);
      return { states: [tf.mul(o, active), carry], memo: { preI, preF, preG, preO, i, f, g, o, active } };
    },
    back(step, states, gradients) {
      const value = (name: string) => kept(step, name);
      const [toOut, carry] = [at(gradients, 0), at(step.states, 1)];
      const toActive = tf.mul(toOut, value('o'));
      const toCarry = tf.add(at(gradients, 1), unactivate(tf, activation, carry, value('active'), toActive));
      const projected = tf.concat(
        [
          unactivate(tf, gate, value('preI'), value('i'), tf.mul(toCarry, value('g'))),
          unactivate(tf, gate, value('preF'), value('f'), tf.mul(toCarry, at(states, 1))),
          unactivate(tf, activation, value('preG'), value('g'), tf.mul(toCarry, value('i'))),
          unactivate(tf, gate, value('preO'), value('o'), tf.mul(toOut, value('active'))),
        ],
        -1,
      );
      return {
        projected,
        states: [recurrent.unproject(projected, at(states, 0).shape), tf.mul(toCarry, value('f'))],
      };
    },
  };
}
