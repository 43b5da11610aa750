import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure, fail } from '../../../shared/errors';

/** Way out of damage to a SavedModel. */
export const COPY_AGAIN = l10n.t('Copy the whole SavedModel folder again, or export the model once more.');

/**
 * Turns what a parser throws into a failure that names the file.
 * @throws Failure `kind`, with the parser's reason, or the parser's own failure
 */
export function readOrFail<T>(path: string, kind: 'bad-config' | 'bad-weights', work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return fail(
      kind,
      kind === 'bad-config'
        ? l10n.t('{0} cannot be read as a SavedModel: {1}.', basename(path), why)
        : l10n.t('{0} cannot be read: {1}.', basename(path), why),
      {
        remedy: COPY_AGAIN,
        subject: path,
      },
    );
  }
}
