import { bounded, type InputEdit } from '../../../shared/edits/inputEdit';

/** The edits of one input, with what was undone. */
export interface History {
  readonly edits: readonly InputEdit[];
  readonly undone: readonly InputEdit[];
}

export const NO_EDITS: History = { edits: [], undone: [] };

/** After one more edit; `null` where the list is full. */
export function withEdit({ edits }: History, edit: InputEdit): History | null {
  const list = bounded([...edits, edit]);
  return list && { edits: list, undone: [] };
}

/** After the last edit is taken back. */
export function withoutLast({ edits, undone }: History): History {
  const last = edits.at(-1);
  return last === undefined ? { edits, undone } : { edits: edits.slice(0, -1), undone: [...undone, last] };
}

/** After the edit that was taken back last is made again. */
export function withUndone({ edits, undone }: History): History {
  const next = undone.at(-1);
  return next === undefined ? { edits, undone } : { edits: [...edits, next], undone: undone.slice(0, -1) };
}

/** Without edits; all of them can be made again. */
export const withoutAll = ({ edits, undone }: History): History => ({
  edits: [],
  undone: [...undone, ...[...edits].reverse()],
});
