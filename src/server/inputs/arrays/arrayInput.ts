import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Preprocessing } from '../../../shared/inputs';
import { editedPixels, editedValues } from '../editedInput';
import { imageSpec, toChannelsFirst, toChannelsLast } from '../images/channels';
import { displayImage, guessLevels } from '../images/displayImage';
import { boundedCount } from '../inputLimits';
import { type DisplayImage, type InputSpec, isInteger, type LoadedInput, shapeText } from '../loadedInput';
import { preprocess } from '../preprocess';
import type { NpyArray, NpyHeader } from './npy';

/** Whether sizes match a spec without its batch axis; `null` in the spec matches any size but 0. */
function matches(sizes: readonly number[], wanted: readonly (number | null)[]): boolean {
  return (
    sizes.length === wanted.length &&
    wanted.every((w, i) => (w === null ? (sizes[i] ?? 0) > 0 : w === sizes[i]))
  );
}

/** The shape of one sample with batch axis 1, and how many samples the array has. */
export function sampleShape(
  { shape }: NpyHeader,
  spec: InputSpec,
  file: string,
): { readonly shape: number[]; readonly samples: number } {
  const [samples = 0, ...rest] = shape;
  if (spec.shape === null) {
    if (samples > 0 && rest.every((size) => size > 0)) return { shape: [1, ...rest], samples };
  } else {
    const wanted = spec.shape.slice(1);
    if (samples > 0 && matches(rest, wanted)) return { shape: [1, ...rest], samples };
    if (matches(shape, wanted)) return { shape: [1, ...shape], samples: 1 };
  }
  return fail(
    'wrong-shape',
    l10n.t(
      '{0} has shape {1}, and input "{2}" takes {3}.',
      basename(file),
      shapeText(shape),
      spec.name,
      shapeText(spec.shape),
    ),
    { remedy: l10n.t('Reshape the array in NumPy, or choose another file.'), subject: file },
  );
}

/** How many samples an array has, read as an input; from its header alone. */
export const sampleCount = (header: NpyHeader, file: string, spec: InputSpec): number =>
  sampleShape(header, spec, file).samples;

/**
 * How many of an array's first values an input needs, from its header.
 *
 * @throws Failure `bad-input` for strings in place of numbers or the other way round, `wrong-shape` or `too-large`.
 */
export function countNeeded(header: NpyHeader, file: string, spec: InputSpec): number {
  const [wanted, held] = [spec.dtype === 'string', header.dtype === 'string'];
  if (held && !wanted) {
    fail(
      'bad-input',
      l10n.t('{0} holds strings, and input "{1}" takes numbers.', basename(file), spec.name),
      {
        remedy: l10n.t('Write it as numbers: numpy.save(path, array.astype("float32")).'),
        subject: file,
      },
    );
  }
  if (wanted && !held) {
    fail(
      'bad-input',
      l10n.t('{0} holds numbers, and input "{1}" takes strings.', basename(file), spec.name),
      {
        remedy: l10n.t('Write strings with NumPy, or choose a .txt file.'),
        subject: file,
      },
    );
  }
  const { shape, samples } = sampleShape(header, spec, file);
  const { sample = 0 } = spec;
  if (sample >= samples) {
    fail(
      'bad-input',
      l10n.t('{0} holds {1} samples; there is no sample {2}.', basename(file), samples, sample),
      {
        remedy: l10n.t('Choose a number from 0 to {0}.', samples - 1),
        subject: file,
      },
    );
  }
  return boundedCount([spec.wholeBatch ? samples : sample + 1, ...shape.slice(1)], spec.name);
}

/** Non-finite values are kept, with a notice: the layer page shows their effect. */
function finiteNotices(values: Float32Array, shape: readonly number[], file: string): string[] {
  let bad = 0;
  let first = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    bad++;
    if (first < 0) first = i;
  }
  if (bad === 0) return [];
  const index: number[] = [];
  let rest = first;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  const [name, place, value] = [basename(file), index.join(', '), String(values[first])];
  return [
    bad === 1
      ? l10n.t(
          '{0} holds 1 value that is NaN or infinite in float32, the first at [{1}] ({2}); the model runs on it as it is.',
          name,
          place,
          value,
        )
      : l10n.t(
          '{0} holds {1} values that are NaN or infinite in float32, the first at [{2}] ({3}); the model runs on them as they are.',
          name,
          bad,
          place,
          value,
        ),
  ];
}

