/** More names than this are not listed; a part beyond them is chosen by its number. */
export const MAX_LISTED_PARTS = 1000;

/** What a file holds several of, one of which is an input. */
export interface InputParts {
  /** Sequences have names (`member`), rows numbers from 1 (`member`), samples indices from 0 (`sample`). */
  readonly kind: 'sequences' | 'rows' | 'samples';
  readonly count: number;
  /** The names of the first sequences, or the beginnings of all rows; none for samples and for more rows than are listed. */
  readonly names: readonly string[];
}
