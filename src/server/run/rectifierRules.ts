import type { Tensor, TF } from '../layers/kind';

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
