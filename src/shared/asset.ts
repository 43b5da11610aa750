/** A learned table: tokens and their indices or, for Discretization, bins and their weights or boundaries. */
export interface LearnedPairs {
  readonly keys: readonly (string | number)[];
  readonly values: readonly (string | number)[];
}

/** What a file stores for a layer besides its weights: the text of an asset, or a learned table. */
export type Asset = string | LearnedPairs;
