import type { Comparison } from '../compare/comparison';

/** A model file, A, and the model that code builds, B. */
export interface CodeComparison {
  readonly comparison: Comparison;
  /** Where the code makes the layers, by their paths in `comparison`; not those that Keras makes. */
  readonly places: readonly { readonly path: string; readonly at: CodePlace }[];
  /** Where the code makes the model. */
  readonly modelAt: CodePlace | null;
}

/** A place in a document of the editor. */
export interface CodePlace {
  readonly uri: string;
  readonly range: TextRange;
}

/** Zero-based, as in LSP. */
export interface TextRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}
