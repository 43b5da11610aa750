import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { editedLetters } from '../editedInput';
import { toChannelsFirst } from '../images/channels';
import { boundedCount, MAX_INPUT_VALUES } from '../inputLimits';
import { type InputSpec, type LoadedInput, shapeText } from '../loadedInput';
import { type FastaRecord, fastaRecord, fastaRecords } from './fasta';

/** Alphabets by their size, for models whose settings state none, and what else occurs in such sequences (IUPAC's codes). */
const ALPHABETS: Readonly<Record<number, { readonly letters: string; readonly others: RegExp }>> = {
  4: { letters: 'ACGT', others: /^[NRYSWKMBDHV.-]$/ },
  20: { letters: 'ACDEFGHIKLMNPQRSTVWY', others: /^[BJOUXZ*.-]$/ },
};

const SET_ALPHABET = l10n.t(
  'State its letters in the settings file beside the model (<model file>.layerglass.json), e.g. "alphabet": "ACGT".',
);

/** How a model takes letters. */
interface LetterSpec {
  readonly input: InputSpec;
  /** `null` where the model takes a sequence of any length. */
  readonly length: number | null;
  /** One-hot; otherwise each letter is its index in the alphabet. */
  readonly oneHot: boolean;
  readonly alphabet: readonly string[];
}

/**
 * A sequence of a FASTA file as a model's input: one-hot [length, alphabet], or for a model that takes ids [length] the index of
 * each letter in the alphabet. The alphabet is that of the spec, else "ACGT" for 4 channels and the one-letter codes of the 20
 * amino acids in alphabetical order for 20. Lower case counts as upper case unless the alphabet has both. A letter outside the alphabet is
 * all zeros one-hot, with a notice, and refused as an id.
 *
 * @param member the record's name, by default the first record; with `spec.wholeBatch` all records.
 * @throws Failure `wrong-shape` (which states both lengths), `bad-input`, `too-large`.
 */
export function lettersInput(
  bytes: Buffer,
  file: string,
  member: string | undefined,
  spec: InputSpec,
): Omit<LoadedInput, 'source'> {
  const whole = spec.wholeBatch === true && member === undefined;
  const { notices: several, ...found } = fastaRecord(bytes, file, member, MAX_INPUT_VALUES);
  const first = { ...found, letters: editedLetters(found.letters, spec) };
  const letters = letterSpec(spec, first, file);
  const encoded = encode(first, letters, file);
  const names = { kind: 'letters', values: [...first.letters] } as const;
  const one = { values: encoded.values, shape: [1, ...encoded.shape], image: null, names };
  if (!whole) return { ...one, notices: [...several, ...encoded.notices] };
  const parts: Float32Array[] = [];
  const notices: string[] = [];
  const fixed = { ...letters, length: first.letters.length };
  for (const record of fastaRecords(bytes, file, MAX_INPUT_VALUES)) {
    boundedCount([parts.length + 1, ...encoded.shape], spec.name);
    const next = encode(record, fixed, file);
    parts.push(next.values);
    if (notices.length === 0) notices.push(...next.notices);
  }
  const values = new Float32Array(parts.length * encoded.values.length);
  for (const [i, part] of parts.entries()) values.set(part, i * part.length);
  return { ...one, values, shape: [parts.length, ...encoded.shape], notices };
}

function letterSpec(input: InputSpec, { letters }: FastaRecord, file: string): LetterSpec {
  const sizes = input.shape?.slice(1);
  if (sizes?.length !== 1 && sizes?.length !== 2) {
    return fail(
      'wrong-shape',
      l10n.t(
        '{0} holds letters, and input "{1}" takes {2}.',
        basename(file),
        input.name,
        shapeText(input.shape),
      ),
      {
        remedy: l10n.t('A sequence is for a model that takes [length, letters of the alphabet] or [length].'),
        subject: file,
      },
    );
  }
  const [length = null, channels = null] = input.channelsFirst ? [...sizes].reverse() : sizes;
  const oneHot = sizes.length === 2;
  return { input, length, oneHot, alphabet: [...alphabetOf(input, oneHot ? channels : null, letters, file)] };
}

