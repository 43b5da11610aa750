import { fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import { checkInputSize, type InputSpec, type LoadedInput, type ShownImage, shapeText } from './loadedInput';
import type { NpyArray } from './npy';
import { pictureShapeOf, toChannelsLast } from './pictureShape';
import { preprocess } from './preprocess';
import { showPixels, toPixelScale } from './showPixels';

/**
 * A saved array as an example for a model. Its shape must be the input's, with or without a batch axis; of a batch
 * the first example is taken. For an input that takes pictures with a channel axis, the array is also shown as one.
 *
 * @param name what to call the array in messages.
 * @throws `wrong-shape`; `bad-input` for NaN and infinite values, and what `preprocess` throws.
 */
export function arrayInput(
  array: NpyArray,
  name: string,
  source: InputSource,
  spec: InputSpec,
  preprocessing: Preprocessing,
): LoadedInput {
  const { shape, batch } = exampleOf(array.shape, name, spec);
  checkInputSize(shape, spec.name);
  const raw = array.values.subarray(
    0,
    shape.reduce((product, size) => product * size, 1),
  );
  requireFinite(raw, shape, name);
  const values = preprocess(raw, channelLayout(shape, spec), preprocessing);
  return {
    values: values === raw ? raw.slice() : values,
    shape,
    image: imageOf(raw, shape, array.dtype, spec),
    source,
    notices: batch > 1 ? [`${name} holds a batch of ${batch}; the first example was taken.`] : [],
  };
}

/** The array's shape with a batch axis of 1, and how many examples it holds. */
function exampleOf(
  shape: readonly number[],
  name: string,
  spec: InputSpec,
): { shape: number[]; batch: number } {
  // Nothing is known about the rank: the array must bring its batch axis, as Keras would want it.
  const wanted = spec.shape === null ? shape.slice(1).map(() => null) : spec.shape.slice(1);
  const fits = (sizes: readonly number[]): boolean =>
    sizes.length === wanted.length &&
    sizes.every((size, i) => size > 0 && (wanted[i] === null || wanted[i] === size));
  if (fits(shape)) return { shape: [1, ...shape], batch: 1 };
  const [batch = 0, ...rest] = shape;
  if (batch > 0 && fits(rest)) return { shape: [1, ...rest], batch };
  const message = `${name} has the shape ${shapeText(shape)}, but the input '${spec.name}' wants`;
  fail('wrong-shape', `${message} ${shapeText(spec.shape)}.`, { remedy: remedyFor(shape, wanted) });
}

function remedyFor(shape: readonly number[], wanted: readonly (number | null)[]): string {
  if (wanted.at(-1) === 1 && shape.length === wanted.length - 1) {
    return 'Add the channel axis before saving: numpy.save(path, x[..., None]).';
  }
  return 'Save one example in that shape, with or without a batch axis of 1: numpy.save(path, x).';
}

function requireFinite(values: Float32Array, shape: readonly number[], name: string): void {
  let nan = 0;
  let infinite = 0;
  let first = -1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (Number.isFinite(value)) continue;
    if (first < 0) first = i;
    if (Number.isNaN(value)) nan++;
    else infinite++;
  }
  if (first < 0) return;
  const counts = [nan > 0 ? `${nan} NaN` : '', infinite > 0 ? `${infinite} infinite` : ''].filter(Boolean);
  const where = `the first at [${indexOf(first, shape.slice(1)).join(', ')}]`;
  fail('bad-input', `${name} holds values that are no finite numbers: ${counts.join(' and ')}, ${where}.`, {
    remedy: 'Replace them before saving, for example with numpy.nan_to_num(x).',
  });
}

/** The index of a flat position in a row-major array. */
function indexOf(position: number, shape: readonly number[]): number[] {
  let rest = position;
  return shape.map((_, axis) => {
    const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
    const index = Math.floor(rest / stride);
    rest -= index * stride;
    return index;
  });
}

/** The last axis holds the channels, the first after the batch where the model is channels first. */
function channelLayout(shape: readonly number[], spec: InputSpec): { channels: number; stride: number } {
  if (spec.channelsFirst && shape.length > 2) {
    return {
      channels: shape[1] ?? 1,
      stride: shape.slice(2).reduce((product, size) => product * size, 1),
    };
  }
  // Grey pictures without a channel axis have columns in their last axis.
  return { channels: shape.length === 3 ? 1 : (shape.at(-1) ?? 1), stride: 1 };
}

function imageOf(
  values: Float32Array,
  shape: readonly number[],
  dtype: string,
  spec: InputSpec,
): ShownImage | null {
  const picture = pictureShapeOf(spec);
  if (!picture?.channelAxis || shape.length !== 4) return null;
  const [, a = 0, b = 0, c = 0] = shape;
  const [height, width, channels] = picture.channelsFirst ? [b, c, a] : [a, b, c];
  if (channels !== 1 && channels !== 3 && channels !== 4) return null;
  const pixels = picture.channelsFirst ? toChannelsLast(values, channels) : values;
  return showPixels(toPixelScale(pixels, dtype), height, width, channels);
}
