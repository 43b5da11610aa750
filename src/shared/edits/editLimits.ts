/** Edits of one input; a page merges the oldest ones beyond that. They are stored with the page. */
export const MAX_EDITS = 200;
/** Numbers, letters and characters of all edits of one input together: about a megabyte of JSON. */
export const MAX_EDITED = 200_000;
/** Height or width of a picture that is painted on. */
export const MAX_PAINTED_SIDE = 16_384;

type Sized =
  | { readonly kind: 'paint'; readonly runs: readonly unknown[] }
  | { readonly kind: 'text'; readonly to: string }
  | { readonly kind: 'values' | 'letters'; readonly at: readonly unknown[] };

/** Numbers, letters or characters of an edit. */
export function editSize(edit: Sized): number {
  if (edit.kind === 'paint') return edit.runs.length;
  return edit.kind === 'text' ? edit.to.length : edit.at.length;
}

/** Whether a list of edits is within the limits. */
export const areFew = (edits: readonly Sized[]): boolean =>
  edits.length <= MAX_EDITS && edits.reduce((sum, edit) => sum + editSize(edit), 0) <= MAX_EDITED;
