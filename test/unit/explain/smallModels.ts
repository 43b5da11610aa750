import type { MaskScores, Masks } from '../../../src/server/explain/perturbation/masks';
import { blend } from '../../../src/server/explain/perturbation/masks';

/** Scores of a plain function of the masked input; one value per cell. */
export const scoresOf =
  (
    score: (input: Float32Array) => number,
    input: readonly number[],
    baseline: readonly number[] = input.map(() => 0),
  ): MaskScores =>
  async (masks: Masks) => {
    const layout = { cells: input.length, channels: 1, channelsFirst: false };
    const [values, replaced] = [Float32Array.from(input), Float32Array.from(baseline)];
    return Float64Array.from({ length: masks.count }, (_, i) =>
      score(blend(values, replaced, masks.at(i), layout)),
    );
  };

export const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value) => total + value, 0);

/**
 * Captum's smallest model: Dense 4 of ones with the biases -10, 1, 1, 1, ReLU, Dense 2 of ones with the biases -1 and 1; its
 * first unit.
 */
export const captumModel = (input: ArrayLike<number>): number =>
  [-10, 1, 1, 1].reduce((total, bias) => total + Math.max(0, sum(input) + bias), -1);
