import { basename } from 'node:path';
import { Failure, fail } from '../../../shared/errors';

/** Way out of damage to a SavedModel. */
export const COPY_AGAIN = 'Copy the whole SavedModel folder again, or export the model once more.';

/**
 * Turns what a parser throws into a failure that names the file.
 * @throws Failure `kind`, with the parser's reason, or the parser's own failure
 */
export function readOrFail<T>(
  path: string,
  { kind, as = '' }: { readonly kind: 'bad-config' | 'bad-weights'; readonly as?: string },
  work: () => T,
): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return fail(kind, `${basename(path)} cannot be read${as}: ${why}.`, {
      remedy: COPY_AGAIN,
      subject: path,
    });
  }
}
