import type { Activation } from './kind';
import { activate, at, type Cell, kept, unactivate } from './recurrentCell';

/** h' = activation(x + h R). */
export function simpleRnnCell(activation: Activation | null): Cell {
  return {
    gates: 1,
    stateCount: 1,
    step(tf, projected, states, { recurrent }) {
      const pre = tf.add(projected, tf.matMul(at(states, 0), recurrent));
      return { states: [activate(tf, activation, pre)], memo: { pre } };
    },
    back(tf, step, _, gradients, { recurrent }) {
      const toPre = unactivate(tf, activation, kept(step, 'pre'), at(step.states, 0), at(gradients, 0));
      return { projected: toPre, states: [tf.matMul(toPre, recurrent, false, true)] };
    },
  };
}
