/** By how much the prediction still holds without these groups, per set of them: below 0 it has changed. */
export type Margins = (sets: readonly (readonly number[])[]) => Promise<ArrayLike<number>>;

export interface Flip {
  /** In the order in which they were removed; the set that came nearest if `isFound` is false. */
  readonly removed: readonly number[];
  readonly isFound: boolean;
}

/** Sets that are tried for removal; then the order of the last round is kept. As many again for putting back. */
export const MAX_TRIES = 500;

/**
 * A set of groups whose removal changes the prediction, and from which none can be put back: the group with the largest drop is
 * removed first, round by round, then each that is not needed is put back. Greedy: a smaller set may exist.
 * @param groups number of them; each round tries every one that is left
 */
export async function smallestFlip(groups: number, margins: Margins, maxTries = MAX_TRIES): Promise<Flip> {
  const removed: number[] = [];
  let left = Array.from({ length: groups }, (_, group) => group);
  let nearest = { margin: Number.POSITIVE_INFINITY, count: 0 };
  /** Adds the first of `left`. @returns whether the prediction has changed */
  const remove = (margin: number): boolean => {
    const [first, ...others] = left;
    if (first !== undefined) removed.push(first);
    left = others;
    if (margin < nearest.margin) nearest = { margin, count: removed.length };
    return margin < 0;
  };
  for (let tries = 0; left.length > 0; ) {
    if (tries === 0 || tries + left.length <= maxTries) {
      tries += left.length;
      const found = await margins(left.map((group) => [...removed, group]));
      const drop = new Map(left.map((group, i) => [group, rank(found[i])]));
      left.sort((a, b) => (drop.get(a) ?? 0) - (drop.get(b) ?? 0) || a - b);
      if (remove(drop.get(left[0] ?? 0) ?? Number.NaN)) return putBack(removed, margins, maxTries);
      continue;
    }
    const found = await margins(left.map((_, i) => [...removed, ...left.slice(0, i + 1)]));
    for (const margin of Array.from(found, rank))
      if (remove(margin)) return putBack(removed, margins, maxTries);
  }
  return { removed: removed.slice(0, nearest.count), isFound: false };
}

/** NaN says nothing about a set, so it comes last. */
const rank = (margin = Number.NaN): number => (Number.isNaN(margin) ? Number.POSITIVE_INFINITY : margin);

/** Puts back the group that is needed least, as long as the prediction stays changed. */
async function putBack(set: readonly number[], margins: Margins, maxTries: number): Promise<Flip> {
  let removed = set;
  for (let tries = 0; removed.length > 1 && tries + removed.length <= maxTries; ) {
    tries += removed.length;
    const without = removed.map((group) => removed.filter((other) => other !== group));
    const found = Array.from(await margins(without), rank);
    const least = found.reduce((best, margin, i) => (margin < (found[best] ?? 0) ? i : best), 0);
    if (!((found[least] ?? 0) < 0)) break;
    removed = without[least] ?? removed;
  }
  return { removed, isFound: true };
}
