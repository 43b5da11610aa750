import type { ExactProbability } from '../../shared/layerValues';
import type { Activation } from '../layers/kind';

/** float32 rounding of the layer's own value. */
const TOLERANCE = 1e-4;

/**
 * The probability at one place of a softmax over the last axis, or of a sigmoid, computed in double precision from the logits:
 * float32 rounds it to 0 or 1.
 * @param units length of the last axis
 * @returns `null` for other activations, and where the layer computed something else (a softmax over another axis)
 */
export function exactProbability(
  activation: Activation | null,
  logits: ArrayLike<number>,
  after: ArrayLike<number>,
  place: number,
  units: number,
): ExactProbability | null {
  const exact =
    activation?.name === 'softmax'
      ? ofSoftmax(logits, place, units)
      : activation?.name === 'sigmoid'
        ? ofSigmoid(logits[place] ?? Number.NaN)
        : null;
  if (exact === null || Number.isNaN(exact.log)) return null;
  return Math.abs(Math.exp(exact.log) - (after[place] ?? Number.NaN)) <= TOLERANCE ? exact : null;
}

function ofSoftmax(logits: ArrayLike<number>, place: number, units: number): ExactProbability {
  const start = place - (place % units);
  const own = logits[place] ?? Number.NaN;
  const others: number[] = [];
  for (let i = start; i < start + units; i++) if (i !== place) others.push(logits[i] ?? Number.NaN);
  const rest = logSumExp(others);
  const all = logSumExp([own, rest]);
  return { log: own - all, logOfComplement: rest - all };
}

const ofSigmoid = (logit: number): ExactProbability => ({
  log: -softplus(-logit),
  logOfComplement: -softplus(logit),
});

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

function logSumExp(values: readonly number[]): number {
  const top = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(top)) return top;
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}
