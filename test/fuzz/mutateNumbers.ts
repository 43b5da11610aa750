import type { Random } from './random';

const STRANGE = [
  ...[
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    1e38,
    -1e38,
    1e-42,
    0.5,
    -1,
    2 ** 31,
  ],
];

/** Some of the numbers in weights or arrays, as float32 or as whole numbers, at places that are multiples of four. */
export function mutateNumbers(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const places = Math.floor(bytes.length / 4);
  if (places === 0) return changed;
  // The second half: what stands before the numbers is the format's own.
  const from = random.chance(0.8) ? Math.floor(places / 2) : 0;
  for (let i = 0; i < random.pick([1, 1, 3, 20]); i++) {
    const at = (from + random.below(places - from)) * 4;
    if (random.chance(0.7)) changed.writeFloatLE(random.pick(STRANGE), at);
    else changed.writeUInt32LE(random.pick([0, 1, 2, 255, 2 ** 31, 2 ** 32 - 1]), at);
  }
  return changed;
}
