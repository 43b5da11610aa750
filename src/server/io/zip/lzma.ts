import * as l10n from '@vscode/l10n';
import type { ByteSource } from '../byteSource';
import { ByteReader } from './byteReader';

const CHUNK_BYTES = 2 ** 18;
const MIN_DICTIONARY_BYTES = 4096;

const PROBABILITY_BITS = 11;
/** The initial value of every probability: one half. */
const EVEN = 1 << (PROBABILITY_BITS - 1);

const STATES = 12;
/** States from here on follow a match. */
const FIRST_MATCH_STATE = 7;
const MAX_POSITION_STATES = 16;
const MIN_LENGTH = 2;
const LITERAL_CODER = 0x300;
const LENGTH_STATES = 4;
const FIRST_CODED_SLOT = 4;
const FIRST_DIRECT_SLOT = 14;
const ALIGN_BITS = 4;
/** The distance that marks the end of the data. */
const END_MARKER = 0xffffffff;

const DAMAGED = l10n.t('its LZMA data is damaged');

/**
 * Unpacks LZMA in zip archives (APPNOTE 5.8: a version, the size of the properties, the properties, then the data of the
 * LZMA specification) in chunks of about 256 kB. The dictionary takes no more memory than `size`.
 * @param size of the unpacked data in bytes: the end of data without an end marker, and the maximum output.
 * @param marked whether the archive declares an end marker (bit 1 of the entry's flags); there may be one anyway.
 * @throws Error whose message is a clause, when the data is damaged or ends too early.
 */
