import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';

/** One sequence of a FASTA file. */
export interface FastaRecord {
  /** The first word after `>`; may be empty. */
  readonly name: string;
  /** As in the file, without line breaks and spaces. */
  readonly letters: string;
}

/** Where a record lies in the bytes of its file. */
interface Place {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const NEW_LINE = 0x0a;
const NAMES_SHOWN = 10;
/** A name is shown and compared; no real one is longer. */
const MAX_NAME = 200;
const MAX_RECORDS = 1_000_000;
const BOM_BYTES = 3;
const HEADER = Buffer.from('\n>');

/** Whether a file begins as FASTA does: `>`, or a comment line of the old format before it. */
export const looksLikeFasta = (bytes: Buffer): boolean =>
  /^(?:\xef\xbb\xbf)?(?:;[^\n]*\n|[ \t\r]*\n)*>/.test(bytes.toString('latin1', 0, 4096));

/** The records of a FASTA file, one after the other; nothing of a record but its name is decoded. */
function* places(bytes: Buffer, file: string): Generator<Place> {
  let count = 0;
  let at = bytes.indexOf('>');
  // In the first line it may come after a byte order mark only.
  if (at !== 0 && at !== BOM_BYTES) at = bytes.indexOf(HEADER) + 1 || -1;
  while (at >= 0) {
    if (++count > MAX_RECORDS) {
      fail('too-large', l10n.t('{0} holds more than {1} sequences.', basename(file), MAX_RECORDS), {
        remedy: l10n.t('Save the one that is the input in a file of its own.'),
        subject: file,
      });
    }
    const line = bytes.indexOf(NEW_LINE, at);
    const start = line < 0 ? bytes.length : line;
    const next = bytes.indexOf(HEADER, start);
    const end = next < 0 ? bytes.length : next;
    const title = bytes.toString('utf8', at + 1, Math.min(start, at + 1 + MAX_NAME));
    yield { name: title.trim().split(/\s/, 1)[0] ?? '', start, end };
    at = next < 0 ? -1 : next + 1;
  }
}

function lettersAt(bytes: Buffer, { name, start, end }: Place, file: string, maxLetters: number): string {
  const parts: string[] = [];
  let length = 0;
  // A piece at a time: a genome is longer than a string may be.
  for (let at = start; at < end; at += 2 ** 20) {
    const part = bytes.toString('latin1', at, Math.min(end, at + 2 ** 20)).replace(/\s+/g, '');
    const strange = /[^\x21-\x7e]/.exec(part)?.[0];
    if (strange !== undefined) {
      fail(
        'bad-input',
        l10n.t('{0}: the sequence "{1}" holds bytes that are not letters.', basename(file), name),
        {
          remedy: l10n.t('Choose a FASTA file, plain text.'),
          subject: file,
        },
      );
    }
    length += part.length;
    if (length > maxLetters) {
      fail(
        'too-large',
        l10n.t('{0}: the sequence "{1}" has over {2} letters.', basename(file), name, maxLetters),
        {
          remedy: l10n.t('Save the part of it that the model reads.'),
          subject: file,
        },
      );
    }
    parts.push(part);
  }
  return parts.join('');
}

/** The names by which records can be chosen, in order. @throws Failure `too-large`. */
export function fastaNames(bytes: Buffer, file: string): string[] {
  const names = new Set<string>();
  for (const { name } of places(bytes, file)) if (name !== '') names.add(name);
  return [...names];
}

/** The records of a FASTA file, in order. @throws Failure `bad-input` or `too-large`, when it comes to a record. */
export function* fastaRecords(bytes: Buffer, file: string, maxLetters: number): Generator<FastaRecord> {
  for (const place of places(bytes, file)) {
    yield { name: place.name, letters: lettersAt(bytes, place, file, maxLetters) };
  }
}

/**
 * One record of a FASTA file: the one named `wanted`, else the first, with a notice if there are several.
 *
 * @param bytes the whole file.
 * @throws Failure `bad-input` (which lists the first records), `too-large`.
 */
export function fastaRecord(
  bytes: Buffer,
  file: string,
  wanted: string | undefined,
  maxLetters: number,
): FastaRecord & { readonly notices: string[] } {
  const names: string[] = [];
  let count = 0;
  let found: Place | undefined;
  for (const place of places(bytes, file)) {
    if (names.length < NAMES_SHOWN) names.push(`"${place.name}"`);
    count++;
    if (found === undefined && (wanted === undefined || place.name === wanted)) found = place;
  }
  if (found === undefined) {
    const shown = names.join(', ');
    const held = count > names.length ? l10n.t('{0}, and {1} more', shown, count - names.length) : shown;
    return fail(
      'bad-input',
      count === 0 || wanted === undefined
        ? l10n.t('{0} holds no sequence: no line begins with ">".', basename(file))
        : l10n.t('{0} holds no sequence "{1}"; it holds {2}.', basename(file), wanted, held),
      { remedy: count === 0 ? l10n.t('Choose a FASTA file.') : l10n.t('Name one of these.'), subject: file },
    );
  }
  const letters = lettersAt(bytes, found, file, maxLetters);
  if (letters === '') {
    return fail('bad-input', l10n.t('{0}: the sequence "{1}" has no letters.', basename(file), found.name), {
      remedy: l10n.t('Choose another file or record.'),
      subject: file,
    });
  }
  const several = wanted === undefined && count > 1;
  const notices = several
    ? [l10n.t('{0} holds {1} sequences; the first one, "{2}", is taken.', basename(file), count, found.name)]
    : [];
  return { name: found.name, letters, notices };
}
