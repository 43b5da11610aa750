import type { LayerContext, Tensor } from '../kind';
import { featureMask, type Merge } from './mergeMasks';

/** Merging one input with the result of the inputs before it. */
interface Step {
  /** The operands: the result so far and the input, each replaced by the other where it is masked. */
  readonly left: Tensor;
  readonly right: Tensor;
  readonly result: Tensor;
  /** 1 where the result so far (`before`) and the input (`own`) are not masked; `undefined` without a mask. */
  readonly before: Tensor | undefined;
  readonly own: Tensor | undefined;
}

/**
 * Maximum or minimum over the inputs, one after the other, as in Keras: where an input is masked (Keras 3), the result of
 * those before it remains. On ties the gradient goes to the earlier one, as in TensorFlow.
 */
export function extremum(name: 'maximum' | 'minimum'): Merge {
  const wins = name === 'maximum' ? 'greaterEqual' : 'lessEqual';

  function steps(ctx: LayerContext, inputs: readonly Tensor[]): { start: Tensor; steps: Step[] } {
    const { tf } = ctx;
    const [start = tf.scalar(0), ...others] = inputs;
    const made: Step[] = [];
    let result = start;
    let before = featureMask(ctx, 0, start);
    for (const [i, input] of others.entries()) {
      const own = featureMask(ctx, i + 1, input);
      const right = own ? choose(ctx, own, input, result) : input;
      const left = before ? choose(ctx, before, result, right) : result;
      result = tf[name](left, right);
      made.push({ left, right, result, before, own });
      before = before && own ? tf.maximum(before, own) : undefined;
    }
    return { start, steps: made };
  }

  return {
    value(ctx, inputs) {
      const { start, steps: made } = steps(ctx, inputs);
      return made.at(-1)?.result ?? start;
    },
    gradients(ctx, inputs, gradient) {
      const { tf } = ctx;
      const gradients: Tensor[] = [];
      let reaching = gradient;
      for (const { left, right, before, own } of steps(ctx, inputs).steps.reverse()) {
        const leftWins = tf.cast(tf[wins](left, right), 'float32');
        let toLeft = tf.mul(reaching, leftWins);
        let toRight = tf.sub(reaching, toLeft);
        if (before) [toLeft, toRight] = moveMasked(ctx, before, toLeft, toRight);
        if (own) [toRight, toLeft] = moveMasked(ctx, own, toRight, toLeft);
        gradients.unshift(toRight);
        reaching = toLeft;
      }
      return [reaching, ...gradients];
    },
  };
}

/** `a` where the mask is 1, `b` where it is 0. */
function choose({ tf }: LayerContext, mask: Tensor, a: Tensor, b: Tensor): Tensor {
  return tf.add(tf.mul(a, mask), tf.mul(b, tf.sub(1, mask)));
}

/** The gradients before `choose`: where the mask is 0, `own` moves to `other`. */
function moveMasked({ tf }: LayerContext, mask: Tensor, own: Tensor, other: Tensor): [Tensor, Tensor] {
  const kept = tf.mul(own, mask);
  return [kept, tf.add(other, tf.sub(own, kept))];
}
