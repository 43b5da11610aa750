import type { Tensor, TF } from '../layers/kind';

/** A rectifier (ReLU family) in the backward pass. */
export interface RectifierStep {
  /** Before and after the rectifier. */
  readonly pre: Tensor;
  readonly out: Tensor;
  /** dScore/dOut, or the result of a rule at a later rectifier; of the shape of `out`. */
  readonly gradient: Tensor;
  /** The rectifier's own backward step: `gradient` where `pre` passes, 0 elsewhere. */
  readonly backward: (gradient: Tensor) => Tensor;
}

/** How a walk changes the gradient at rectifiers. */
export interface RectifierRule {
  /** Identifies the rule: walks of the same score under different rules are separate. */
  readonly name: string;
  /** The gradient before the rectifier, of the shape of `pre`. Runs inside a `tf.tidy`. */
  atRectifier(tf: TF, step: RectifierStep): Tensor;
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
