import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import { activationOf, checkActivation } from '../activations/activations';
import { above, below } from '../activations/comparisons';
import type { Activation, KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { dot } from '../merging/dot';
import { knownSize } from '../support/knownSize';
import { onlyShape } from '../support/layerInputs';
import { identity, oneToOne, onlyTensor, weightAt } from '../support/singleInput';

// Layers of Keras 1 that Keras 2 keeps for old files only (`keras/legacy/layers.py` of 2.2.4, `keras/layers` of 1.2.2).

const trainable = (name: string, shape: readonly number[]): WeightSpec => ({ name, shape, trainable: true });

const hasBias = (config: LayerConfig): boolean => config.bool('bias', true);

/** x . W_k + b_k for all features k: [batch, features, units]. */
function maxoutCandidates(ctx: LayerContext, x: Tensor): { candidates: Tensor; kernel: Tensor } {
  const { tf, config } = ctx;
  const [features = 1, size = 1, units = 1] = weightAt(ctx, 0).shape;
  const kernel = tf.reshape(tf.transpose(weightAt(ctx, 0), [1, 0, 2]), [size, features * units]);
  const sums = tf.reshape(tf.matMul(x, kernel), [-1, features, units]);
  return { candidates: hasBias(config) ? tf.add(sums, weightAt(ctx, 1)) : sums, kernel };
}

/** `MaxoutDense` (Goodfellow et al. 2013): the elementwise maximum of several products. [batch, n] -> [batch, units]. */
const maxoutDense: LayerKind = {
  outputShapes: (config, inputs) => [[onlyShape(config, inputs, 2)[0] ?? null, config.int('output_dim')]],
  weights(config, inputs) {
    const size = knownSize(onlyShape(config, inputs, 2), 1, config);
    const [features, units] = [config.int('nb_feature'), config.int('output_dim')];
    const kernel = trainable('W', [features, size, units]);
    return hasBias(config) ? [kernel, trainable('b', [features, units])] : [kernel];
  },
  forward: (ctx, inputs) => [ctx.tf.max(maxoutCandidates(ctx, onlyTensor(inputs, ctx)).candidates, 1)],
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const { candidates, kernel } = maxoutCandidates(ctx, onlyTensor(inputs, ctx));
    const wins = tf.cast(tf.equal(candidates, tf.max(candidates, 1, true)), 'float32');
    // As in TensorFlow's `reduce_max`, ties share the gradient.
    const shares = tf.div(wins, tf.sum(wins, 1, true));
    const toCandidates = tf.mul(tf.expandDims(gradient, 1), shares);
    return tf.matMul(tf.reshape(toCandidates, [-1, kernel.shape[1] ?? 1]), kernel, false, true);
  }),
};

/** `Highway` (Srivastava et al. 2015): t activation(x . W + b) + (1 - t) x with t = sigmoid(x . W_carry + b_carry). */
const highway: LayerKind = {
  outputShapes(config, inputs) {
    checkActivation(config);
    return [onlyShape(config, inputs, 2)];
  },
  weights(config, inputs) {
    const size = knownSize(onlyShape(config, inputs, 2), 1, config);
    const kernels = [trainable('W', [size, size]), trainable('W_carry', [size, size])];
    return hasBias(config) ? [...kernels, trainable('b', [size]), trainable('b_carry', [size])] : kernels;
  },
  forward(ctx, inputs) {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const { gate, own } = highwayParts(ctx, x);
    return [tf.add(tf.mul(gate, own), tf.mul(tf.sub(1, gate), x))];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const { gate, pre, own, activation } = highwayParts(ctx, x);
    const toOwn = tf.mul(gradient, gate);
    const toPre = activation ? activation.backward(tf, pre, own, toOwn) : toOwn;
    const toGate = tf.mul(tf.mul(gradient, tf.sub(own, x)), tf.mul(gate, tf.sub(1, gate)));
    return tf.addN([
      tf.mul(gradient, tf.sub(1, gate)),
      tf.matMul(toPre, weightAt(ctx, 0), false, true),
      tf.matMul(toGate, weightAt(ctx, 1), false, true),
    ]);
  }),
};