export function* unlzma(source: ByteSource, size: number, marked: boolean): Generator<Uint8Array> {
  const feed = new ByteReader(source);
  const header = Array.from({ length: 9 }, () => byteOf(feed));
  const [, , sizeLow = 0, sizeHigh = 0, packed = 0, ...dictionary] = header;
  if (sizeLow + 256 * sizeHigh !== 5 || packed >= 9 * 5 * 5) {
    throw new Error(l10n.t('its LZMA properties are not those of a zip archive'));
  }
  const literalContext = packed % 9;
  const literalPosition = Math.floor(packed / 9) % 5;
  const positionMask = (1 << Math.floor(packed / 45)) - 1;
  const dictionaryBytes = dictionary.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
  const window = new Window(Math.max(MIN_DICTIONARY_BYTES, dictionaryBytes), size);
  const coder = new RangeDecoder(feed);
  const literals = new LiteralDecoder(coder, literalContext, literalPosition);
  const lengths = new LengthDecoder(coder);
  const repeatLengths = new LengthDecoder(coder);
  const distances = new DistanceDecoder(coder);
  const isMatch = probabilities(STATES * MAX_POSITION_STATES);
  const isRepeat = probabilities(STATES);
  const isOlder = probabilities(STATES);
  const isLong = probabilities(STATES * MAX_POSITION_STATES);
  const isThird = probabilities(STATES);
  const isFourth = probabilities(STATES);
  let state = 0;
  // The last four distances, the newest first; 0 is the byte before.
  let [newest, second, third, fourth] = [0, 0, 0, 0];
  for (;;) {
    if (window.isReady) yield window.take();
    if (window.total === size && !marked && coder.isFinished) break;
    const positionState = window.total & positionMask;
    if (coder.bit(isMatch, state * MAX_POSITION_STATES + positionState) === 0) {
      const matched = state < FIRST_MATCH_STATE ? -1 : window.byteAt(newest);
      window.put(literals.decode(window.total, window.total > 0 ? window.byteAt(0) : 0, matched));
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    const afterLiteral = state < FIRST_MATCH_STATE;
    if (coder.bit(isRepeat, state) === 0) {
      [newest, second, third, fourth] = [0, newest, second, third];
      const length = lengths.decode(positionState);
      state = afterLiteral ? 7 : 10;
      newest = distances.decode(length);
      if (newest === END_MARKER) {
        if (!coder.isFinished) throw new Error(DAMAGED);
        break;
      }
      window.copy(newest, length + MIN_LENGTH);
      continue;
    }
    if (coder.bit(isOlder, state) === 0) {
      if (coder.bit(isLong, state * MAX_POSITION_STATES + positionState) === 0) {
        state = afterLiteral ? 9 : 11;
        window.copy(newest, 1);
        continue;
      }
    } else if (coder.bit(isThird, state) === 0) {
      [newest, second] = [second, newest];
    } else if (coder.bit(isFourth, state) === 0) {
      [newest, second, third] = [third, newest, second];
    } else {
      [newest, second, third, fourth] = [fourth, newest, second, third];
    }
    const length = repeatLengths.decode(positionState);
    state = afterLiteral ? 8 : 11;
    window.copy(newest, length + MIN_LENGTH);
  }
  yield window.take();
}

function byteOf(feed: ByteReader): number {
  const byte = feed.next();
  if (byte < 0) throw new Error(l10n.t('it ends before its LZMA data does'));
  return byte;
}

const probabilities = (count: number): Uint16Array => new Uint16Array(count).fill(EVEN);

/** The last unpacked bytes, in a ring buffer of the size of the dictionary or of the whole output, whichever is smaller. */
class Window {
  total = 0;
  private readonly bytes: Uint8Array;
  private readonly enough: number;
  private at = 0;
  private pending = 0;

  constructor(
    private readonly dictionaryBytes: number,
    private readonly size: number,
  ) {
    this.bytes = new Uint8Array(Math.max(1, Math.min(dictionaryBytes, size)));
    this.enough = Math.min(CHUNK_BYTES, this.bytes.length / 2);
  }

  /** Whether a chunk is ready; it must be taken before the ring is full. */
  get isReady(): boolean {
    return this.pending > this.enough;
  }

  /** A copy of the bytes since the last call. */
  take(): Uint8Array {
    const from = this.at - this.pending;
    const chunk = new Uint8Array(this.pending);
    const wrapped = Math.max(0, -from);
    chunk.set(this.bytes.subarray(this.bytes.length - wrapped));
    chunk.set(this.bytes.subarray(Math.max(0, from), this.at), wrapped);
    this.pending = 0;
    return chunk;
  }

  /** @param distance 0 for the byte before, less than `total`. */
  byteAt(distance: number): number {
    const place = this.at - 1 - distance;
    return this.bytes[place < 0 ? place + this.bytes.length : place] ?? 0;
  }

  put(byte: number): void {
    if (this.total === this.size) this.failLonger();
    this.bytes[this.at] = byte;
    this.at = this.at + 1 === this.bytes.length ? 0 : this.at + 1;
    this.total += 1;
    this.pending += 1;
  }

  copy(distance: number, count: number): void {
    if (distance >= this.total || distance >= this.dictionaryBytes) throw new Error(DAMAGED);
    if (count > this.size - this.total) this.failLonger();
    for (let i = 0; i < count; i++) this.put(this.byteAt(distance));
  }

  private failLonger(): never {
    throw new Error(l10n.t('it holds more than the {0} bytes that the archive states', this.size));
  }
}

/** Section "Range Decoder" of the LZMA specification. */
class RangeDecoder {
  /** Range and code, in an array because engines keep fields above 2^30 as boxed doubles. */
  private readonly state = Uint32Array.of(0xffffffff, 0);

  constructor(private readonly feed: ByteReader) {
    const { state } = this;
    if (byteOf(feed) !== 0) throw new Error(DAMAGED);
    for (let i = 0; i < 4; i++) state[1] = ((state[1] ?? 0) << 8) | byteOf(feed);
    if (state[1] === state[0]) throw new Error(DAMAGED);
  }

  get isFinished(): boolean {
    return this.state[1] === 0;
  }

  /** Decodes one bit with the adaptive probability at `index` of `table`. */
  bit(table: Uint16Array, index: number): 0 | 1 {
    const { state } = this;
    const range = state[0] ?? 0;
    const code = state[1] ?? 0;
    const chance = table[index] ?? 0;
    const bound = Math.imul(range >>> PROBABILITY_BITS, chance) >>> 0;
    if (code < bound) {
      table[index] = chance + (((1 << PROBABILITY_BITS) - chance) >> 5);
      if (bound < 2 ** 24) this.shift(bound, code);
      else state[0] = bound;
      return 0;
    }
    table[index] = chance - (chance >> 5);
    this.set(range - bound, code - bound);
    return 1;
  }

  /** `count` bits of even chance. */
  direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const range = (this.state[0] ?? 0) >>> 1;
      const code = this.state[1] ?? 0;
      const isOne = code >= range;
      this.set(range, isOne ? code - range : code);
      value = value * 2 + (isOne ? 1 : 0);
    }
    return value;
  }

  /** `count` bits, the first one the most significant; `table` has a tree of them from `start` on. */
  tree(table: Uint16Array, start: number, count: number): number {
    let node = 1;
    for (let i = 0; i < count; i++) node = node * 2 + this.bit(table, start + node);
    return node - (1 << count);
  }

  /** As `tree`, the first bit the least significant. */
  reverseTree(table: Uint16Array, start: number, count: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < count; i++) {
      const bit = this.bit(table, start + node);
      node = node * 2 + bit;
      value |= bit << i;
    }
    return value;
  }

  private set(range: number, code: number): void {
    if (range < 2 ** 24) {
      this.shift(range, code);
      return;
    }
    this.state[0] = range;
    this.state[1] = code;
  }

  /** Shifts another byte into both. */
  private shift(range: number, code: number): void {
    this.state[0] = range << 8;
    this.state[1] = (code << 8) | byteOf(this.feed);
  }
}

