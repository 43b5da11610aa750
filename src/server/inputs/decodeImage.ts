import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import { decodeBmp } from './decodeBmp';
import { decodeJpeg } from './decodeJpeg';
import { decodePng } from './decodePng';
import { decodeWebp } from './decodeWebp';
import type { Picture } from './picture';
import { sniffInput } from './sniffInput';

/**
 * Decodes a PNG, JPEG, WebP or BMP, told apart by content, to what Pillow's `Image.open(p).convert('RGBA')` holds;
 * without the last channel that is `convert('RGB')`, which `keras.utils.load_img` uses (alpha dropped, not blended).
 * The EXIF orientation is ignored, as load_img does. One difference: of 16-bit grey the high byte is kept, where
 * Pillow cuts at 255; the picture's notices say so.
 *
 * @param bytes the whole file.
 * @param file its path, for messages.
 * @throws Failure `bad-input`, `truncated` or `too-large` (more than 64 million pixels, judged by the header).
 */
export async function decodeImage(bytes: Buffer, file: string): Promise<Picture> {
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
      return fail('bad-input', `${basename(file)} is no picture in PNG, JPEG, WebP or BMP format.`, {
        remedy: 'Save it as PNG.',
        subject: file,
      });
  }
}
