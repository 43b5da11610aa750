import { crc32 } from 'node:zlib';
import { mutateBytes } from './mutateBytes';
import type { Random } from './random';

const SIZES = [0, 1, 2, 7, 255, 4096, 16_383, 65_535, 70_000, 2 ** 31 - 1, 2 ** 32 - 1];

/** Other numbers in the header of an image, so that what its data say and what it claims differ. */
export function mutateImage(bytes: Buffer, random: Random): Buffer {
  const start = bytes.toString('latin1', 0, 4);
  if (start === '\x89PNG' && bytes.length >= 33) return mutatePng(bytes, random);
  if (start.startsWith('\xff\xd8')) return mutateJpeg(bytes, random);
  if (start.startsWith('BM') && bytes.length >= 54) return mutateBmp(bytes, random);
  if (start === 'RIFF' && bytes.length >= 34) return mutateWebp(bytes, random);
  return mutateBytes(bytes, random);
}

/** With a checksum that holds. */
function mutatePng(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const at = 16 + random.below(13);
  if (at < 24) changed.writeUInt32BE(random.pick(SIZES), at < 20 ? 16 : 20);
  else changed[at] = random.pick([0, 1, 2, 3, 4, 6, 8, 16, 255]);
  changed.writeUInt32BE(crc32(changed.subarray(12, 29)), 29);
  return changed;
}

/** A segment left out, doubled or changed; of a frame header (SOF) its sizes, components and sampling. */
function mutateJpeg(bytes: Buffer, random: Random): Buffer {
  const segments = jpegSegments(bytes);
  if (segments.length === 0) return mutateBytes(bytes, random);
  const frames = segments.filter(({ marker }) => marker >= 0xc0 && marker <= 0xc2);
  const [frame] = frames;
  const changed = Buffer.from(bytes);
  if (frame && frame.end - frame.start >= 12 && random.chance(0.5)) {
    const at = frame.start + 5 + random.below(frame.end - frame.start - 5);
    if (random.chance(0.5))
      changed.writeUInt16BE(random.pick(SIZES) % 65_536, frame.start + random.pick([5, 7]));
    else changed[at] = random.pick([0, 1, 2, 3, 4, 0x11, 0x22, 0x41, 0xff]);
    return changed;
  }
  const { start, end } = random.pick(segments);
  const segment = bytes.subarray(start, end);
  const middle = random.pick([
    () => Buffer.alloc(0),
    () => Buffer.concat([segment, segment]),
    () => mutateBytes(Buffer.from(segment), random),
  ])();
  return Buffer.concat([bytes.subarray(0, start), middle, bytes.subarray(end)]);
}

/** From each marker to the end of its segment, up to the compressed data. */
function jpegSegments(bytes: Buffer): { marker: number; start: number; end: number }[] {
  const segments: { marker: number; start: number; end: number }[] = [];
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (marker === 0xda || end > bytes.length) break;
    segments.push({ marker, start: at, end });
    at = end;
  }
  return segments;
}

/** Offset of the data, size of the header, width, height, bits, compression, colours. */
function mutateBmp(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const at = random.pick([10, 14, 18, 22, 28, 30, 46]);
  const value = random.pick([...SIZES, 3, 8, 24, 32, 40, 54, 124, 2 ** 32 - 32]);
  if (at === 28) changed.writeUInt16LE(value % 65_536, at);
  else changed.writeUInt32LE(value, at);
  return changed;
}

/** The chunk's kind and length and what follows, where sizes stand in VP8, VP8L and VP8X. */
function mutateWebp(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const kind = random.below(4);
  if (kind === 0) changed.writeUInt32LE(random.pick(SIZES), random.pick([4, 16]));
  else if (kind === 1) changed.write(random.pick(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM']), 12, 'latin1');
  else if (kind === 2) changed.writeUInt16LE(random.pick(SIZES) % 65_536, random.pick([21, 24, 26, 28]));
  else changed[20 + random.below(14)] = random.below(256);
  return changed;
}
