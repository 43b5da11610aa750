import * as l10n from '@vscode/l10n';
import type { ByteSource } from '../byteSource';
import { ByteReader } from './byteReader';

/** The magic numbers of a block and of the end of the stream: 48 digits of pi and of its square root, in halves. */
const BLOCK = [0x314159, 0x265359] as const;
const END = [0x177245, 0x385090] as const;

const MAX_CODE_BITS = 20;
/** Symbols per selector of a code table. */
const GROUP = 50;
const CHUNK_BYTES = 2 ** 18;
const MAX_REPEATS = 255;

const DAMAGED = l10n.t('its bzip2 data is damaged');

/**
 * Unpacks one bzip2 stream (the format of bzip2 1.0, without the randomised blocks of versions before 0.9.5) in chunks of at
 * most 256 kB, with at least one chunk per block. Memory is that of one block, at most 3.6 MB. Work is bounded by the output,
 * since no block is empty. Checksums are not verified: the caller has one of the whole.
 * @param size of the unpacked data in bytes; a larger block is not unpacked.
 * @throws Error whose message is a clause, when the data is damaged or ends before the stream does.
 */
export function* unbzip2(source: ByteSource, size: number): Generator<Uint8Array> {
  const bits = new BitReader(new ByteReader(source));
  const level = bits.read(16) === 0x425a && bits.read(8) === 0x68 ? bits.read(8) - 0x30 : 0;
  if (level < 1 || level > 9) throw new Error(l10n.t('it does not begin like bzip2 data'));
  const room = allocateBlock(level * 100_000, size);
  for (;;) {
    const magic = [bits.read(24), bits.read(24)];
    bits.read(16);
    bits.read(16);
    if (magic[0] === END[0] && magic[1] === END[1]) return;
    if (magic[0] !== BLOCK[0] || magic[1] !== BLOCK[1]) throw new Error(DAMAGED);
    yield* expandRuns(room.links, readBlock(bits, room));
  }
}

/** Bits of the data, the most significant of each byte first. */
class BitReader {
  private held = 0;
  private count = 0;
  /** Zero bits that were added after the end, so that `peek` can always read 20 bits. */
  private added = 0;

  constructor(private readonly feed: ByteReader) {}

  /** The next 20 bits, without consuming them; zeros after the end. */
  peek(): number {
    this.fill(MAX_CODE_BITS);
    return (this.held >>> (this.count - MAX_CODE_BITS)) & 0xfffff;
  }

  /** Consumes `count` bits. */
  skip(count: number): void {
    this.count -= count;
    if (this.count < this.added) throw new Error(l10n.t('it ends before its bzip2 data does'));
  }

  /** @param count at most 24. */
  read(count: number): number {
    this.fill(count);
    const value = (this.held >>> (this.count - count)) & ((1 << count) - 1);
    this.skip(count);
    return value;
  }

  private fill(count: number): void {
    while (this.count < count) {
      const byte = this.feed.next();
      if (byte < 0) this.added += 8;
      this.held = (this.held << 8) | Math.max(byte, 0);
      this.count += 8;
    }
  }
}

/** Codes of one table, ordered by length and then by symbol. */
interface CodeTable {
  readonly shortest: number;
  /** By length: the first 20 bits that no code of this length or a shorter one begins. */
  readonly limits: Int32Array;
  /** By length: what to add to a code to find its symbol. */
  readonly offsets: Int32Array;
  readonly symbols: Uint16Array;
}

/** The buffer of a block. */
interface BlockBuffer {
  readonly links: Uint32Array;
  /** The message for a block that does not fit. */
  readonly overflow: string;
}

function allocateBlock(blockBytes: number, size: number): BlockBuffer {
  // At worst, every four bytes are equal and are followed by a repeat count of 0.
  const needed = Math.ceil(size * 1.25);
  return needed < blockBytes
    ? {
        links: new Uint32Array(needed),
        overflow: l10n.t('it holds more than the {0} bytes that the archive states', size),
      }
    : { links: new Uint32Array(blockBytes), overflow: DAMAGED };
}

interface Block {
  readonly count: number;
  /** Where the chain through the block begins. */
  readonly start: number;
}

/** Fills `room.links` with the bytes of a block, each with the place of the one that follows it (in the upper 24 bits). */
function readBlock(bits: BitReader, room: BlockBuffer): Block {
  const { links } = room;
  if (bits.read(1) === 1)
    throw new Error(l10n.t('it has randomised blocks, which bzip2 has not written since 1999'));
  const origin = bits.read(24);
  const bytes = readBytesUsed(bits);
  const tables = bits.read(3);
  if (bytes.length === 0 || tables < 2 || tables > 6) throw new Error(DAMAGED);
  const selectors = readSelectors(bits, tables);
  const codes = Array.from({ length: tables }, () => readTable(bits, bytes.length + 2));
  const counts = new Uint32Array(256);
  const count = readSymbols(bits, bytes, selectors, codes, room, counts);
  if (origin >= count) throw new Error(DAMAGED);
  let before = 0;
  const places = counts.map((some) => {
    before += some;
    return before - some;
  });
  for (let i = 0; i < count; i++) {
    const byte = (links[i] ?? 0) & 0xff;
    const place = places[byte] ?? 0;
    places[byte] = place + 1;
    links[place] = (links[place] ?? 0) | (i << 8);
  }
  return { count, start: (links[origin] ?? 0) >>> 8 };
}

/** The byte values that occur in a block, in order: 16 bits name the sixteens, 16 bits more those of each. */
function readBytesUsed(bits: BitReader): Uint8Array {
  const sixteens = bits.read(16);
  const used: number[] = [];
  for (let high = 0; high < 16; high++) {
    if (((sixteens >> (15 - high)) & 1) === 0) continue;
    const some = bits.read(16);
    for (let low = 0; low < 16; low++) if ((some >> (15 - low)) & 1) used.push(high * 16 + low);
  }
  return Uint8Array.from(used);
}

