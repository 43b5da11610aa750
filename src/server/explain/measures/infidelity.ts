import { pearson } from '../../../shared/maps/rankCorrelation';
import { shuffled } from '../../../shared/random';
import type { MaskScores, Masks } from '../perturbation/masks';

export interface Faithfulness {
  /** Mean square of the difference between the loss of score that the map predicts and the actual loss. */
  readonly infidelity: number;
  /** The same after the map is scaled by the factor that fits best, for maps in other units than the score. */
  readonly scaledInfidelity: number;
  /** Pearson correlation of the predicted and the actual loss (Bhatt et al. 2020); NaN where one of them never varies. */
  readonly correlation: number;
}

/**
 * Whether the map says how much the score loses when cells are replaced by the baseline: for each mask, the sum of the map over what
 * is removed against the actual loss.
 * Yeh et al., "On the (In)fidelity and Sensitivity of Explanations", NeurIPS 2019, with perturbations to a baseline.
 * @param map contributions relative to the baseline, in units of the score
 */
export async function faithfulness(
  map: ArrayLike<number>,
  masks: Masks,
  scores: MaskScores,
): Promise<Faithfulness> {
  const all: Masks = {
    count: masks.count + 1,
    at: (index) => (index === 0 ? new Float32Array(map.length).fill(1) : masks.at(index - 1)),
  };
  const [whole = 0, ...rest] = await scores(all);
  const lost = rest.map((score) => whole - score);
  const predicted = lost.map((_, index) =>
    masks.at(index).reduce((sum, kept, cell) => sum + (1 - kept) * (map[cell] ?? 0), 0),
  );
  const square = predicted.reduce((sum, value) => sum + value * value, 0);
  const product = predicted.reduce((sum, value, i) => sum + value * (lost[i] ?? 0), 0);
  const error = (factor: number): number =>
    predicted.reduce((sum, value, i) => sum + (factor * value - (lost[i] ?? 0)) ** 2, 0) / predicted.length;
  return {
    infidelity: error(1),
    scaledInfidelity: error(square > 0 ? product / square : 0),
    correlation: pearson(predicted, lost),
  };
}

/** Masks that each remove `size` cells at random: sensitivity-n of Ancona et al. 2018. */
export function randomRemovals(
  cells: number,
  { size, count, uniform }: { size: number; count: number; uniform: () => number },
): Masks {
  const removed = Array.from({ length: count }, () => shuffled(cells, uniform).slice(0, size));
  return {
    count,
    at(index) {
      const mask = new Float32Array(cells).fill(1);
      for (const cell of removed[index] ?? []) mask[cell] = 0;
      return mask;
    },
  };
}
