/**
 * The mulberry32 generator (Tommy Ettinger, public domain): the same numbers in 0..1 (1 excluded) for the same seed on every
 * machine. Only the low 32 bits of the seed are used.
 */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal numbers by Box and Muller's formula. */
export function normal(uniform: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Whole numbers from 0 to `limit - 1`, all equally likely. */
export const below =
  (uniform: () => number) =>
  (limit: number): number =>
    Math.floor(uniform() * limit);

/** The numbers 0 to `count - 1` in random order (Fisher and Yates). */
export function shuffled(count: number, uniform: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const draw = below(uniform);
  for (let i = count - 1; i > 0; i--) {
    const other = draw(i + 1);
    const kept = order[i] ?? 0;
    order[i] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
