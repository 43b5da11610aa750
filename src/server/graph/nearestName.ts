import { closest, distance } from 'fastest-levenshtein';

/** A longer name is compared with none. */
const MAX_LETTERS = 200;

/** The name that differs least, in a third of its letters at most; `null` where none does. */
export function nearestName(name: string, names: readonly string[]): string | null {
  if (names.length === 0 || name.length > MAX_LETTERS) return null;
  const nearest = closest(name, names);
  return distance(name, nearest) <= Math.max(1, nearest.length / 3) ? nearest : null;
}
