import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { countNeeded, sampleShape } from '../arrays/arrayInput';
import type { NpyArray } from '../arrays/npy';
import { boundedCount, MAX_INPUT_STRING_BYTES } from '../inputLimits';
import { type InputSpec, type LoadedInput, shapeText } from '../loadedInput';
import { fastaRecord } from './fasta';
import { jsonStrings } from './jsonInput';

type Strings = Omit<LoadedInput, 'source'> & { readonly strings: readonly string[] };

const loadedStrings = (strings: readonly string[], shape: number[], notices: string[]): Strings => ({
  values: new Float32Array(0),
  strings,
  shape,
  image: null,
  notices,
});

/**
 * An array of strings as a model's input, of the model's shape with or without the batch axis.
 *
 * @throws Failure `bad-input` for numbers, `wrong-shape` with both shapes, `too-large`.
 */
export function stringArrayInput(array: NpyArray, file: string, spec: InputSpec): Strings {
  const taken = countNeeded(array, file, spec);
  const strings = (array.strings ?? []).slice(0, taken);
  const { shape, samples } = sampleShape(array, spec, file);
  if (spec.wholeBatch) return loadedStrings(strings, [samples, ...shape.slice(1)], []);
  const count = boundedCount(shape, spec.name);
  const { sample = 0 } = spec;
  const own = strings.slice(sample * count, (sample + 1) * count);
  const isGuess = samples > 1 && spec.sample === undefined;
  const notices = isGuess
    ? [l10n.t('{0} holds {1} samples; the first one is taken.', basename(file), samples)]
    : [];
  return loadedStrings(own, shape, notices);
}

/**
 * A text as a model's input: the whole text if the model takes one string, else one string per line.
 *
 * @throws Failure `wrong-shape` if the number of lines is not that of strings.
 */
export function textInput(content: string, file: string, spec: InputSpec): Strings {
  const text = content.replace(/\r?\n$/, '');
  const sizes = spec.shape?.slice(1) ?? [];
  if (sizes.every((size) => size === 1)) return loadedStrings([text], [1, ...sizes.map(() => 1)], []);
  const lines = text.split(/\r?\n/);
  const shape = [1, ...sizes.map((size) => size ?? lines.length)];
  if (boundedCount(shape, spec.name) === lines.length) return loadedStrings(lines, shape, []);
  return fail(
    'wrong-shape',
    lines.length === 1
      ? l10n.t(
          '{0} has 1 line, and input "{1}" takes strings of the shape {2}.',
          basename(file),
          spec.name,
          shapeText(spec.shape),
        )
      : l10n.t(
          '{0} has {1} lines, and input "{2}" takes strings of the shape {3}.',
          basename(file),
          lines.length,
          spec.name,
          shapeText(spec.shape),
        ),
    {
      remedy: l10n.t('Write one string in each line, or save an array of strings with NumPy.'),
      subject: file,
    },
  );
}

/** JSON as a model's input (see `jsonStrings`). */
export function jsonStringInput(content: string, file: string, spec: InputSpec): Strings {
  const { strings, shape } = jsonStrings(content, file, spec);
  return loadedStrings(strings, shape, []);
}

/**
 * The letters of a FASTA record as one string.
 *
 * @throws Failure `wrong-shape` for a model that takes several strings, and those of `fastaRecord`.
 */
export function fastaStringInput(
  bytes: Buffer,
  file: string,
  member: string | undefined,
  spec: InputSpec,
): Strings {
  const { letters, notices } = fastaRecord(bytes, file, member, MAX_INPUT_STRING_BYTES);
  return { ...textInput(letters, file, spec), notices };
}
