import type { Activation } from './kind';
import { activate, at, type Cell, kept, unactivate } from './recurrentCell';

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997) in Keras's order of gates: input, forget, candidate, output.
 * c' = f c + i g, h' = o activation(c').
 */
export function lstmCell(activation: Activation | null, gate: Activation | null): Cell {
  return {
    gates: 4,
    stateCount: 2,
    step(tf, projected, states, { recurrent }) {
      const all = tf.add(projected, tf.matMul(at(states, 0), recurrent));
      const parts = tf.split(all, 4, 1);
      const [preI, preF, preG, preO] = [at(parts, 0), at(parts, 1), at(parts, 2), at(parts, 3)];
      const i = activate(tf, gate, preI);
      const f = activate(tf, gate, preF);
      const g = activate(tf, activation, preG);
      const o = activate(tf, gate, preO);
      const carry = tf.add(tf.mul(f, at(states, 1)), tf.mul(i, g));
      const active = activate(tf, activation, carry);
      return { states: [tf.mul(o, active), carry], memo: { preI, preF, preG, preO, i, f, g, o, active } };
    },
    back(tf, step, states, gradients, { recurrent }) {
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
        1,
      );
      return {
        projected,
        states: [tf.matMul(projected, recurrent, false, true), tf.mul(toCarry, value('f'))],
      };
    },
  };
}
