import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Preprocessing } from '../../../shared/inputs';
import { SAVE_TEXT, tooLongText } from '../../../shared/sources/typedInput';
import type { InputSpec, LoadedInput } from '../loadedInput';
import { looksLikeFasta } from './fasta';
import { lettersInput } from './lettersInput';
import { numbersInput } from './numbersInput';
import { textInput } from './stringInput';
import { numberOf } from './table';
import { wordsInput } from './wordsInput';

/** Stands for the name of a file in messages. */
const NAME = l10n.t('The text');

/**
 * A text that was typed, as a model's input: strings as they are (see `textInput`), the letters of a sequence (see `lettersInput`)
 * where the model takes one-hot letters or its alphabet is known, words (see `wordsInput`) where it takes ids and its vocabulary is known,
 * otherwise numbers (see `numbersInput`).
 *
 * @throws Failure `too-large`, `bad-input`, `wrong-shape`.
 */
export function typedInput(
  text: string,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Omit<LoadedInput, 'source'> {
  const tooLong = tooLongText(text);
  if (tooLong !== null) fail('too-large', tooLong, { remedy: SAVE_TEXT, subject: spec.name });
  if (spec.dtype === 'string') return textInput(text, NAME, spec);
  const takesLetters = spec.alphabet !== undefined || spec.shape?.length === 3;
  const isNumbers = text.split(/[\s,;]+/).every((word) => word === '' || numberOf(word) !== null);
  if (!isNumbers && spec.vocabulary !== undefined && spec.shape?.length === 2)
    return wordsInput(text, NAME, spec.vocabulary, spec);
  if (!takesLetters || isNumbers) return numbersInput(text, NAME, spec, preprocessing);
  const bytes = Buffer.from(text);
  const fasta = looksLikeFasta(bytes) ? bytes : Buffer.concat([Buffer.from('>typed\n'), bytes]);
  return lettersInput(fasta, NAME, undefined, spec);
}
