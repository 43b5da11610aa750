/** What a layer learned value by value: tokens and the index of each; of Discretization, its bins and their weights, or where they end. */
export interface LearnedPairs {
  readonly keys: readonly (string | number)[];
  readonly values: readonly (string | number)[];
}

/** What a file keeps for a layer beside its weights: the text of an asset, or the pairs of a table. */
export type Asset = string | LearnedPairs;
