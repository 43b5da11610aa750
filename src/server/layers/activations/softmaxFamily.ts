import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Activation, Tensor, TF } from '../kind';
import { axisAt } from '../support/axes';

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
 * `keras.activations.sparsemax` as Keras computes it: max(x - tau, 0). Keras's tau sums the cumulative sums over the
 * support where Martins and Astudillo (2016) use the last one, so that its output need not sum to 1. Models were trained
 * with that formula.
 */
export function sparsemax(args: LayerConfig): Activation {
  const axis = args.int('axis', -1);
  return {
    name: 'sparsemax',
    rectifies: false,
    forward: (tf, x) =>
      alongLast(tf, axisAt(axis, x.rank, args), [x], ([rows]) =>
        tf.relu(tf.sub(rows, sparsemaxThreshold(tf, rows).tau)),
      ),
    backward: (tf, x, y, gradient) =>
      alongLast(tf, axisAt(axis, x.rank, args), [x, y, gradient], ([rows, out, dy]) => {
        const kept = tf.mul(dy, tf.cast(tf.greater(out, 0), 'float32'));
        return tf.sub(kept, tf.mul(sparsemaxThreshold(tf, rows).slope, tf.sum(kept, -1, true)));
      }),
  };
}

/** For each row the threshold `tau` and dTau/dRow, which is (k - i + 1) / k for the i-th largest of k values in the support. */
function sparsemaxThreshold(tf: TF, rows: Tensor): { tau: Tensor; slope: Tensor } {
  const size = rows.shape[rows.rank - 1] ?? 0;
  const sorted = tf.topk(rows, size, true);
  const sums = tf.cumsum(sorted.values, rows.rank - 1);
  const ranks = tf.range(1, size + 1, 1, 'float32');
  const inSupport = tf.cast(tf.greater(tf.sub(sorted.values, tf.div(tf.sub(sums, 1), ranks)), 0), 'float32');
  const count = tf.sum(inSupport, -1, true);
  const tau = tf.div(tf.sub(tf.sum(tf.mul(sums, inSupport), -1, true), 1), count);
  // Sorting the indices of the sorted values yields the rank of each value.
  const rank = tf.topk(tf.neg(tf.cast(sorted.indices, 'float32')), size, true).indices;
  return { tau, slope: tf.div(tf.relu(tf.sub(count, tf.cast(rank, 'float32'))), count) };
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
        l10n.t('Layer "{0}": glu needs an even size along axis {1}, not {2}.', args.path, axis, size),
        {
          subject: args.path,
        },
      );
    }
    const [value, gate] = tf.split(x, 2, at);
    if (value === undefined || gate === undefined) throw new RangeError('tf.split did not return two parts.');
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
  const found = axes.map((axis) => axisAt(axis, x.rank, args));
  return new Set(found).size === found.length ? found : args.bad('axis', l10n.t('different axes'), axes);
}

/** Runs `work` on tensors of the same shape with `axis` moved to the end, and moves it back in the result. */
function alongLast<T extends Tensor[]>(
  tf: TF,
  axis: number,
  tensors: readonly [...T],
  work: (rows: readonly [...T]) => Tensor,
): Tensor {
  const rank = tensors[0]?.rank ?? 0;
  if (axis === rank - 1) return work(tensors);
  const swapped = Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const moved = tensors.map((tensor) => tf.transpose(tensor, swapped)) as [...T];
  return tf.transpose(work(moved), swapped);
}
