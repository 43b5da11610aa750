import { fail } from '../../shared/errors';
import type { BackwardStep, LayerContext, LayerKind, Tensor } from './kind';

/**
 * dScore/dInput of a layer inside another, one an input, `null` for integers.
 * @throws Failure `not-applicable` for a kind without a rule of its own: TF.js's tape would need every gradient function
 *   registered, and every layer kind that there is has its rule.
 */
export function backThrough(
  kind: LayerKind,
  ctx: LayerContext,
  step: BackwardStep,
): readonly (Tensor | null)[] {
  if (kind.backward) return kind.backward(ctx, step);
  return fail('not-applicable', `Layer "${ctx.config.path}" holds a layer whose gradient is not known.`, {
    subject: ctx.config.path,
    remedy: 'Explain a layer behind it, or one before it by a method without gradients.',
  });
}
