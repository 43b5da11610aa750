import { mapInto } from '../../../shared/mapInto';
export interface DropAndIncrease {
  /** Mean over the inputs of the relative loss of score, 0 where the score rose. */
  readonly averageDrop: number;
  /** The share of inputs whose score rose. */
  readonly increase: number;
}

/**
 * How much of the score is lost when only what the map highlights is kept. For scores that are at least 0, such as
 * probabilities; one that is 0 has nothing to lose.
 * Chattopadhay et al., "Grad-CAM++", WACV 2018, section 4.1.
 * @param whole scores of the inputs
 * @param kept scores of the same inputs times their normalised maps
 */
export function dropAndIncrease(whole: ArrayLike<number>, kept: ArrayLike<number>): DropAndIncrease {
  let [drops, rises] = [0, 0];
  for (let i = 0; i < whole.length; i++) {
    const [before = 0, after = 0] = [whole[i], kept[i]];
    if (before > 0) drops += Math.max(0, before - after) / before;
    if (after > before) rises++;
  }
  return { averageDrop: drops / whole.length, increase: rises / whole.length };
}

/** The mask that keeps what a map highlights: its values scaled to 0..1; ones for a constant map. */
export function highlightMask(map: ArrayLike<number>): Float32Array {
  const values = Float64Array.from(map);
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return mapInto(new Float32Array(values.length), values, (value) =>
    high > low ? (value - low) / (high - low) : 1,
  );
}
