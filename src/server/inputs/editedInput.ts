import * as l10n from '@vscode/l10n';
import type { InputEdit, PaintEdit } from '../../shared/edits/inputEdit';
import { type Levels, type Pixels, painter } from '../../shared/edits/paint';
import { fail } from '../../shared/errors';
import { type InputSpec, isInteger } from './loadedInput';

/** Applies what a user changed of an input (`InputSource.edits`) to what was read, before it is preprocessed. */

const RESET = l10n.t('Reset the edits, or choose the input that they were made for.');
const NAMES: Readonly<Record<InputEdit['kind'], string>> = {
  paint: l10n.t('painted pixels'),
  values: l10n.t('changed values'),
  letters: l10n.t('changed letters'),
  text: l10n.t('a changed text'),
};

/**
 * A picture with its painted pixels and changed values.
 * @throws Failure `bad-input` for edits of a picture of another size, or of another kind of input.
 */
export function editedPixels(pixels: Pixels, levels: Levels, spec: InputSpec): Float32Array {
  const { edits = [] } = spec;
  if (edits.length === 0) return pixels.values;
  const values = pixels.values.slice();
  const { paint } = painter(pixels, levels);
  for (const edit of edits) {
    if (edit.kind === 'values') setValues(values, edit, spec);
    else if (edit.kind !== 'paint') failKind(edit, spec, l10n.t('a picture'));
    else if (!paint(values, edit)) failSize(edit, pixels, spec);
  }
  return values;
}

/**
 * Values that are no picture, with the changed ones; a letter of a one-hot sequence is set as its row.
 * @param shape of `values` with the batch axis, channels last
 * @throws Failure `bad-input` for edits beyond the input, of another kind, or of values that the input does not take.
 */
export function editedValues(values: Float32Array, shape: readonly number[], spec: InputSpec): Float32Array {
  const { edits = [] } = spec;
  if (edits.length === 0) return values;
  const edited = values.slice();
  for (const edit of edits) {
    if (edit.kind === 'values') setValues(edited, edit, spec);
    else if (edit.kind === 'letters' && shape.length === 3) setLetters(edited, edit, shape.at(-1) ?? 1, spec);
    else failKind(edit, spec, l10n.t('an array of numbers'));
  }
  return edited;
}

/** The letters of a sequence, with the changed ones. @throws Failure `bad-input` as above. */
export function editedLetters(letters: string, spec: InputSpec): string {
  const { edits = [] } = spec;
  if (edits.length === 0) return letters;
  const edited = [...letters];
  for (const edit of edits) {
    if (edit.kind !== 'letters') return failKind(edit, spec, l10n.t('a sequence of letters'));
    for (const [i, at] of edit.at.entries()) {
      checkPlace(at, edited.length, spec);
      edited[at] = edit.to[i] ?? '';
    }
  }
  return edited.join('');
}

/** Strings, with the changed ones. @throws Failure `bad-input` as above. */
export function editedStrings(strings: readonly string[], spec: InputSpec): readonly string[] {
  const { edits = [] } = spec;
  const edited = [...strings];
  for (const edit of edits) {
    if (edit.kind !== 'text') return failKind(edit, spec, 'text');
    checkPlace(edit.at, edited.length, spec);
    edited[edit.at] = edit.to;
  }
  return edited;
}

type ValuesEdit = Extract<InputEdit, { kind: 'values' }>;
type LettersEdit = Extract<InputEdit, { kind: 'letters' }>;

function setValues(values: Float32Array, { at, to }: ValuesEdit, spec: InputSpec): void {
  for (const [i, place] of at.entries()) {
    checkPlace(place, values.length, spec);
    const value = to[i] ?? 0;
    if (isInteger(spec.dtype) && Math.fround(value) !== Math.trunc(value)) {
      fail(
        'bad-input',
        l10n.t('{0} was set in input "{1}", which takes whole numbers up to 2^24.', value, spec.name),
        {
          remedy: l10n.t('Set a whole number.'),
          subject: spec.name,
        },
      );
    }
    values[place] = value;
  }
}

function setLetters(values: Float32Array, { at, to }: LettersEdit, size: number, spec: InputSpec): void {
  const alphabet = [...(spec.alphabet ?? '')];
  for (const [i, place] of at.entries()) {
    checkPlace(place, values.length / size, spec);
    const letter = to[i] ?? '';
    const index = alphabet.indexOf(letter);
    if (index < 0 || index >= size) {
      fail(
        'bad-input',
        l10n.t('"{0}" was set in input "{1}", and is not in its alphabet.', letter, spec.name),
        {
          remedy: l10n.t('Set a letter of the "alphabet" in the settings beside the model.'),
          subject: spec.name,
        },
      );
    }
    values.fill(0, place * size, (place + 1) * size);
    values[place * size + index] = 1;
  }
}

function checkPlace(place: number, count: number, { name }: InputSpec): void {
  if (place < count) return;
  fail('bad-input', l10n.t('Place {0} of input "{1}" was edited, which has {2}.', place, name, count), {
    remedy: RESET,
    subject: name,
  });
}

function failSize({ size: [height, width] }: PaintEdit, pixels: Pixels, { name }: InputSpec): never {
  return fail(
    'bad-input',
    l10n.t(
      'A picture of {0} x {1} pixels was painted, and input "{2}" has {3} x {4} now.',
      width,
      height,
      name,
      pixels.width,
      pixels.height,
    ),
    { remedy: RESET, subject: name },
  );
}

function failKind({ kind }: InputEdit, { name }: InputSpec, what: string): never {
  return fail(
    'bad-input',
    l10n.t('The edits of input "{0}" hold {1}, and it is {2}.', name, NAMES[kind], what),
    {
      remedy: RESET,
      subject: name,
    },
  );
}
