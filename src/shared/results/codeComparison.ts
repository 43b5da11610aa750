/** What differs between a model file and the model that code builds. */
export interface CodeComparison {
  /** How many layers the file has, inputs not counted. */
  readonly layers: number;
  /** Empty where all layers are the same, as far as the code says. */
  readonly differences: readonly CodeDifference[];
  /** Where the code makes the model. */
  readonly modelAt: CodePlace | null;
}

export interface CodeDifference {
  readonly name: string;
  /** `added`: only the code has it. */
  readonly status: 'changed' | 'added' | 'removed';
  /** From the file to the code. */
  readonly differences: readonly string[];
  /** `null` for a layer that the code does not make. */
  readonly at: CodePlace | null;
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
