import type { InputParts } from './inputParts';

/** Where the input that is explained lies among those that can be stepped through. */
export interface InputPosition {
  /** Samples of an array, rows of a table or sequences of a file, files of a folder, or the inputs that a gallery shows. */
  readonly kind: InputParts['kind'] | 'files' | 'gallery' | 'wrong' | 'unsure';
  /** From 0. */
  readonly at: number;
  readonly count: number;
  /** The class that the input belongs to; `null` without a label. */
  readonly truth: { readonly index: number; readonly name: string | null } | null;
  /** Whether some of the inputs have labels, so that the next wrong one can be looked for. */
  readonly hasLabels: boolean;
}
