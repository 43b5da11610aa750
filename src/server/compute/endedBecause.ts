/** Begins the line on stderr in which a compute process that ends itself says why. */
export const ENDED_BECAUSE = 'layerglass-compute-ended: ';

/**
 * Why a compute process ended, as the rest of a sentence that begins with "because".
 * @param errors the end of what it wrote on stderr.
 */
export function whyEnded(errors: string, code: number | null, signal: string | null): string {
  const own = errors.lastIndexOf(ENDED_BECAUSE);
  if (own >= 0) return errors.slice(own + ENDED_BECAUSE.length).split('\n', 1)[0] ?? '';
  // V8's own words when JavaScript's heap is full.
  if (/heap out of memory|Allocation failed/.test(errors)) return 'JavaScript ran out of memory';
  if (signal !== null) return `it was ended by ${signal}`;
  return `it ended with code ${code ?? 'unknown'}`;
}
