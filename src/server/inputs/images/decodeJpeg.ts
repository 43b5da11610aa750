import { basename } from 'node:path';
import decodeWithMozjpeg, { init } from '@jsquash/jpeg/decode.js';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { DecodedImage, ImageSize } from './image';
import { checkImageSize, imageDamaged, imageTruncated } from './imageLimits';
import { createCodec } from './wasmCodec';

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Where it starts in the file: behind any thumbnail. */
  readonly offset: number;
}

/** Markers without a length: TEM, the restarts, and the start of the image. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
/** Start of frame of every coding; C4, C8 and CC in that range mean something else. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function readFrame(bytes: Buffer, file: string): Frame {
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return imageDamaged(file, l10n.t('its JPEG markers are malformed'));
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) at += 1;
    else if (isBare(marker)) at += 2;
    else if (isFrame(marker)) {
      if (at + 10 > bytes.length) break;
      return {
        height: bytes.readUInt16BE(at + 5),
        width: bytes.readUInt16BE(at + 7),
        components: bytes.readUInt8(at + 9),
        offset: at,
      };
    } else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return imageTruncated(file);
}

/** Progressive images have about ten; each scan of a few bytes costs the decoder a walk over the whole image. */
const MAX_SCANS = 100;

/** @throws Failure `too-large` above `MAX_SCANS`; what is malformed is the decoder's to say. */
function checkScans(bytes: Buffer, offset: number, file: string): void {
  let scans = 0;
  let at = offset;
  while (at >= 0 && at + 4 <= bytes.length) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff || marker === 0x00 || marker === 0xff || isBare(marker)) {
      // Coded values, in which 0xff is followed by a zero or a restart.
      at = bytes.indexOf(0xff, at + 1);
    } else if (marker === 0xd9) return;
    else {
      if (marker === 0xda && ++scans > MAX_SCANS) {
        fail(
          'too-large',
          l10n.t('The image {0} is coded in more than {1} scans.', basename(file), MAX_SCANS),
          {
            remedy: l10n.t('Save it again as an ordinary JPEG or PNG from an image editor.'),
            subject: file,
          },
        );
      }
      at = bytes.indexOf(0xff, at + 2 + bytes.readUInt16BE(at + 2));
    }
  }
}

/** Width and height by the first frame. @throws Failure like `decodeJpeg`. */
export function jpegSize(bytes: Buffer, file: string): ImageSize {
  const { width, height } = readFrame(bytes, file);
  checkImageSize(width, height, file);
  return { width, height };
}

const codec = createCodec('mozjpeg_dec.wasm', init, (bytes) => decodeWithMozjpeg(bytes));

/**
 * Decodes a JPEG, baseline or progressive, grey or YCbCr, with mozjpeg, whose pixels are those of the libjpeg-turbo
 * that Pillow uses. The EXIF orientation is ignored, as `keras.utils.load_img` does.
 *
 * @param bytes the whole file, starting with FF D8.
 * @throws Failure `truncated` (mozjpeg itself would fill in grey), `bad-input` (also for CMYK) or `too-large`.
 */
export async function decodeJpeg(bytes: Buffer, file: string): Promise<DecodedImage> {
  const { width, height, components, offset } = readFrame(bytes, file);
  checkImageSize(width, height, file);
  if (components === 4)
    return imageDamaged(file, l10n.t('it is a CMYK JPEG, and only grey and RGB are supported'));
  if (bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) < offset) return imageTruncated(file);
  checkScans(bytes, offset, file);
  const rgba = await codec.decode(bytes, width, height, file);
  return { width, height, rgba, notices: [] };
}
