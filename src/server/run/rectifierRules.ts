import type { Tensor, TF } from '../layers/kind';

/** A rectifier (ReLU family) on the way back. */
export interface RectifierStep {
  /** Before and after the rectifier. */
  readonly pre: Tensor;
  readonly out: Tensor;
  /** dScore/dOut, or what a rule made of it further on, of the shape of `out`. */
  readonly gradient: Tensor;
  /** The rectifier's own backward step: `gradient` where `pre` passes, 0 elsewhere. */
  readonly backward: (gradient: Tensor) => Tensor;
}

/** What a rectifier does to the gradient of a walk: one value per rule, which a walk calls and does not know by name. */
export interface RectifierRule {
  /** Walks of the same score under rules of different names are kept apart. */
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
