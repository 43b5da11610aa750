import * as l10n from '@vscode/l10n';
import type { DecodedImage, ImageSize } from './image';
import { checkImageSize, imageDamaged, imageTruncated } from './imageLimits';
import { forEachLine, type PngLayout, type PngLine } from './pngLines';

/** Samples per pixel, by PNG colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const INDEXED = 3;

interface Header extends PngLayout {
  readonly colourType: number;
}

interface Chunks {
  readonly header: Header;
  readonly palette: Uint8Array | null;
  readonly transparency: Uint8Array | null;
  readonly data: Buffer;
}

function readHeader(body: Buffer, file: string): Header {
  if (body.length !== 13) return imageDamaged(file, l10n.t('its PNG header is malformed'));
  const colourType = body.readUInt8(9);
  const depth = body.readUInt8(8);
  const samples = SAMPLES[colourType];
  const depths = colourType === 0 ? [1, 2, 4, 8, 16] : colourType === INDEXED ? [1, 2, 4, 8] : [8, 16];
  if (samples === undefined || !depths.includes(depth)) {
    return imageDamaged(file, l10n.t('colour type {0} with {1} bits is not a PNG format', colourType, depth));
  }
  const interlaced = body.readUInt8(12) === 1;
  const header = { width: body.readUInt32BE(0), height: body.readUInt32BE(4) };
  checkImageSize(header.width, header.height, file);
  return { ...header, depth, colourType, interlaced, samples };
}

function readChunks(bytes: Buffer, file: string): Chunks {
  let header: Header | null = null;
  let palette: Uint8Array | null = null;
  let transparency: Uint8Array | null = null;
  const data: Buffer[] = [];
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) return imageTruncated(file);
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (body.length < length) return imageTruncated(file);
    // The first header counts: the image was checked against the model with it.
    if (type === 'IHDR') header ??= readHeader(body, file);
    else if (type === 'PLTE') palette = body;
    else if (type === 'tRNS') transparency = body;
    else if (type === 'IDAT') data.push(body);
    else if (type === 'IEND') break;
    at += length + 12;
  }
  if (header === null) return imageDamaged(file, l10n.t('it has no PNG header'));
  return { header, palette, transparency, data: Buffer.concat(data) };
}

/** The transparent colour of grey and RGB images with a tRNS chunk, one value per sample. */
function transparentColour({ header, transparency }: Chunks): readonly number[] | null {
  const { colourType, samples } = header;
  if (transparency === null || (colourType !== 0 && colourType !== 2) || transparency.length < samples * 2) {
    return null;
  }
  return Array.from(
    { length: samples },
    (_, i) => ((transparency[i * 2] ?? 0) << 8) | (transparency[i * 2 + 1] ?? 0),
  );
}

/** Sample `i` of a line, not scaled. */
function sampleAt({ bytes }: PngLine, i: number, depth: number): number {
  if (depth === 8) return bytes[i] ?? 0;
  if (depth === 16) return ((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0);
  const bit = i * depth;
  return ((bytes[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

type PutPixel = (line: PngLine, pixel: number, rgba: Uint8Array, at: number) => void;
type PutLine = (line: PngLine, rgba: Uint8Array, width: number) => void;

const pixelByPixel =
  (put: PutPixel): PutLine =>
  (line, rgba, width) => {
    const start = line.y * width + line.x;
    for (let i = 0; i < line.pixels; i++) put(line, i, rgba, (start + i * line.step) * 4);
  };

/** RGB and RGBA of 8 bits, which is what nearly every file is. */
const bytesPut =
  (samples: number): PutLine =>
  ({ bytes, pixels, x, y, step }, rgba, width) => {
    let at = (y * width + x) * 4;
    for (let i = 0, from = 0; i < pixels; i++, from += samples, at += step * 4) {
      rgba[at] = bytes[from] ?? 0;
      rgba[at + 1] = bytes[from + 1] ?? 0;
      rgba[at + 2] = bytes[from + 2] ?? 0;
      rgba[at + 3] = samples === 4 ? (bytes[from + 3] ?? 0) : 255;
    }
  };

function putLineOf(chunks: Chunks, palette: Uint8Array | null): PutLine {
  const { depth, samples, colourType } = chunks.header;
  if (colourType === INDEXED && palette !== null) return pixelByPixel(indexedPixel(chunks, palette));
  if (depth === 8 && samples >= 3 && chunks.transparency === null) return bytesPut(samples);
  return pixelByPixel(directPixel(chunks));
}

function indexedPixel({ header: { depth }, transparency }: Chunks, palette: Uint8Array): PutPixel {
  return (line, pixel, rgba, at) => {
    const index = sampleAt(line, pixel, depth);
    rgba[at] = palette[index * 3] ?? 0;
    rgba[at + 1] = palette[index * 3 + 1] ?? 0;
    rgba[at + 2] = palette[index * 3 + 2] ?? 0;
    rgba[at + 3] = transparency?.[index] ?? 255;
  };
}

function directPixel(chunks: Chunks): PutPixel {
  const { depth, samples } = chunks.header;
  const key = transparentColour(chunks);
  const to8 = depth === 16 ? (v: number) => v >> 8 : (v: number) => (v * 255) / ((1 << depth) - 1);
  const [green, blue] = samples < 3 ? [0, 0] : [1, 2];
  const hasAlpha = samples === 2 || samples === 4;
  return (line, pixel, rgba, at) => {
    const from = pixel * samples;
    rgba[at] = to8(sampleAt(line, from, depth));
    rgba[at + 1] = to8(sampleAt(line, from + green, depth));
    rgba[at + 2] = to8(sampleAt(line, from + blue, depth));
    const isTransparent = key?.every((value, c) => sampleAt(line, from + c, depth) === value) ?? false;
    rgba[at + 3] = hasAlpha ? to8(sampleAt(line, from + samples - 1, depth)) : isTransparent ? 0 : 255;
  };
}

/** Width and height by the header, which comes first. @throws Failure like `decodePng`. */
export function pngSize(bytes: Buffer, file: string): ImageSize {
  if (bytes.length < 33) return imageTruncated(file);
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') return imageDamaged(file, l10n.t('it has no PNG header'));
  return readHeader(bytes.subarray(16, 16 + bytes.readUInt32BE(8)), file);
}

/**
 * Decodes a PNG of any colour type, 1 to 16 bits per sample. Of 16-bit samples the high byte is kept, for colour as in Pillow.
 * Colour profiles and gamma are ignored, as in Pillow. Own code because libraries inflate pixels and colour profiles whole, so
 * that half a megabyte could take gigabytes; here only two lines are in memory besides the pixels.
 *
 * @param bytes the whole file, with the PNG signature.
 * @throws Failure `truncated`, `bad-input` or `too-large`.
 */
export async function decodePng(bytes: Buffer, file: string): Promise<DecodedImage> {
  const chunks = readChunks(bytes, file);
  const { header, palette } = chunks;
  const { width, height, depth, colourType } = header;
  if (colourType === INDEXED && palette === null) return imageDamaged(file, l10n.t('its palette is missing'));
  const put = putLineOf(chunks, palette);
  const rgba = new Uint8Array(width * height * 4);
  await forEachLine(chunks.data, header, file, (line) => put(line, rgba, width));
  const notices =
    depth === 16 && colourType === 0
      ? [l10n.t('A 16-bit grey image: its high byte is used (Keras load_img cuts values above 255 instead).')]
      : [];
  return { width, height, rgba, notices };
}
