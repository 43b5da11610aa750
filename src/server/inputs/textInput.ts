import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import { countNeeded, sampleShape } from './arrays/arrayInput';
import type { NpyArray } from './arrays/npy';
import { boundedCount } from './inputLimits';
import { type InputSpec, type LoadedInput, shapeText } from './loadedInput';

type Text = Omit<LoadedInput, 'source'> & { readonly strings: readonly string[] };

const textOf = (strings: readonly string[], shape: number[], notices: string[]): Text => ({
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
export function textArrayInput(array: NpyArray, file: string, spec: InputSpec): Text {
  const taken = countNeeded(array, file, spec);
  const strings = (array.strings ?? []).slice(0, taken);
  const { shape, samples } = sampleShape(array, spec, file);
  if (spec.wholeBatch) return textOf(strings, [samples, ...shape.slice(1)], []);
  const notices = samples > 1 ? [`${basename(file)} holds ${samples} samples; the first one is taken.`] : [];
  return textOf(strings, shape, notices);
}

/**
 * A text file as a model's input: the whole text if the model takes one string, else one string per line.
 *
 * @throws Failure `bad-input` for text that is not UTF-8, `wrong-shape` if the number of lines is not that of strings.
 */
export function textFileInput(bytes: Uint8Array, file: string, spec: InputSpec): Text {
  const text = decode(bytes, file).replace(/\r?\n$/, '');
  const sizes = spec.shape?.slice(1) ?? [];
  if (sizes.every((size) => size === 1)) return textOf([text], [1, ...sizes.map(() => 1)], []);
  const lines = text.split(/\r?\n/);
  const shape = [1, ...sizes.map((size) => size ?? lines.length)];
  if (boundedCount(shape, spec.name) === lines.length) return textOf(lines, shape, []);
  return fail(
    'wrong-shape',
    `${basename(file)} has ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}, and input "${spec.name}" takes strings of the shape ${shapeText(spec.shape)}.`,
    { remedy: 'Write one string in each line, or save an array of strings with NumPy.', subject: file },
  );
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail('bad-input', `${basename(file)} is not text in UTF-8.`, {
      remedy: 'Save it as UTF-8.',
      subject: file,
    });
  }
}
