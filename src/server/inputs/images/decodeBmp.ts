import * as l10n from '@vscode/l10n';
import type { DecodedImage, ImageSize } from './image';
import { checkImageSize, imageDamaged, imageTruncated } from './imageLimits';

interface Header {
  readonly width: number;
  readonly height: number;
  /** Rows are stored bottom up unless the height in the file is negative. */
  readonly topDown: boolean;
  readonly bits: number;
  readonly dataOffset: number;
  readonly paletteOffset: number;
  readonly paletteEntry: 3 | 4;
  readonly masks: readonly [number, number, number, number];
}

const BI_RGB = 0;
const BI_BITFIELDS = 3;
const BI_ALPHABITFIELDS = 6;

function readMasks(bytes: Buffer, bits: number, compression: number): [number, number, number, number] {
  if (compression === BI_RGB) return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
  const infoSize = bytes.readUInt32LE(14);
  const hasAlpha = infoSize >= 56 || compression === BI_ALPHABITFIELDS;
  return [
    bytes.readUInt32LE(54),
    bytes.readUInt32LE(58),
    bytes.readUInt32LE(62),
    hasAlpha ? bytes.readUInt32LE(66) : 0,
  ];
}

function readHeader(bytes: Buffer, file: string): Header {
  if (bytes.length < 26) return imageTruncated(file);
  const infoSize = bytes.readUInt32LE(14);
  const dataOffset = bytes.readUInt32LE(10);
  if (infoSize === 12) {
    const width = bytes.readUInt16LE(18);
    const height = bytes.readUInt16LE(20);
    const bits = bytes.readUInt16LE(24);
    const masks = [0xff0000, 0xff00, 0xff, 0] as const;
    return { width, height, topDown: false, bits, dataOffset, paletteOffset: 26, paletteEntry: 3, masks };
  }
  if (bytes.length < 70) return imageTruncated(file);
  if (infoSize < 40) return imageDamaged(file, l10n.t('a BMP header of {0} bytes is not known', infoSize));
  const height = bytes.readInt32LE(22);
  const bits = bytes.readUInt16LE(28);
  const compression = bytes.readUInt32LE(30);
  if (![BI_RGB, BI_BITFIELDS, BI_ALPHABITFIELDS].includes(compression)) {
    return imageDamaged(file, l10n.t('compressed BMP is not supported'));
  }
  return {
    width: bytes.readInt32LE(18),
    height: Math.abs(height),
    topDown: height < 0,
    bits,
    dataOffset,
    paletteOffset: 14 + infoSize,
    paletteEntry: 4,
    masks: readMasks(bytes, bits, compression),
  };
}

/** Reads the bits under a mask from a pixel, scaled to 0..255. */
function channelReader(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 255;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (pixel) => Math.floor((((pixel & mask) >>> shift) * 255) / most);
}

function readPixel(bytes: Buffer, offset: number, bits: number): number {
  if (bits === 16) return bytes.readUInt16LE(offset);
  return bits === 24 ? bytes.readUIntLE(offset, 3) : bytes.readUInt32LE(offset);
}

function directRow(bytes: Buffer, at: number, header: Header, out: Uint8Array): void {
  const readers = header.masks.map(channelReader);
  for (let x = 0; x < header.width; x++) {
    const pixel = readPixel(bytes, at + (x * header.bits) / 8, header.bits);
    readers.forEach((read, c) => {
      out[x * 4 + c] = read(pixel);
    });
  }
}

function indexedRow(bytes: Buffer, at: number, header: Header, out: Uint8Array): void {
  const { width, bits, paletteOffset, paletteEntry, dataOffset } = header;
  for (let x = 0; x < width; x++) {
    const bit = x * bits;
    const index = ((bytes[at + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
    const entry = paletteOffset + index * paletteEntry;
    const inPalette = entry + 3 <= dataOffset;
    for (let c = 0; c < 3; c++) out[x * 4 + c] = inPalette ? (bytes[entry + 2 - c] ?? 0) : 0;
    out[x * 4 + 3] = 255;
  }
}

/** Width and height by the header. @throws Failure like `decodeBmp`. */
export function bmpSize(bytes: Buffer, file: string): ImageSize {
  const { width, height } = readHeader(bytes, file);
  checkImageSize(width, height, file);
  return { width, height };
}

/**
 * Decodes an uncompressed BMP: 1, 4, 8 bits with a palette, 16, 24, 32 bits, bit fields, rows in either order.
 * Own code because fast-bmp 4.0 has no palettes, no 4 and 16 bits, takes pixels for masks in plain 32-bit files and
 * allocates gigabytes for a negative height.
 *
 * @param bytes the whole file, starting with "BM".
 * @throws Failure `truncated`, `bad-input` or `too-large`.
 */
export function decodeBmp(bytes: Buffer, file: string): DecodedImage {
  const header = readHeader(bytes, file);
  const { width, height, bits, dataOffset, topDown } = header;
  checkImageSize(width, height, file);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) {
    return imageDamaged(file, l10n.t('{0} bits per pixel is not a BMP format', bits));
  }
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (dataOffset + stride * (height - 1) + Math.ceil((width * bits) / 8) > bytes.length) {
    return imageTruncated(file);
  }
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const row = topDown ? y : height - 1 - y;
    const out = rgba.subarray(row * width * 4, (row + 1) * width * 4);
    const at = dataOffset + y * stride;
    if (bits <= 8) indexedRow(bytes, at, header, out);
    else directRow(bytes, at, header, out);
  }
  return { width, height, rgba, notices: [] };
}
