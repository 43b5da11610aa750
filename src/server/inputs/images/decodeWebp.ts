import decodeWithLibwebp, { init } from '@jsquash/webp/decode.js';
import * as l10n from '@vscode/l10n';
import type { DecodedImage, ImageSize } from './image';
import { checkImageSize, imageDamaged, imageTruncated } from './imageLimits';
import { createCodec } from './wasmCodec';

/** Size from the first chunk: VP8 (lossy), VP8L (lossless) or VP8X (extended). */
function readSize(bytes: Buffer, file: string): ImageSize {
  if (bytes.length < 30 || bytes.length < bytes.readUInt32LE(4) + 8) return imageTruncated(file);
  const kind = bytes.toString('latin1', 12, 16);
  if (kind === 'VP8 ') {
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  }
  if (kind === 'VP8L') {
    const packed = bytes.readUInt32LE(21);
    return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
  }
  if (kind !== 'VP8X') return imageDamaged(file, l10n.t('it has no WebP image chunk'));
  if ((bytes.readUInt8(20) & 0x02) !== 0) {
    return imageDamaged(file, l10n.t('it is an animated WebP, and only still images are supported'));
  }
  return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
}

/** Width and height by the first chunk. @throws Failure like `decodeWebp`. */
export function webpSize(bytes: Buffer, file: string): ImageSize {
  const size = readSize(bytes, file);
  checkImageSize(size.width, size.height, file);
  return size;
}

const codec = createCodec('webp_dec.wasm', init, (bytes) => decodeWithLibwebp(bytes));

/**
 * Decodes a still WebP, lossy or lossless, with or without alpha, with libwebp.
 *
 * @param bytes the whole file, starting with "RIFF".
 * @throws Failure `truncated`, `bad-input` (also for animations) or `too-large`.
 */
export async function decodeWebp(bytes: Buffer, file: string): Promise<DecodedImage> {
  const { width, height } = readSize(bytes, file);
  checkImageSize(width, height, file);
  const rgba = await codec.decode(bytes, width, height, file);
  return { width, height, rgba, notices: [] };
}
