import type { InputParts } from './inputParts';

/** Where the input that is explained lies among those that can be stepped through. */
export interface InputPosition {
  /** Samples of an array, rows of a table or sequences of a file, or files of a folder. */
  readonly kind: InputParts['kind'] | 'files';
  /** From 0. */
  readonly at: number;
  readonly count: number;
}