function alphabetOf(input: InputSpec, channels: number | null, letters: string, file: string): string {
  const { alphabet, name } = input;
  if (alphabet !== undefined) {
    const size = [...alphabet].length;
    if (channels === null || channels === size) return alphabet;
    return fail(
      'bad-config',
      l10n.t(
        'The settings beside the model state an alphabet of {0} letters, and input "{1}" takes {2}.',
        size,
        name,
        channels,
      ),
      {
        remedy: l10n.t('Correct "alphabet" in the settings file, one letter for each channel.'),
        subject: file,
      },
    );
  }
  const known = channels === null ? undefined : ALPHABETS[channels];
  const strange = known && firstOutside(letters, known.letters, known.others);
  if (known !== undefined && strange === undefined) return known.letters;
  const parts = [basename(file), name, shapeText(input.shape)];
  return fail(
    'bad-input',
    strange === undefined
      ? l10n.t(
          '{0} holds letters, and input "{1}" takes {2}, which does not tell which letter is which.',
          ...parts,
        )
      : channels === 4
        ? l10n.t(
            '{0} holds letters, and input "{1}" takes {2}, and {3} is no letter of DNA.',
            ...parts,
            strange,
          )
        : l10n.t(
            '{0} holds letters, and input "{1}" takes {2}, and {3} is no letter of an amino acid.',
            ...parts,
            strange,
          ),
    { remedy: SET_ALPHABET, subject: file },
  );
}

function firstOutside(letters: string, alphabet: string, others: RegExp): string | undefined {
  return [...new Set(letters.toUpperCase())].find(
    (letter) => !alphabet.includes(letter) && !others.test(letter),
  );
}

function encode(
  record: FastaRecord,
  { input, length, oneHot, alphabet }: LetterSpec,
  file: string,
): { readonly values: Float32Array; readonly shape: number[]; readonly notices: string[] } {
  const { letters } = record;
  if (length !== null && letters.length !== length) {
    fail(
      'wrong-shape',
      l10n.t(
        '{0}: the sequence "{1}" has {2} letters, and input "{3}" takes {4}.',
        basename(file),
        record.name,
        letters.length,
        input.name,
        length,
      ),
      {
        remedy: l10n.t('Give it a sequence of that length; Layerglass neither cuts nor fills.'),
        subject: file,
      },
    );
  }
  const size = oneHot ? alphabet.length : 1;
  const values = new Float32Array(boundedCount([letters.length, size], input.name));
  const indexOf = new Map(alphabet.map((letter, i) => [letter, i]));
  let count = 0;
  let first = -1;
  for (let i = 0; i < letters.length; i++) {
    const letter = letters.charAt(i);
    const index = indexOf.get(letter) ?? indexOf.get(letter.toUpperCase());
    if (index === undefined) {
      if (count++ === 0) first = i;
    } else if (oneHot) values[i * size + index] = 1;
    else values[i] = index;
  }
  const shape = oneHot
    ? input.channelsFirst
      ? [size, letters.length]
      : [letters.length, size]
    : [letters.length];
  const ordered = oneHot && input.channelsFirst ? toChannelsFirst(values, size) : values;
  if (count === 0) return { values: ordered, shape, notices: [] };
  const parts = [alphabet.join(''), letters.charAt(first), first];
  if (!oneHot) {
    fail(
      'bad-input',
      count === 1
        ? l10n.t(
            '{0} holds 1 letter outside the alphabet {2}, the first {3} at position {4}; input "{1}" has no id for it.',
            basename(file),
            input.name,
            ...parts,
          )
        : l10n.t(
            '{0} holds {5} letters outside the alphabet {2}, the first {3} at position {4}; input "{1}" has no id for them.',
            basename(file),
            input.name,
            ...parts,
            count,
          ),
      {
        remedy: l10n.t('Add the letter to "alphabet" in the settings file, at the place of its id.'),
        subject: file,
      },
    );
  }
  return {
    values: ordered,
    shape,
    notices: [
      count === 1
        ? l10n.t(
            '{0} holds 1 letter outside the alphabet {1}, the first {2} at position {3}; it is given as zeros.',
            basename(file),
            ...parts,
          )
        : l10n.t(
            '{0} holds {4} letters outside the alphabet {1}, the first {2} at position {3}; they are given as zeros.',
            basename(file),
            ...parts,
            count,
          ),
    ],
  };
}
