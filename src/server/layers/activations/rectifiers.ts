import type { LayerConfig } from '../../graph/layerConfig';
import type { Activation, Tensor, TF } from '../kind';
import { withValues } from '../support/records';
import { reluLabel } from './activationSpec';
import { above, below, blend } from './comparisons';

/**
 * `keras.activations.relu` and `keras.layers.ReLU`: x above `threshold`, clipped at `max_value`;
 * `negative_slope * (x - threshold)` below. Gradients at the kinks match TensorFlow, where they depend on the operation
 * that Keras picks: 0 for ReLU at 0 and ReLU6 at 6, the negative slope for x <= 0, 1 up to and including another maximum.
 */
export function relu(args: LayerConfig): Activation {
  const slope = args.has('negative_slope') ? args.number('negative_slope') : 0;
  const threshold = args.has('threshold') ? args.number('threshold') : 0;
  const maximum = args.has('max_value') ? args.number('max_value') : null;
  if (slope !== 0 && maximum === null && threshold === 0) return { ...slopedAtZero(slope), name: 'relu' };
  const isRelu6 = maximum === 6 && threshold === 0;
  /** 1 where x is passed on as it is. */
  const passes = (tf: TF, x: Tensor): Tensor => {
    // The product is positive between both ends only, and not 0 there: the difference from 6 is at least 2^-21.
    if (isRelu6) return tf.step(tf.mul(x, tf.sub(maximum, x)));
    const positive = above(tf, x, threshold);
    return maximum === null ? positive : tf.mul(positive, tf.sub(1, above(tf, x, maximum)));
  };

  return {
    name: reluLabel(args),
    rectifies: slope === 0,
    forward(tf, x) {
      let positive: Tensor;
      if (isRelu6) positive = tf.relu6(x);
      else if (threshold !== 0) positive = tf.where(tf.greater(x, threshold), x, tf.zerosLike(x));
      else positive = tf.relu(x);
      if (maximum !== null && !isRelu6) positive = tf.minimum(tf.maximum(positive, 0), maximum);
      if (slope === 0) return positive;
      return tf.sub(positive, tf.mul(tf.relu(tf.sub(threshold, x)), slope));
    },
    backward(tf, x, _out, gradient) {
      const positive = passes(tf, x);
      if (slope === 0) return tf.mul(gradient, positive);
      const negative = tf.mul(below(tf, x, threshold), slope);
      return tf.mul(gradient, tf.add(positive, negative));
    },
  };
}

/** `keras.activations.relu6`. */
export function relu6(args: LayerConfig): Activation {
  return { ...relu(withValues(args, { max_value: 6 })), name: 'relu6' };
}

/** `keras.activations.leaky_relu`: x above 0, otherwise `negative_slope * x` (default 0.2). */
export function leakyRelu(args: LayerConfig): Activation {
  return slopedAtZero(args.number('negative_slope', 0.2));
}

function slopedAtZero(slope: number): Activation {
  return {
    name: 'leaky_relu',
    rectifies: false,
    forward: (tf, x) => tf.leakyRelu(x, slope),
    backward: (tf, x, _out, gradient) => tf.mul(gradient, blend(tf, above(tf, x, 0), 1, slope)),
  };
}

/**
 * `keras.layers.PReLU`: x above 0, `alpha * x` below; gradient 0 at 0.
 * @param alpha slopes, broadcast over the batch and the shared axes.
 */
export function prelu(alpha: Tensor): Activation {
  return {
    name: 'prelu',
    rectifies: false,
    variesByPosition: alpha.size > 1,
    forward: (tf, x) => tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), alpha)),
    backward(tf, x, _out, gradient) {
      const slope = tf.add(above(tf, x, 0), tf.mul(below(tf, x, 0), alpha));
      return tf.mul(gradient, slope);
    },
  };
}