/** Which table each group of symbols uses, moved to the front when used. */
function readSelectors(bits: BitReader, tables: number): Uint8Array {
  const order = Array.from({ length: tables }, (_, i) => i);
  const selectors = new Uint8Array(bits.read(15));
  for (let i = 0; i < selectors.length; i++) {
    let place = 0;
    while (place < tables && bits.read(1) === 1) place += 1;
    const [table] = order.splice(place, 1);
    if (table === undefined) throw new Error(DAMAGED);
    order.unshift(table);
    selectors[i] = table;
  }
  return selectors;
}

function readTable(bits: BitReader, alphabet: number): CodeTable {
  const lengths = new Uint8Array(alphabet);
  const counts = new Uint16Array(MAX_CODE_BITS + 1);
  let length = bits.read(5);
  for (let symbol = 0; symbol < alphabet; symbol++) {
    // From one end of the range to the other takes 19 steps; data that goes back and forth could do so for gigabytes.
    for (let steps = 0; bits.read(1) === 1; steps++) {
      length += bits.read(1) === 0 ? 1 : -1;
      if (steps === MAX_CODE_BITS) throw new Error(DAMAGED);
    }
    if (length < 1 || length > MAX_CODE_BITS) throw new Error(DAMAGED);
    lengths[symbol] = length;
    counts[length] = (counts[length] ?? 0) + 1;
  }
  const limits = new Int32Array(MAX_CODE_BITS + 1);
  const offsets = new Int32Array(MAX_CODE_BITS + 1);
  const symbols = new Uint16Array(alphabet);
  const places = new Uint16Array(MAX_CODE_BITS + 1);
  let code = 0;
  let before = 0;
  for (let bitCount = 1; bitCount <= MAX_CODE_BITS; bitCount++) {
    const some = counts[bitCount] ?? 0;
    offsets[bitCount] = before - code;
    places[bitCount] = before;
    before += some;
    code += some;
    // Too many codes of one length reach beyond all bits: then those after them are never met.
    limits[bitCount] = code << (MAX_CODE_BITS - bitCount);
    code <<= 1;
  }
  for (let symbol = 0; symbol < alphabet; symbol++) {
    const bitCount = lengths[symbol] ?? 0;
    const place = places[bitCount] ?? 0;
    symbols[place] = symbol;
    places[bitCount] = place + 1;
  }
  return { shortest: counts.findIndex((some) => some > 0), limits, offsets, symbols };
}

function decode(bits: BitReader, { shortest, limits, offsets, symbols }: CodeTable): number {
  const next = bits.peek();
  let length = shortest;
  while (length <= MAX_CODE_BITS && next >= (limits[length] ?? 0)) length += 1;
  if (length > MAX_CODE_BITS) throw new Error(DAMAGED);
  bits.skip(length);
  return symbols[(next >> (MAX_CODE_BITS - length)) + (offsets[length] ?? 0)] ?? 0;
}

/**
 * The bytes of a block into the lower 8 bits of `links`, and how often each occurs into `counts`: symbols 0 and 1 are the binary
 * digits of how often the byte in front is repeated, the others bring the byte at their place to the front, the last ends.
 * Returns how many bytes there are.
 */
function readSymbols(
  bits: BitReader,
  bytes: Uint8Array,
  selectors: Uint8Array,
  codes: readonly CodeTable[],
  { links, overflow }: BlockBuffer,
  counts: Uint32Array,
): number {
  const front = bytes.slice();
  let count = 0;
  const put = (byte: number, times: number): void => {
    if (times > links.length - count) throw new Error(overflow);
    links.fill(byte, count, count + times);
    counts[byte] = (counts[byte] ?? 0) + times;
    count += times;
  };
  let run = 0;
  let digit = 1;
  for (const selector of selectors) {
    const table = codes[selector];
    if (table === undefined) break;
    for (let left = GROUP; left > 0; left--) {
      const symbol = decode(bits, table);
      if (symbol <= 1) {
        run += digit << symbol;
        digit <<= 1;
        if (run > links.length) throw new Error(overflow);
        continue;
      }
      if (run > 0) put(front[0] ?? 0, run);
      run = 0;
      digit = 1;
      if (symbol > bytes.length) return count;
      const byte = front[symbol - 1] ?? 0;
      front.copyWithin(1, 0, symbol - 1);
      front[0] = byte;
      if (count === links.length) throw new Error(overflow);
      links[count++] = byte;
      counts[byte] = (counts[byte] ?? 0) + 1;
    }
  }
  throw new Error(DAMAGED);
}

/** Follows the chain through a block; after four equal bytes one says how often that byte is repeated. */
function* expandRuns(links: Uint32Array, { count, start }: Block): Generator<Uint8Array> {
  // Five bytes stand for at most 259.
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, count * 52) + MAX_REPEATS);
  let filled = 0;
  let place = start;
  let last = -1;
  let equal = 0;
  for (let i = 0; i < count; i++) {
    const link = links[place] ?? 0;
    place = link >>> 8;
    const byte = link & 0xff;
    if (equal === 4) {
      chunk.fill(last, filled, filled + byte);
      filled += byte;
      equal = 0;
      last = -1;
    } else {
      equal = byte === last ? equal + 1 : 1;
      last = byte;
      chunk[filled++] = byte;
    }
    if (filled > chunk.length - MAX_REPEATS) {
      yield chunk.slice(0, filled);
      filled = 0;
    }
  }
  if (equal === 4) throw new Error(DAMAGED);
  yield chunk.slice(0, filled);
}
