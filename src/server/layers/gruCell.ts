import type { Activation, Tensor, TF } from './kind';
import { activate, at, type Cell, type CellWeights, kept, unactivate } from './recurrentCell';

/**
 * Gated recurrent unit in Keras's order of gates: update z, reset r, candidate. h' = z h + (1 - z) g.
 * @param resetAfter the reset gate meets h R (cuDNN's and Keras's default), else h itself (Cho et al. 2014).
 */
export function gruCell(activation: Activation | null, gate: Activation | null, resetAfter: boolean): Cell {
  return {
    gates: 3,
    stateCount: 1,
    step(tf, projected, states, weights) {
      const h = at(states, 0);
      const inputs = tf.split(projected, 3, 1);
      const recurrents = resetAfter ? tf.split(inner(tf, h, weights), 3, 1) : beforeReset(tf, h, weights);
      const preZ = tf.add(at(inputs, 0), at(recurrents, 0));
      const preR = tf.add(at(inputs, 1), at(recurrents, 1));
      const z = activate(tf, gate, preZ);
      const r = activate(tf, gate, preR);
      const own = resetAfter ? at(recurrents, 2) : h;
      const recalled = resetAfter ? tf.mul(r, own) : tf.matMul(tf.mul(r, h), candidateKernel(tf, weights));
      const preG = tf.add(at(inputs, 2), recalled);
      const g = activate(tf, activation, preG);
      const next = tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), g));
      return { states: [next], memo: { preZ, preR, preG, z, r, g, own } };
    },
    back(tf, step, states, gradients, weights) {
      const value = (name: string) => kept(step, name);
      const [h, toNext] = [at(states, 0), at(gradients, 0)];
      const toG = tf.mul(toNext, tf.sub(1, value('z')));
      const toPreG = unactivate(tf, activation, value('preG'), value('g'), toG);
      // What the reset gate lets through: h R without bias of the candidate, or h itself.
      const toRecalled = resetAfter ? toPreG : tf.matMul(toPreG, candidateKernel(tf, weights), false, true);
      const toPreR = unactivate(tf, gate, value('preR'), value('r'), tf.mul(toRecalled, value('own')));
      const toZ = tf.mul(toNext, tf.sub(h, value('g')));
      const toPreZ = unactivate(tf, gate, value('preZ'), value('z'), toZ);
      const toOwn = tf.mul(toRecalled, value('r'));
      const direct = tf.mul(toNext, value('z'));
      const throughKernel = resetAfter
        ? tf.matMul(tf.concat([toPreZ, toPreR, toOwn], 1), weights.recurrent, false, true)
        : tf.add(tf.matMul(tf.concat([toPreZ, toPreR], 1), gateKernel(tf, weights), false, true), toOwn);
      return {
        projected: tf.concat([toPreZ, toPreR, toPreG], 1),
        states: [tf.add(direct, throughKernel)],
      };
    },
  };
}

/** h R + bias, for all three blocks. */
function inner(tf: TF, h: Tensor, { recurrent, recurrentBias }: CellWeights): Tensor {
  const product = tf.matMul(h, recurrent);
  return recurrentBias ? tf.add(product, recurrentBias) : product;
}

const beforeReset = (tf: TF, h: Tensor, weights: CellWeights): Tensor[] =>
  tf.split(tf.matMul(h, gateKernel(tf, weights)), 2, 1);

/** The columns of the update and the reset gate. */
function gateKernel(tf: TF, { recurrent }: CellWeights): Tensor {
  const [units = 1, columns = 3] = recurrent.shape;
  return tf.slice(recurrent, [0, 0], [units, (columns / 3) * 2]);
}

/** The columns of the candidate. */
function candidateKernel(tf: TF, { recurrent }: CellWeights): Tensor {
  const [units = 1, columns = 3] = recurrent.shape;
  return tf.slice(recurrent, [0, (columns / 3) * 2], [units, columns / 3]);
}
