/** Checksums of what is published, in the form that `sha256sum --check` reads. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const CHECKSUMS = 'SHA256SUMS';

/** One line for each file of a folder, by name; the file of the checksums itself is left out. */
export function checksums(folder) {
  const names = readdirSync(folder).filter((name) => name !== CHECKSUMS);
  return names
    .sort()
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}  ${name}\n`,
    )
    .join('');
}
