import type { MaskScores } from '../perturbation/masks';

/**
 * The number of cells on which map and model disagree: the map is 0 there (within `epsilon`) and the score changes when the
 * cell is replaced by the baseline, or the other way round. A cell that equals the baseline cannot show that it matters.
 * Nguyen and Martinez, "On Quantitative Aspects of Model Interpretability", 2020.
 */
export async function nonSensitivity(
  map: ArrayLike<number>,
  scores: MaskScores,
  epsilon = 1e-5,
): Promise<number> {
  const cells = map.length;
  const found = await scores({
    count: cells + 1,
    at: (index) => new Float32Array(cells).fill(1).map((kept, cell) => (cell === index - 1 ? 0 : kept)),
  });
  const [whole = 0, ...changed] = found;
  return changed.filter((score, cell) => {
    const isInMap = Math.abs(map[cell] ?? 0) >= epsilon;
    const isInModel = Math.abs(score - whole) >= epsilon;
    return isInMap !== isInModel;
  }).length;
}
