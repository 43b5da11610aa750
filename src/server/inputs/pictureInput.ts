import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import { resizeBilinear } from '../../shared/resize';
import { decodeImage } from './decodeImage';
import { checkInputSize, type InputSpec, type LoadedInput, shapeText } from './loadedInput';
import type { Picture } from './picture';
import { exampleShape, type PictureShape, pictureShapeOf, toChannelsFirst } from './pictureShape';
import { preprocess } from './preprocess';
import { showPixels } from './showPixels';

/**
 * A picture as an example for a model: decoded, to the channels that the model wants, resized (bilinear, half-pixel
 * centres, aspect not kept, as `tf.image.resize`), then prepared. Sizes that the model leaves open keep the
 * picture's.
 * @throws `wrong-shape` when the input takes no picture, and what `decodeImage` and `preprocess` throw.
 */
export async function pictureInput(
  bytes: Buffer,
  path: string,
  source: InputSource,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Promise<LoadedInput> {
  const shape = pictureShapeOf(spec);
  if (shape === null) {
    const wanted = `'${spec.name}' of shape ${shapeText(spec.shape)}`;
    fail('wrong-shape', `${basename(path)} is a picture, which does not fit the input ${wanted}.`, {
      remedy: 'Choose a .npy file with an array of that shape, or a random input.',
      subject: path,
    });
  }
  const picture = await decodeImage(bytes, path);
  const height = shape.height ?? picture.height;
  const width = shape.width ?? picture.width;
  const fullShape = exampleShape(shape, height, width);
  checkInputSize(fullShape, spec.name);
  const { channels } = shape;
  const size = [picture.height, picture.width, channels] as const;
  const pixels = resizeBilinear(channelsOf(picture, channels), size, height, width);
  const prepared = preprocess(pixels, { channels, stride: 1 }, preprocessing);
  return {
    values: shape.channelsFirst ? toChannelsFirst(prepared, channels) : prepared,
    shape: fullShape,
    image: showPixels(pixels, height, width, channels),
    source,
    notices: [...picture.notices, ...resizeNotice(picture, height, width, path), ...greyNotice(shape, path)],
  };
}

/** [height, width, channels] floats 0..255. Grey is ITU-R 601 luma with Pillow's `convert('L')` rounding. */
function channelsOf({ rgba }: Picture, channels: PictureShape['channels']): Float32Array {
  const values = new Float32Array((rgba.length / 4) * channels);
  for (let i = 0, o = 0; i < rgba.length; i += 4) {
    if (channels === 1) {
      const [r = 0, g = 0, b = 0] = [rgba[i], rgba[i + 1], rgba[i + 2]];
      values[o++] = (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
    } else {
      for (let c = 0; c < channels; c++) values[o++] = rgba[i + c] ?? 0;
    }
  }
  return values;
}

function resizeNotice(picture: Picture, height: number, width: number, path: string): string[] {
  if (picture.height === height && picture.width === width) return [];
  const from = `${picture.width} x ${picture.height}`;
  return [`${basename(path)} was resized from ${from} to ${width} x ${height} pixels.`];
}

function greyNotice(shape: PictureShape, path: string): string[] {
  return shape.channelAxis ? [] : [`${basename(path)} was taken as grey values without a channel axis.`];
}
