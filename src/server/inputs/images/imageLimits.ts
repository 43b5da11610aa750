import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { MAX_PIXELS } from './image';

/**
 * Refuses a size that no image can have or that would fill the memory.
 *
 * @throws Failure `bad-input` for an empty image, `too-large` above `MAX_PIXELS`.
 */
export function checkImageSize(width: number, height: number, file: string): void {
  if (width < 1 || height < 1) {
    fail(
      'bad-input',
      l10n.t('{0} declares {1} x {2} pixels, which is not an image.', basename(file), width, height),
      {
        remedy: l10n.t('Save the image again from an image editor.'),
        subject: file,
      },
    );
  }
  if (width * height > MAX_PIXELS) {
    fail(
      'too-large',
      l10n.t('{0} is {1} x {2} pixels; the limit is 64 million pixels.', basename(file), width, height),
      {
        remedy: l10n.t('Save a smaller copy: models use a few hundred pixels per side.'),
        subject: file,
      },
    );
  }
}

/** Fails because the image's data ends too early. */
export function imageTruncated(file: string): never {
  return fail('truncated', l10n.t('The image {0} ends before all of its pixels are there.', basename(file)), {
    remedy: l10n.t('Copy or download the file again.'),
    subject: file,
  });
}

/** Fails because the image cannot be decoded. @param cause the decoder's message, as a clause. */
export function imageDamaged(file: string, cause: string): never {
  return fail('bad-input', l10n.t('The image {0} cannot be decoded: {1}.', basename(file), cause), {
    remedy: l10n.t('Save it again as an ordinary PNG or JPEG from an image editor.'),
    subject: file,
  });
}
