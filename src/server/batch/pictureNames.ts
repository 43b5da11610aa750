import { createHash } from 'node:crypto';

/** Characters of an input's name that its files keep, for people; the hash tells them apart. */
const KEPT = 60;
const HASH_DIGITS = 12;

/** The name of the files about an input, without an extension: `cats_1.png-1f0c5a3e9b7d`. Valid on every system. */
export function fileStem(name: string): string {
  const readable = name.replace(/[^\w.-]+/g, '_').slice(-KEPT);
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS);
  return `${readable.replace(/^\./, '_')}-${hash}`;
}
