/** Sorts the larger before the smaller, NaN behind all numbers, and keeps the order of equals (∞ - ∞ would be NaN). */
export function strongestFirst(a = Number.NaN, b = Number.NaN): number {
  if (a === b) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a > b ? -1 : 1;
}