function highwayParts(
  ctx: LayerContext,
  x: Tensor,
): { gate: Tensor; pre: Tensor; own: Tensor; activation: Activation | null } {
  const { tf, config } = ctx;
  const product = (kernel: number, bias: number): Tensor => {
    const sums = tf.matMul(x, weightAt(ctx, kernel));
    return hasBias(config) ? tf.add(sums, weightAt(ctx, bias)) : sums;
  };
  const activation = activationOf(config);
  const pre = product(0, 2);
  const own = activation ? activation.forward(tf, pre) : pre;
  return { gate: tf.sigmoid(product(1, 3)), pre, own, activation };
}

/** A layer that is an activation with weights, one per input position. */
function weightedActivation(
  name: string,
  weightNames: readonly string[],
  make: (at: (index: number) => Tensor) => Activation,
): LayerKind {
  return {
    ...identity,
    outputShapes: (config, inputs) => [onlyShape(config, inputs)],
    weights(config, inputs) {
      const shape = onlyShape(config, inputs);
      const sizes = shape.slice(1).map((_, i) => knownSize(shape, i + 1, config));
      return weightNames.map((own) => trainable(own, sizes));
    },
    activationName: () => name,
    activation: (config, weights) => ({
      ...make((index) => {
        const found = weights[index];
        if (found === undefined)
          throw new RangeError(`Layer "${config.path}" was run without weight ${index}.`);
        return found;
      }),
      variesByPosition: weights.some(({ size }) => size > 1),
    }),
  };
}

/** `ParametricSoftplus`: alpha softplus(beta x). */
const parametricSoftplus = weightedActivation('parametric_softplus', ['alphas', 'betas'], (at) => ({
  name: 'parametric_softplus',
  rectifies: false,
  forward: (tf, pre) => tf.mul(at(0), tf.softplus(tf.mul(at(1), pre))),
  backward: (tf, pre, _out, gradient) =>
    tf.mul(gradient, tf.mul(tf.mul(at(0), at(1)), tf.sigmoid(tf.mul(at(1), pre)))),
}));

/** `SReLU` (Jin et al. 2015): x between two thresholds, a separate slope below the left and above the right one. */
const srelu = weightedActivation('srelu', ['t_left', 'a_left', 't_right', 'a_right'], (at) => ({
  name: 'srelu',
  rectifies: false,
  forward(tf, pre) {
    const width = tf.abs(at(2));
    const [under, over] = [tf.relu(tf.sub(at(0), pre)), tf.relu(tf.sub(tf.sub(pre, at(0)), width))];
    const middle = tf.minimum(tf.relu(tf.sub(pre, at(0))), width);
    return tf.addN([tf.add(at(0), middle), tf.neg(tf.mul(at(1), under)), tf.mul(at(3), over)]);
  },
  backward(tf, pre, _out, gradient) {
    const over = above(tf, tf.sub(tf.sub(pre, at(0)), tf.abs(at(2))), 0);
    const under = below(tf, tf.sub(pre, at(0)), 0);
    const between = tf.sub(tf.sub(1, over), under);
    return tf.mul(gradient, tf.addN([between, tf.mul(at(1), under), tf.mul(at(3), over)]));
  },
}));

/** `Merge(mode='cos')`: the cosine of two vectors, [batch, n] twice -> [batch, 1]. */
const cosine: LayerKind = {
  ...dot,
  outputShapes(config, inputs) {
    if (inputs.some((shape) => shape.length !== 2)) {
      return fail(
        'not-applicable',
        l10n.t(
          'Layer "{0}" merges inputs that are not vectors by "cos", which Keras 1 does not compute.',
          config.path,
        ),
        { subject: config.path, remedy: l10n.t('Layers before this one can be explained.') },
      );
    }
    return dot.outputShapes(config, inputs);
  },
};

export const keras1Layers: KindTable = {
  MaxoutDense: maxoutDense,
  Highway: highway,
  ParametricSoftplus: parametricSoftplus,
  SReLU: srelu,
  'Merge(mode=cos)': cosine,
};
