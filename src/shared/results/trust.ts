/** How far a map can be trusted. */
export type Verdict = 'believe' | 'doubt' | 'no-evidence';

/** What was measured about one map; a figure that cannot be computed is null, and a note says why. */
export interface Trust {
  readonly verdict: Verdict;
  /** Sentences: what speaks against the map, or what speaks for it. */
  readonly reasons: readonly string[];
  /** Sentences: how the figures were measured, and why one is missing. */
  readonly notes: readonly string[];
  /** Area under the score as the strongest positions of the map appear on the baseline: higher is better. */
  readonly insertionAuc: number | null;
  /** Area under the score as they are replaced by the baseline: lower is better. */
  readonly deletionAuc: number | null;
  /** Means of the same areas of random maps of the same values. */
  readonly randomInsertionAuc: number | null;
  readonly randomDeletionAuc: number | null;
  /** Spearman correlation with the map of the same model with all of its weights redrawn: about 0 where the map depends on them. */
  readonly randomisation: number | null;
  /** The same after the weights of only some layers are redrawn, from the output on down. */
  readonly randomisationStages: readonly RandomisationStage[];
  /** Spearman correlation with the map of another class. */
  readonly otherClass: number | null;
  /** The largest relative change of the map under small noise on the input. */
  readonly sensitivity: number | null;
  /** The probability of the prediction, relative to the sum of it and that of the runner-up: 0.5 is undecided. */
  readonly certainty: number | null;
  /** The smallest probability of the prediction as the input moves by up to 8 % of an axis, relative to that of the input as it is. */
  readonly steadiness: number | null;
  /** For methods whose values add up to score(x) - score(baseline): the relative error. */
  readonly completeness: number | null;
}

export interface RandomisationStage {
  /** How many layers have redrawn weights, counted from the output. */
  readonly layers: number;
  readonly correlation: number | null;
}
