import { fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import { checkInputSize, type InputSpec, type LoadedInput } from './loadedInput';
import { exampleShape, type PictureShape, pictureShapeOf, toChannelsFirst } from './pictureShape';
import { preprocess } from './preprocess';
import { showPixels } from './showPixels';

/** For pictures of open size, the size most ImageNet models were trained on. */
const OPEN_PICTURE_SIZE = 224;
const OPEN_SIZE = 16;

/**
 * A made-up example, the same for the same seed on every machine: whole numbers 0..255, then preprocessed, for inputs
 * that take pictures; 0..9 for other integer inputs, 0 or 1 for bool; else standard normal numbers. Open sizes become
 * 224 in pictures, 16 elsewhere.
 *
 * @throws `bad-input` for an unknown rank or a text input, `too-large`.
 */
export function randomInput(
  seed: number,
  source: InputSource,
  spec: InputSpec,
  preprocessing: Preprocessing,
): LoadedInput {
  const random = mulberry32(seed);
  const picture = pictureShapeOf(spec);
  if (spec.shape === null) {
    fail('bad-input', `The shape of the input '${spec.name}' is unknown, so no random example can be made.`, {
      remedy: 'Choose a .npy file with an example.',
    });
  }
  const made = `This is a random example, seed ${seed}.`;
  if (picture?.channelAxis) {
    const { height, width } = picture;
    const notices = height === null || width === null ? [made, openNotice(OPEN_PICTURE_SIZE)] : [made];
    return randomPicture(random, picture, source, spec, preprocessing, notices);
  }
  const shape = [1, ...spec.shape.slice(1).map((size) => size ?? OPEN_SIZE)];
  checkInputSize(shape, spec.name);
  const draw = drawFor(spec.dtype, random);
  const count = shape.reduce((product, size) => product * size, 1);
  const values = new Float32Array(count).map(() => draw());
  const open = spec.shape.slice(1).includes(null);
  return { values, shape, image: null, source, notices: open ? [made, openNotice(OPEN_SIZE)] : [made] };
}

function randomPicture(
  random: () => number,
  picture: PictureShape,
  source: InputSource,
  spec: InputSpec,
  preprocessing: Preprocessing,
  notices: readonly string[],
): LoadedInput {
  const height = picture.height ?? OPEN_PICTURE_SIZE;
  const width = picture.width ?? OPEN_PICTURE_SIZE;
  const { channels } = picture;
  const shape = exampleShape(picture, height, width);
  checkInputSize(shape, spec.name);
  const pixels = new Float32Array(height * width * channels).map(() => Math.floor(random() * 256));
  const prepared = preprocess(pixels, { channels, stride: 1 }, preprocessing);
  return {
    values: picture.channelsFirst ? toChannelsFirst(prepared, channels) : prepared,
    shape,
    image: showPixels(pixels, height, width, channels),
    source,
    notices,
  };
}

const openNotice = (size: number): string => `The model leaves sizes open; ${size} was taken for them.`;

function drawFor(dtype: string, random: () => number): () => number {
  if (dtype === 'bool') return () => Math.floor(random() * 2);
  if (/^u?int/.test(dtype)) return () => Math.floor(random() * 10);
  // Box and Muller; 1 - u keeps the logarithm finite.
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Tommy Ettinger's mulberry32: numbers in [0, 1) with 32 bits; any seed is taken modulo 2^32. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