function prepare(
  sample: Float32Array,
  shape: readonly number[],
  spec: InputSpec,
  preprocessing: Preprocessing,
): {
  readonly values: Float32Array;
  /** Before preprocessing, channels last, with the user's edits. */
  readonly given: Float32Array;
  readonly image: DisplayImage | null;
} {
  const drawn = imageSpec({ ...spec, shape });
  const transposed = spec.channelsFirst === true && shape.length >= 4;
  const channels = (transposed ? shape[1] : shape.at(-1)) ?? 1;
  const given = transposed ? toChannelsLast(sample, channels) : sample;
  const isFlat = drawn?.flat === true;
  // A rank-3 array is far more often a sequence than an image, so it is not shown as one.
  const { height = null, width = null } = isFlat ? {} : (drawn ?? {});
  const finish = (last: Float32Array): Float32Array => {
    const prepared = preprocess(last, isFlat ? 1 : channels, preprocessing);
    return transposed ? toChannelsFirst(prepared, channels) : prepared;
  };
  if (height === null || width === null) {
    const last = editedValues(given, shape, spec);
    return { values: finish(last), given: last, image: null };
  }
  const levels = { ...guessLevels(given), whole: isInteger(spec.dtype) };
  const last = editedPixels({ values: given, height, width, channels }, levels, spec);
  return { values: finish(last), given: last, image: displayImage(last, height, width, channels, levels) };
}

/** Prepares each sample separately; the displayed image is that of the first one. */
function wholeBatch(
  array: NpyArray,
  shape: readonly number[],
  samples: number,
  file: string,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Omit<LoadedInput, 'source'> {
  const whole = [samples, ...shape.slice(1)];
  const values = array.values.slice(0, boundedCount(whole, spec.name));
  const notices = finiteNotices(values, array.shape, file);
  const count = values.length / samples;
  let image: DisplayImage | null = null;
  for (let i = 0; i < samples; i++) {
    const prepared = prepare(values.slice(i * count, (i + 1) * count), shape, spec, preprocessing);
    values.set(prepared.values, i * count);
    image ??= prepared.image;
  }
  return { values, image, shape: whole, notices };
}

/**
 * An array as a model's input. Its shape must be the model's, with or without the batch axis; of a batch, the first sample is
 * used and a notice says so. Its channel order must be the model's.
 *
 * @throws Failure `wrong-shape` with both shapes, `bad-input` for numbers that would be rounded, `too-large`, and what
 *   `preprocess` throws.
 */
export function arrayInput(
  array: NpyArray,
  file: string,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Omit<LoadedInput, 'source'> {
  const taken = countNeeded(array, file, spec);
  if (array.rounded && isInteger(spec.dtype)) {
    fail(
      'bad-input',
      l10n.t(
        '{0} holds whole numbers beyond 16777216 (2^24), which input "{1}" would get rounded.',
        basename(file),
        spec.name,
      ),
      { remedy: l10n.t('Give the model smaller ids; values travel as float32.'), subject: file },
    );
  }
  const { shape, samples } = sampleShape(array, spec, file);
  if (spec.wholeBatch && samples > 1) return wholeBatch(array, shape, samples, file, spec, preprocessing);
  const sample = array.values.subarray((taken / ((spec.sample ?? 0) + 1)) * (spec.sample ?? 0), taken);
  const { given, ...prepared } = prepare(sample.slice(), shape, spec, preprocessing);
  const notices = [
    ...(samples > 1 && spec.sample === undefined
      ? [l10n.t('{0} holds {1} samples; the first one is taken.', basename(file), samples)]
      : []),
    ...finiteNotices(given, array.shape, file),
  ];
  return { ...prepared, shape, notices };
}
