import { basename } from 'node:path';
import { fail } from '../../../shared/errors';
import { MAX_PIXELS } from './image';

/**
 * Refuses a size that no image can have or that would fill the memory.
 *
 * @throws Failure `bad-input` for an empty image, `too-large` above `MAX_PIXELS`.
 */
export function checkImageSize(width: number, height: number, file: string): void {
  if (width < 1 || height < 1) {
    fail('bad-input', `${basename(file)} declares ${width} x ${height} pixels, which is not an image.`, {
      remedy: 'Save the image again from an image editor.',
      subject: file,
    });
  }
  if (width * height > MAX_PIXELS) {
    fail('too-large', `${basename(file)} is ${width} x ${height} pixels; the limit is 64 million pixels.`, {
      remedy: 'Save a smaller copy: models use a few hundred pixels per side.',
      subject: file,
    });
  }
}

/** Fails because the image's data ends too early. */
export function imageTruncated(file: string): never {
  return fail('truncated', `The image ${basename(file)} ends before all of its pixels are there.`, {
    remedy: 'Copy or download the file again.',
    subject: file,
  });
}

/** Fails because the image cannot be decoded. @param cause the decoder's message, as a clause. */
export function imageDamaged(file: string, cause: string): never {
  return fail('bad-input', `The image ${basename(file)} cannot be decoded: ${cause}.`, {
    remedy: 'Save it again as an ordinary PNG or JPEG from an image editor.',
    subject: file,
  });
}
