import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';

/** 16 MB: longer than any novel. */
const MAX_TEXT_BYTES = 2 ** 24;
/** 4 MB: tens of thousands of rows. A table of quotes alone takes the parser seconds per megabyte. */
export const MAX_TABLE_BYTES = 2 ** 22;

/** The text of a file in UTF-8, without a byte order mark. @throws Failure `too-large`, `bad-input`. */
export function textOf(bytes: Uint8Array, file: string, maxBytes = MAX_TEXT_BYTES): string {
  if (bytes.length > maxBytes) {
    fail(
      'too-large',
      maxBytes === MAX_TEXT_BYTES
        ? l10n.t('{0} has {1} bytes; the limit for a text is {2}.', basename(file), bytes.length, maxBytes)
        : l10n.t('{0} has {1} bytes; the limit for a table is {2}.', basename(file), bytes.length, maxBytes),
      { remedy: l10n.t('Save only what the model is to read, or an array as .npy.'), subject: file },
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail('bad-input', l10n.t('{0} is not text in UTF-8.', basename(file)), {
      remedy: l10n.t('Save it as UTF-8.'),
      subject: file,
    });
  }
}
