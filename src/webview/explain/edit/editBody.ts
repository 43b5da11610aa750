import type { InputEdit } from '../../../shared/edits/inputEdit';

/** What an input of one kind is edited with. */
export interface EditBody {
  readonly elements: readonly HTMLElement[];
  /** Shows the input with these edits. */
  show(edits: readonly InputEdit[]): void;
}
