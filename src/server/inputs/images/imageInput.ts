import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { BYTE_LEVELS, luma } from '../../../shared/edits/paint';
import { fail } from '../../../shared/errors';
import type { Preprocessing } from '../../../shared/inputs';
import { editedPixels } from '../editedInput';
import { boundedCount } from '../inputLimits';
import { type InputSpec, isInteger, type LoadedInput, shapeText } from '../loadedInput';
import { preprocess } from '../preprocess';
import { imageSpec, toChannelsFirst } from './channels';
import { displayImage } from './displayImage';
import type { DecodedImage, ImageSize } from './image';
import { resizeImage } from './resizeImage';

/** [height, width, channels] of 0..255: grey, RGB or RGBA. */
function toChannels({ rgba, width, height }: DecodedImage, channels: 1 | 3 | 4): Uint8Array {
  if (channels === 4) return rgba;
  const out = new Uint8Array(width * height * channels);
  for (let from = 0, to = 0; to < out.length; from += 4, to += channels) {
    const [red, green, blue] = [rgba[from] ?? 0, rgba[from + 1] ?? 0, rgba[from + 2] ?? 0];
    if (channels === 1) {
      out[to] = luma(red, green, blue);
    } else {
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
    }
  }
  return out;
}

/** The shape that an image of this size gets at a model's input, known before decoding. @throws Failure like `imageInput`. */
export function imageShape(size: ImageSize, file: string, spec: InputSpec) {
  const wanted = imageSpec(spec);
  if (wanted === null) {
    return fail(
      'wrong-shape',
      l10n.t(
        '{0} is an image, but input "{1}" takes values of shape {2}.',
        basename(file),
        spec.name,
        shapeText(spec.shape),
      ),
      { remedy: l10n.t('Choose a .npy array of that shape, or random values.'), subject: file },
    );
  }
  const { channels, flat } = wanted;
  const height = wanted.height ?? size.height;
  const width = wanted.width ?? size.width;
  const shape = flat
    ? [1, height, width]
    : spec.channelsFirst
      ? [1, channels, height, width]
      : [1, height, width, channels];
  boundedCount([height, width, channels], spec.name);
  return { channels, flat, height, width, shape };
}

/**
 * A decoded image as a model's input: grey, RGB or RGBA as the model expects, resized to the model's height x width as the
 * preprocessing says (see `RESIZE_LABELS`; `None` keeps the image's size; rounded for models that take integers), preprocessed, in the model's channel order.
 *
 * @throws Failure `wrong-shape` if the model input takes no images, `too-large`, and the failures of `preprocess`.
 */
export function imageInput(
  decoded: DecodedImage,
  file: string,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Omit<LoadedInput, 'source'> {
  const { channels, flat, height, width, shape } = imageShape(decoded, file, spec);
  const notices = [...decoded.notices];
  const size = [decoded.height, decoded.width, channels] as const;
  const { resize = 'bilinear' } = preprocessing;
  const levels = toChannels(decoded, channels);
  let pixels = resizeImage(levels, size, height, width, resize);
  const isResized = height !== decoded.height || width !== decoded.width;
  if (isResized) {
    notices.push(
      l10n.t(
        'The image ({0} x {1}) was resized to {2} x {3} pixels ({4}).',
        decoded.width,
        decoded.height,
        width,
        height,
        resize,
      ),
    );
    if (isInteger(spec.dtype)) pixels = pixels.map(Math.round);
  }
  const edited = editedPixels({ values: pixels, height, width, channels }, BYTE_LEVELS, spec);
  const isAsRead = channels === 3 && !isResized && edited === pixels;
  const image = isAsRead
    ? { width, height, rgb: levels }
    : displayImage(edited, height, width, channels, BYTE_LEVELS);
  const prepared = preprocess(edited, channels, preprocessing);
  const values = spec.channelsFirst && !flat ? toChannelsFirst(prepared, channels) : prepared;
  return { values, shape, image, notices };
}
