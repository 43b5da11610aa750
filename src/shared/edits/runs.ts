/** A mask as runs: how many are 0 and how many are 1, in turns; the zeros at the end are left out. */
export function runsOf(mask: Uint8Array): number[] {
  const runs: number[] = [];
  let from = 0;
  while (from < mask.length) {
    const start = mask.indexOf(1, from);
    if (start < 0) break;
    const zero = mask.indexOf(0, start);
    const end = zero < 0 ? mask.length : zero;
    runs.push(start - from, end - start);
    from = end;
  }
  return runs;
}

/** The mask of so many places; `null` where the runs go beyond its end. */
export function maskOf(runs: readonly number[], count: number): Uint8Array | null {
  const mask = new Uint8Array(count);
  let at = 0;
  for (const [i, length] of runs.entries()) {
    const end = at + length;
    if (end > count) return null;
    if (i % 2 === 1) mask.fill(1, at, end);
    at = end;
  }
  return mask;
}
