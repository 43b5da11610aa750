import type { InputNames } from '../../shared/inputs';
import { escapeHidden } from '../../shared/text';

/** Above this many names, a page draws the values without them. */
const MAX_NAMES = 20_000;
/** In UTF-16 units; a longer name is cut. */
const MAX_NAME_LENGTH = 200;

/** The names of an input's values as a page shows them: bounded, with invisible characters as escapes; `null` if there are too many. */
export function drawnNames(names: InputNames | undefined): InputNames | null {
  if (names === undefined || names.values.length > MAX_NAMES) return null;
  return { kind: names.kind, values: names.values.map((name) => escapeHidden(shortened(name))) };
}

/** Half of a surrogate pair at the cut is left out. */
const shortened = (name: string): string =>
  name.length <= MAX_NAME_LENGTH
    ? name
    : `${name.slice(0, MAX_NAME_LENGTH).replace(/[\ud800-\udbff]$/, '')}…`;
