import { activationOf } from '../activations/activations';
import { tensorAt } from '../support/layerInputs';
import { areDefaults, denseProjection, denseWeights, operatorWeights, unitStates } from './denseCell';
import { activate, at, type CellRule, kept, unactivate } from './recurrentCell';

/** h' = activation(x + h R). */
export const simpleRnnCell: CellRule = {
  stateShapes: (config, input) => unitStates(config, input, 1),
  weights: (config, input) =>
    denseWeights(config, input, 1, config.bool('use_bias', true) ? [config.int('units')] : null),
  bind({ tf }, config, weights) {
    const activation = activationOf(config);
    const recurrent = tensorAt(config, weights, 1);
    return {
      ...denseProjection(tf, tensorAt(config, weights, 0), weights[2] ?? null),
      step(projected, states) {
        const pre = tf.add(projected, tf.matMul(at(states, 0), recurrent));
        return { states: [activate(tf, activation, pre)], memo: { pre } };
      },
      back(step, _, gradients) {
        const toPre = unactivate(tf, activation, kept(step, 'pre'), at(step.states, 0), at(gradients, 0));
        return { projected: toPre, states: [tf.matMul(toPre, recurrent, false, true)] };
      },
      ...(areDefaults(activation) && {
        operator: () => ({ name: 'RNN', weights: operatorWeights(tf, weights, [0]) }),
      }),
    };
  },
};
