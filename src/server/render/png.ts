import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';
import { crc32 } from '../io/zip/crc32';

const SIGNATURE = Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1');
/** Colour types of 3 and 4 samples (PNG specification, section 11.2.2). */
const RGB = 2;
const RGBA = 6;
/** Filter type of a line whose bytes are differences from the pixel to their left (section 9.2): photographs become a third smaller. */
const SUB = 1;
/** Of zlib; with its default, 6, photographs are no smaller, and heat maps a quarter smaller in twice the time. */
const OPTIONS = { level: 3 };

const deflateAside = promisify(deflate);

/**
 * A PNG file, 8 bits per sample.
 *
 * @param pixels [height, width, 3] (RGB) or [height, width, 4] (RGBA, colours not multiplied by alpha), 0..255.
 * @throws RangeError when the number of bytes fits neither.
 */
export function encodePng(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const channels = channelsOf(pixels, width, height);
  return fileOf(width, height, channels, deflateSync(filtered(pixels, width * channels, channels), OPTIONS));
}

/** As `encodePng`; another thread compresses the pixels. */
export async function encodePngAside(pixels: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  const channels = channelsOf(pixels, width, height);
  const lines = await deflateAside(filtered(pixels, width * channels, channels), OPTIONS);
  return fileOf(width, height, channels, lines);
}

function channelsOf(pixels: Uint8Array, width: number, height: number): 3 | 4 {
  const channels = pixels.length / (width * height);
  if (width < 1 || height < 1 || (channels !== 3 && channels !== 4)) {
    throw new RangeError(`${pixels.length} bytes are not a ${width} x ${height} RGB or RGBA image`);
  }
  return channels;
}

/** @param lines compressed */
function fileOf(width: number, height: number, channels: 3 | 4, lines: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = channels === 3 ? RGB : RGBA;
  return Buffer.concat([SIGNATURE, ...chunk('IHDR', header), ...chunk('IDAT', lines), ...chunk('IEND')]);
}

/** The lines of an image with their filter type before each. */
function filtered(pixels: Uint8Array, lineBytes: number, channels: number): Uint8Array {
  const lines = new Uint8Array(pixels.length + pixels.length / lineBytes);
  let to = 0;
  for (let from = 0; from < pixels.length; from += lineBytes) {
    lines[to++] = SUB;
    for (let i = from; i < from + channels; i++) lines[to++] = pixels[i] ?? 0;
    for (let i = from + channels; i < from + lineBytes; i++)
      lines[to++] = (pixels[i] ?? 0) - (pixels[i - channels] ?? 0);
  }
  return lines;
}

/** A chunk: length, name, body and the CRC-32 of name and body (section 5.3). */
function chunk(name: string, body: Uint8Array = new Uint8Array()): Uint8Array[] {
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  const head = Buffer.from(name, 'latin1');
  length.writeUInt32BE(body.length);
  crc.writeUInt32BE(crc32(body, crc32(head)));
  return [length, head, body, crc];
}
