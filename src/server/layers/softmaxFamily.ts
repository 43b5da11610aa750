import { fail } from '../../shared/errors';
import type { LayerConfig } from '../graph/layerConfig';
import { axisAt } from './axes';
import type { Activation, Tensor, TF } from './kind';

/**
 * `keras.activations.softmax` and `keras.layers.Softmax` over one axis or, for the layer, a list of axes.
 * Backward: y * (g - sum(g * y)).
 */
export function softmax(args: LayerConfig): Activation {
  const axes = axesOf(args);
  return {
    name: 'softmax',
    rectifies: false,
    forward(tf, x) {
      const at = positions(axes, x, args);
      if (at.length === 1 && at[0] === x.rank - 1) return tf.softmax(x);
      const exponentials = tf.exp(tf.sub(x, tf.max(x, at, true)));
      return tf.div(exponentials, tf.sum(exponentials, at, true));
    },
    backward(tf, _x, y, gradient) {
      const weighted = tf.mul(gradient, y);
      return tf.sub(weighted, tf.mul(y, tf.sum(weighted, positions(axes, y, args), true)));
    },
  };
}

/** `keras.activations.log_softmax`: x - log(sum(exp(x))). Backward: g - softmax * sum(g). */
export function logSoftmax(args: LayerConfig): Activation {
  const axes = axesOf(args);
  return {
    name: 'log_softmax',
    rectifies: false,
    forward(tf, x) {
      const at = positions(axes, x, args);
      const shifted = tf.sub(x, tf.max(x, at, true));
      return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), at, true)));
    },
    backward: (tf, _x, y, gradient) =>
      tf.sub(gradient, tf.mul(tf.exp(y), tf.sum(gradient, positions(axes, y, args), true))),
  };
}

/**
 * `keras.activations.sparsemax` (Martins and Astudillo 2016): max(x - tau, 0) that sums to 1.
 * Backward: the gradient less its mean, both over the support.
 */
export function sparsemax(args: LayerConfig): Activation {
  const axis = args.int('axis', -1);
  return {
    name: 'sparsemax',
    rectifies: false,
    forward: (tf, x) => alongLast(tf, x, axisAt(axis, x.rank, args), (rows) => sparsemaxRows(tf, rows)),
    backward(tf, _x, y, gradient) {
      const at = axisAt(axis, y.rank, args);
      const support = tf.cast(tf.greater(y, 0), 'float32');
      const kept = tf.mul(gradient, support);
      const mean = tf.div(tf.sum(kept, at, true), tf.sum(support, at, true));
      return tf.mul(support, tf.sub(gradient, mean));
    },
  };
}

function sparsemaxRows(tf: TF, rows: Tensor): Tensor {
  const size = rows.shape[rows.rank - 1] ?? 0;
  const sorted = tf.topk(rows, size, true).values;
  const sums = tf.cumsum(sorted, rows.rank - 1);
  const ranks = tf.range(1, size + 1, 1, 'float32');
  const inSupport = tf.cast(tf.greater(tf.sub(sorted, tf.div(tf.sub(sums, 1), ranks)), 0), 'float32');
  const count = tf.sum(inSupport, -1, true);
  const tau = tf.div(tf.sub(tf.sum(tf.mul(sorted, inSupport), -1, true), 1), count);
  return tf.relu(tf.sub(rows, tau));
}

/** `keras.activations.glu`: the first half of the axis times the sigmoid of the second; halves the axis. */
export function glu(args: LayerConfig): Activation {
  const axis = args.int('axis', -1);
  const halves = (tf: TF, x: Tensor) => {
    const at = axisAt(axis, x.rank, args);
    const size = x.shape[at] ?? 0;
    if (size % 2 !== 0) {
      return fail(
        'bad-config',
        `Layer "${args.path}": glu needs an even size on axis ${axis}, not ${size}.`,
        {
          subject: args.path,
        },
      );
    }
    const [value, gate] = tf.split(x, 2, at);
    if (value === undefined || gate === undefined) throw new Error('split in two gave no two parts');
    return { value, gate: tf.sigmoid(gate), at };
  };
  return {
    name: 'glu',
    rectifies: false,
    forward(tf, x) {
      const { value, gate } = halves(tf, x);
      return tf.mul(value, gate);
    },
    backward(tf, x, y, gradient) {
      const { gate, at } = halves(tf, x);
      return tf.concat([tf.mul(gradient, gate), tf.mul(gradient, tf.mul(y, tf.sub(1, gate)))], at);
    },
  };
}

function axesOf(args: LayerConfig): number[] {
  return args.has('axis') ? args.intList('axis') : [-1];
}

function positions(axes: readonly number[], x: Tensor, args: LayerConfig): number[] {
  return axes.map((axis) => axisAt(axis, x.rank, args));
}

/** Runs `work` with `axis` moved to the end. */
function alongLast(tf: TF, x: Tensor, axis: number, work: (rows: Tensor) => Tensor): Tensor {
  const last = x.rank - 1;
  if (axis === last) return work(x);
  const swapped = Array.from({ length: x.rank }, (_, i) => (i === axis ? last : i === last ? axis : i));
  return tf.transpose(work(tf.transpose(x, swapped)), swapped);
}
