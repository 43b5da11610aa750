import { deflateSync, inflateSync } from 'node:zlib';
import { decode } from 'fast-png';
import type { Picture } from './picture';
import { checkPictureSize, pictureDamaged, pictureTruncated } from './pictureLimits';

/** Samples a pixel, by PNG colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const INDEXED = 3;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
  readonly samples: number;
}

interface Chunks {
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly palette: Uint8Array | null;
  readonly transparency: Uint8Array | null;
  readonly data: Buffer;
}

function readHeader(body: Buffer, file: string): Header {
  if (body.length !== 13) return pictureDamaged(file, 'its PNG header is malformed');
  const colourType = body.readUInt8(9);
  const depth = body.readUInt8(8);
  const samples = SAMPLES[colourType];
  const depths = colourType === 0 ? [1, 2, 4, 8, 16] : colourType === INDEXED ? [1, 2, 4, 8] : [8, 16];
  if (samples === undefined || !depths.includes(depth)) {
    return pictureDamaged(file, `colour type ${colourType} with ${depth} bits is no PNG format`);
  }
  const interlaced = body.readUInt8(12) === 1;
  if (interlaced && depth < 8) {
    return pictureDamaged(file, 'interlaced PNG with less than 8 bits a sample is not supported');
  }
  const header = { width: body.readUInt32BE(0), height: body.readUInt32BE(4) };
  checkPictureSize(header.width, header.height, file);
  return { ...header, depth, colourType, interlaced, samples };
}

function readChunks(bytes: Buffer, file: string): Chunks {
  let header: Header | null = null;
  let headerBytes: Uint8Array = bytes.subarray(0, 0);
  let palette: Uint8Array | null = null;
  let transparency: Uint8Array | null = null;
  const data: Buffer[] = [];
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) return pictureTruncated(file);
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (body.length < length) return pictureTruncated(file);
    if (type === 'IHDR') {
      header = readHeader(body, file);
      headerBytes = body;
    } else if (type === 'PLTE') palette = body;
    else if (type === 'tRNS') transparency = body;
    else if (type === 'IDAT') data.push(body);
    else if (type === 'IEND') break;
    at += length + 12;
  }
  if (header === null) return pictureDamaged(file, 'it has no PNG header');
  return { header, headerBytes, palette, transparency, data: Buffer.concat(data) };
}

/** Bytes of the filtered scan lines: one filter byte a line, Adam7 in seven smaller pictures. */
function scanBytes({ width, height, depth, samples, interlaced }: Header): number {
  const lines = (w: number, h: number): number =>
    w > 0 && h > 0 ? h * (1 + Math.ceil((w * samples * depth) / 8)) : 0;
  if (!interlaced) return lines(width, height);
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  return passes.reduce(
    (sum, [x, y, dx, dy]) => sum + lines(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
    0,
  );
}

function inflate(chunks: Chunks, file: string): Buffer {
  const expected = scanBytes(chunks.header);
  let scan: Buffer;
  try {
    scan = inflateSync(chunks.data, { maxOutputLength: expected + 65536 });
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
    if (code === 'Z_BUF_ERROR') return pictureTruncated(file);
    return pictureDamaged(file, thrown instanceof Error ? thrown.message : 'its data are damaged');
  }
  return scan.length < expected ? pictureTruncated(file) : scan.subarray(0, expected);
}

function chunk(type: string, body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  // The checksum stays zero: fast-png is not asked to check it, zlib has checked the data's own.
  return Buffer.concat([length, Buffer.from(type, 'latin1'), body, Buffer.alloc(4)]);
}

/**
 * The picture's samples as fast-png unfilters them; sub-byte samples stay packed, each line padded to a byte.
 *
 * fast-png inflates without a limit (pixels and colour profile alike), so a few kilobytes could fill the memory.
 * It therefore gets only the header and the scan lines, inflated here within the size that the header promises.
 */
function unfilter(chunks: Chunks, file: string): Uint8Array | Uint16Array {
  const scan = inflate(chunks, file);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [
    chunk('IHDR', chunks.headerBytes),
    chunk('IDAT', deflateSync(scan, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ];
  try {
    const { data } = decode(Buffer.concat([signature, ...parts]));
    return data instanceof Uint8ClampedArray ? new Uint8Array(data) : data;
  } catch (thrown) {
    return pictureDamaged(file, thrown instanceof Error ? thrown.message : 'its data are damaged');
  }
}

/** One byte a sample: sub-byte samples unpacked (not scaled). */
function unpack(packed: Uint8Array, { width, height, depth, samples }: Header): Uint8Array {
  if (depth === 8) return packed;
  const lineBytes = Math.ceil((width * samples * depth) / 8);
  const out = new Uint8Array(width * height * samples);
  const mask = (1 << depth) - 1;
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < width * samples; i++) {
      const bit = i * depth;
      const byte = packed[y * lineBytes + (bit >> 3)] ?? 0;
      out[y * width * samples + i] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return out;
}

function indexedToRgba(indices: Uint8Array, palette: Uint8Array, alpha: Uint8Array | null): Uint8Array {
  const rgba = new Uint8Array(indices.length * 4);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] ?? 0;
    rgba[i * 4] = palette[index * 3] ?? 0;
    rgba[i * 4 + 1] = palette[index * 3 + 1] ?? 0;
    rgba[i * 4 + 2] = palette[index * 3 + 2] ?? 0;
    rgba[i * 4 + 3] = alpha?.[index] ?? 255;
  }
  return rgba;
}

/** The one colour that counts as transparent in grey and RGB pictures with a tRNS chunk, one value a sample. */
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

function directToRgba(values: Uint8Array | Uint16Array, chunks: Chunks): Uint8Array {
  const { depth, samples, width, height } = chunks.header;
  const key = transparentColour(chunks);
  const to8 = depth === 16 ? (v: number) => v >> 8 : (v: number) => (v * 255) / ((1 << depth) - 1);
  const rgba = new Uint8Array(width * height * 4);
  const colours = samples < 3 ? [0, 0, 0] : [0, 1, 2];
  const hasAlpha = samples === 2 || samples === 4;
  for (let i = 0; i < width * height; i++) {
    const from = i * samples;
    for (let c = 0; c < 3; c++) rgba[i * 4 + c] = to8(values[from + (colours[c] ?? 0)] ?? 0);
    const transparent = key?.every((value, c) => values[from + c] === value) ?? false;
    rgba[i * 4 + 3] = hasAlpha ? to8(values[from + samples - 1] ?? 0) : transparent ? 0 : 255;
  }
  return rgba;
}

/**
 * Decodes a PNG of any colour type, 1 to 16 bits a sample. Of 16-bit samples the high byte is kept, for colour as
 * Pillow does. Colour profiles and gamma are ignored, as Pillow does.
 *
 * @param bytes the whole file, with the PNG signature.
 * @throws Failure `truncated`, `bad-input` or `too-large`.
 */
export function decodePng(bytes: Buffer, file: string): Picture {
  const chunks = readChunks(bytes, file);
  const { width, height, depth, colourType } = chunks.header;
  const samples = unfilter(chunks, file);
  const values = samples instanceof Uint16Array ? samples : unpack(samples, chunks.header);
  const notices =
    depth === 16 && colourType === 0
      ? ['A 16-bit grey picture: its high byte is used (Keras load_img cuts values above 255 instead).']
      : [];
  if (colourType === INDEXED && values instanceof Uint8Array) {
    if (chunks.palette === null) return pictureDamaged(file, 'its palette is missing');
    return { width, height, rgba: indexedToRgba(values, chunks.palette, chunks.transparency), notices };
  }
  return { width, height, rgba: directToRgba(values, chunks), notices };
}
