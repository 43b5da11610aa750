import type { Random } from './random';

/** Lengths, counts and offsets that a reader may believe. */
const EXTREMES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** Places where a format's own structure begins; fields after them are lengths, counts and offsets. */
const SIGNATURES = [
  ...['\x89HDF', 'OHDR', 'OCHK', 'TREE', 'HEAP', 'SNOD', 'GCOL', 'FRHP', 'FHDB', 'BTHD', 'BTLF', 'FSHD'],
  ...['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', 'IHDR', 'IDAT', 'PLTE', 'VP8 ', 'VP8L', 'VP8X', 'RIFF'],
  ...['\xff\xc0', '\xff\xc2', '\xff\xc4', '\xff\xda', '\xff\xdb', 'BM'],
].map((text) => Buffer.from(text, 'latin1'));

/** One random change of any bytes; half of them where the format keeps its structure. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return Buffer.from([random.below(256)]);
  const changed = Buffer.from(bytes);
  const at = random.chance(0.5) ? nearSignature(bytes, random) : random.below(bytes.length);
  switch (random.below(8)) {
    case 0:
      changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
      return changed;
    case 1:
      changed[at] = random.below(256);
      return changed;
    case 2:
    case 3:
      return withNumber(changed, at, random);
    case 4:
      return changed.subarray(0, random.below(bytes.length));
    case 5: {
      const length = 1 + random.below(Math.min(64, bytes.length - at));
      return Buffer.concat([changed.subarray(0, at), changed.subarray(at + length)]);
    }
    case 6: {
      const part = changed.subarray(at, at + 1 + random.below(64));
      return Buffer.concat([changed.subarray(0, at), part, changed.subarray(at)]);
    }
    default: {
      const from = random.below(bytes.length);
      bytes.copy(changed, at, from, from + 1 + random.below(64));
      return changed;
    }
  }
}

function nearSignature(bytes: Buffer, random: Random): number {
  const places = SIGNATURES.map((signature) => bytes.indexOf(signature, random.below(bytes.length))).filter(
    (place) => place >= 0,
  );
  if (places.length === 0) return random.below(bytes.length);
  return Math.min(bytes.length - 1, random.pick(places) + random.below(48));
}

function withNumber(bytes: Buffer, at: number, random: Random): Buffer {
  const value = random.chance(0.7) ? random.pick(EXTREMES) : random.below(0x100000000);
  const width = random.pick([1, 2, 4, 8]);
  const place = Math.max(0, Math.min(at, bytes.length - width));
  if (place + width > bytes.length) return bytes;
  if (width === 8) bytes.writeBigUInt64LE(BigInt(value) << BigInt(random.pick([0, 16, 31])), place);
  else if (random.chance(0.7)) bytes.writeUIntLE(value % 2 ** (8 * width), place, width);
  else bytes.writeUIntBE(value % 2 ** (8 * width), place, width);
  return bytes;
}
