import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { sniffInput } from '../sniffInput';
import { bmpSize, decodeBmp } from './decodeBmp';
import { decodeJpeg, jpegSize } from './decodeJpeg';
import { decodePng, pngSize } from './decodePng';
import { decodeWebp, webpSize } from './decodeWebp';
import type { DecodedImage, ImageSize } from './image';

/**
 * The size of an image from its header; nothing is decoded.
 *
 * @param bytes the whole file.
 * @throws Failure `bad-input`, `truncated` or `too-large` (more than 64 million pixels).
 */
export function imageSize(bytes: Buffer, file: string): ImageSize {
  switch (sniffInput(bytes)) {
    case 'png':
      return pngSize(bytes, file);
    case 'jpeg':
      return jpegSize(bytes, file);
    case 'webp':
      return webpSize(bytes, file);
    case 'bmp':
      return bmpSize(bytes, file);
    default:
      return notAnImage(file);
  }
}

/**
 * Decodes a PNG, JPEG, WebP or BMP, detected by content, to the pixels of Pillow's `Image.open(p).convert('RGBA')`;
 * without the last channel that is `convert('RGB')`, which `keras.utils.load_img` uses (alpha dropped, not blended).
 * The EXIF orientation is ignored, as load_img does. One difference: of 16-bit grey the high byte is kept, where
 * Pillow cuts at 255; the image's notices say so.
 *
 * @param bytes the whole file.
 * @param file its path, for messages.
 * @throws Failure `bad-input`, `truncated` or `too-large` (more than 64 million pixels, judged by the header).
 */
export async function decodeImage(bytes: Buffer, file: string): Promise<DecodedImage> {
  switch (sniffInput(bytes)) {
    case 'png':
      return decodePng(bytes, file);
    case 'jpeg':
      return decodeJpeg(bytes, file);
    case 'webp':
      return decodeWebp(bytes, file);
    case 'bmp':
      return decodeBmp(bytes, file);
    default:
      return notAnImage(file);
  }
}

function notAnImage(file: string): never {
  return fail('bad-input', l10n.t('{0} is not an image in PNG, JPEG, WebP or BMP format.', basename(file)), {
    remedy: l10n.t('Save it as PNG.'),
    subject: file,
  });
}