class LiteralDecoder {
  private readonly table: Uint16Array;

  constructor(
    private readonly coder: RangeDecoder,
    private readonly contextBits: number,
    private readonly positionBits: number,
  ) {
    this.table = probabilities(LITERAL_CODER << (contextBits + positionBits));
  }

  /** @param matched after a match, the byte that would have continued it; else -1. */
  decode(position: number, before: number, matched: number): number {
    const low = position & ((1 << this.positionBits) - 1);
    const start = LITERAL_CODER * ((low << this.contextBits) + (before >> (8 - this.contextBits)));
    let symbol = 1;
    if (matched >= 0) {
      for (let at = 7; at >= 0 && symbol < 0x100; at--) {
        const expected = (matched >> at) & 1;
        const bit = this.coder.bit(this.table, start + ((1 + expected) << 8) + symbol);
        symbol = symbol * 2 + bit;
        if (bit !== expected) break;
      }
    }
    while (symbol < 0x100) symbol = symbol * 2 + this.coder.bit(this.table, start + symbol);
    return symbol - 0x100;
  }
}

class LengthDecoder {
  private readonly choices = probabilities(2);
  private readonly low = probabilities(MAX_POSITION_STATES << 3);
  private readonly middle = probabilities(MAX_POSITION_STATES << 3);
  private readonly high = probabilities(256);

  constructor(private readonly coder: RangeDecoder) {}

  /** The length less the smallest. */
  decode(positionState: number): number {
    const { coder } = this;
    if (coder.bit(this.choices, 0) === 0) return coder.tree(this.low, positionState << 3, 3);
    if (coder.bit(this.choices, 1) === 0) return 8 + coder.tree(this.middle, positionState << 3, 3);
    return 16 + coder.tree(this.high, 0, 8);
  }
}

class DistanceDecoder {
  private readonly slots = probabilities(LENGTH_STATES << 6);
  private readonly places = probabilities(115);
  private readonly align = probabilities(1 << ALIGN_BITS);

  constructor(private readonly coder: RangeDecoder) {}

  decode(length: number): number {
    const { coder } = this;
    const slot = coder.tree(this.slots, Math.min(length, LENGTH_STATES - 1) << 6, 6);
    if (slot < FIRST_CODED_SLOT) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 + (slot & 1)) * 2 ** bits;
    if (slot < FIRST_DIRECT_SLOT) return base + coder.reverseTree(this.places, base - slot, bits);
    return (
      base +
      coder.direct(bits - ALIGN_BITS) * (1 << ALIGN_BITS) +
      coder.reverseTree(this.align, 0, ALIGN_BITS)
    );
  }
}
