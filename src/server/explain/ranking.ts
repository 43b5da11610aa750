/** Compares for a stable descending sort with NaN last. Not a subtraction, because ∞ - ∞ is NaN. */
export function compareDescending(a = Number.NaN, b = Number.NaN): number {
  if (a === b) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a > b ? -1 : 1;
}

/** Indices of the `count` largest values, in descending order of value. One pass, since a map may have millions of values. */
export function topIndices(values: ArrayLike<number>, count: number): number[] {
  const best: number[] = [];
  const at = (place: number | undefined): number | undefined => values[place ?? -1];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (best.length === count && compareDescending(value, at(best[count - 1])) >= 0) continue;
    let rank = best.length;
    while (rank > 0 && compareDescending(value, at(best[rank - 1])) < 0) rank--;
    best.splice(rank, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}
