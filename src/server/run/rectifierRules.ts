import { below, blend } from '../layers/activations/comparisons';
import type { Tensor, TF } from '../layers/kind';
import type { Trace } from './trace';

/** A rectifier (ReLU family), or another elementwise activation, in the backward pass. */
export interface RectifierStep {
  /** Path of the node that it belongs to. */
  readonly node: string;
  /** Before and after the activation. */
  readonly pre: Tensor;
  readonly out: Tensor;
  /** dScore/dOut, or the result of a rule at a later rectifier; of the shape of `out`. */
  readonly gradient: Tensor;
  /** The activation's own backward step; of a rectifier, `gradient` where `pre` passes and 0 elsewhere. */
  readonly backward: (gradient: Tensor) => Tensor;
}

/** How a walk changes the gradient at rectifiers. */
export interface RectifierRule {
  /** Identifies the rule: walks of the same score under different rules are separate. */
  readonly name: string;
  /** False for a rule that depends on more than its step. */
  readonly isRepeatable?: false;
  /** The gradient before the rectifier, of the shape of `pre`. Runs inside a `tf.tidy`. */
  readonly atRectifier: (tf: TF, step: RectifierStep) => Tensor;
  /** The same at other elementwise activations (not softmax and the like); by default their true gradient. */
  readonly atElementwise?: (tf: TF, step: RectifierStep) => Tensor;
}

/** The true gradient. */
export const GRADIENT: RectifierRule = {
  name: 'gradient',
  atRectifier: (_, { gradient, backward }) => backward(gradient),
};

/** Guided backpropagation: the gradient, of its positive part only. Springenberg et al. 2015. */
export const GUIDED: RectifierRule = {
  name: 'guided',
  atRectifier: (tf, { gradient, backward }) => backward(tf.relu(gradient)),
};

/** DeconvNet: the positive part of the gradient, wherever the input of the rectifier was. Zeiler and Fergus 2014. */
export const DECONVNET: RectifierRule = {
  name: 'deconvnet',
  atRectifier: (tf, { gradient }) => tf.relu(gradient),
};

/** Where the values before an activation differ by less, their difference is rounding, and the slope is taken. */
const SAME_PRE = 1e-7;

/**
 * DeepLIFT's rescale rule: the change of an activation from that of a reference run, per change of the value before it.
 * Shrikumar et al. 2017.
 * @param reference read while the walk goes on
 */
export function rescaleRule(reference: Pick<Trace, 'values'>): RectifierRule {
  const atElementwise = (tf: TF, { node, pre, out, gradient, backward }: RectifierStep): Tensor => {
    const other = reference.values.get(node);
    const [otherOut] = other?.outputs ?? [];
    // A node that the run did not compute is as it was.
    if (!other?.pre || !otherOut) return backward(gradient);
    const change = tf.sub(pre, other.pre);
    const isSame = below(tf, tf.abs(change), SAME_PRE);
    // By 1 where the change is none, and the ratio is not taken.
    const ratio = tf.div(tf.sub(out, otherOut), tf.add(change, isSame));
    return blend(tf, isSame, backward(gradient), tf.mul(gradient, ratio));
  };
  return { name: 'rescale', isRepeatable: false, atRectifier: atElementwise, atElementwise };
}
