import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { readNpz } from '../../../src/server/inputs/arrays/npz';
import { inMemory } from '../../../src/server/io/byteSource';
import { unbzip2 } from '../../../src/server/io/zip/bzip2';
import { crc32 as ourCrc32 } from '../../../src/server/io/zip/crc32';
import { unlzma } from '../../../src/server/io/zip/lzma';
import { Failure, type LayerglassError } from '../../../src/shared/errors';
import { mutateBytes } from '../../fuzz/mutateBytes';
import { Random } from '../../fuzz/random';
import { archiveOf, entriesIn, type PackedEntry } from '../../server/zipFile';
import { lzmaLiterals } from './lzmaEncoder';

/** What make_zip_methods.py wrote. */
const FIXTURES = join(__dirname, '../../fixtures/zip_methods');
const fixture = (name: string): Buffer => readFileSync(join(FIXTURES, name));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-zip-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The packed config.json of the toy, and its text. */
function configBy(method: string): { entry: PackedEntry; text: Buffer } {
  const entry = entriesIn(fixture(`${method}.keras`)).find(({ name }) => name === 'config.json');
  if (entry === undefined) throw new Error(`no config in ${method}.keras`);
  const [whole] = entriesIn(readFileSync(join(FIXTURES, '../golden/toy.keras'))).filter(
    ({ name }) => name === 'config.json',
  );
  return { entry, text: Buffer.from(whole?.packed ?? []) };
}

/** How opening the toy ends whose config is `entry`. */
async function outcome(entry: PackedEntry): Promise<LayerglassError | 'opened'> {
  const path = join(folder, 'changed.keras');
  writeFileSync(path, archiveOf([entry]));
  try {
    const model = await openModelFile(path);
    model.close();
    return 'opened';
  } catch (error) {
    if (error instanceof Failure) return error.error;
    throw error;
  }
}

async function expectRefused(entry: PackedEntry, sentence: RegExp): Promise<void> {
  const error = await outcome(entry);
  expect(error).toMatchObject({ kind: 'truncated', remedy: expect.stringMatching(/\.$/) });
  expect(error).toMatchObject({
    message: expect.stringMatching(/^changed\.keras: config\.json in it cannot be unpacked \(.*\)\.$/),
  });
  expect(error).toMatchObject({ message: expect.stringMatching(sentence) });
}

function unpacked({ packed, method, flags, size }: PackedEntry, limit = Number.POSITIVE_INFINITY): Buffer {
  const source = inMemory(packed);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const chunk of method === 12 ? unbzip2(source, size) : unlzma(source, size, (flags & 2) !== 0)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return Buffer.concat(chunks);
}

const withBytes = (entry: PackedEntry, change: (bytes: Buffer) => void): PackedEntry => {
  const packed = Buffer.from(entry.packed);
  change(packed);
  return { ...entry, packed };
};

test('the CRC-32 is that of zlib', () => {
  const bytes = fixture('lzma.npz');
  expect(ourCrc32(bytes)).toBe(crc32(bytes));
  expect(ourCrc32(bytes.subarray(100), ourCrc32(bytes.subarray(0, 100)))).toBe(crc32(bytes));
  expect(ourCrc32(new Uint8Array())).toBe(0);
});

describe.each(['bzip2', 'lzma'])('an entry by %s', (method) => {
  const { entry, text } = configBy(method);

  it('is unpacked as Python packed it', async () => {
    expect(unpacked(entry).equals(text)).toBe(true);
    expect(await outcome(entry)).toBe('opened');
  });

  it('that ends early is refused wherever it ends', async () => {
    for (let length = 0; length < entry.packed.length; length++) {
      const cut = { ...entry, packed: entry.packed.subarray(0, length) };
      expect(() => unpacked(cut), `after ${length} bytes`).toThrow(
        /ends before its (bzip2|LZMA) data does|does not begin like bzip2 data/,
      );
    }
    await expectRefused({ ...entry, packed: entry.packed.subarray(0, 300) }, /it ends before its/);
    await expectRefused({ ...entry, packed: new Uint8Array() }, /it ends before its/);
  });

  it('never becomes other bytes by one bit', async () => {
    for (let bit = 0; bit < entry.packed.length * 8; bit += 23) {
      const flipped = withBytes(entry, (bytes) => {
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      });
      const ending = await outcome(flipped);
      // bzip2's own checksums are not looked at.
      if (ending === 'opened') expect(unpacked(flipped).equals(text), `bit ${bit}`).toBe(true);
      else expect(ending, `bit ${bit}`).toMatchObject({ kind: 'truncated' });
    }
  });

  it('that is not what the archive states is refused', async () => {
    await expectRefused({ ...entry, size: entry.size - 1 }, /it holds more than the 3648 bytes/);
    await expectRefused({ ...entry, size: 0 }, /it holds more than the 0 bytes/);
    await expectRefused(
      { ...entry, size: entry.size + 1 },
      /it holds 3649 bytes where the archive states 3650/,
    );
    await expectRefused(
      { ...entry, crc: (entry.crc ^ 1) >>> 0 },
      /its CRC-32 is not the one that the archive states/,
    );
  });

  it('that is encrypted is refused', async () => {
    expect(await outcome({ ...entry, flags: entry.flags | 1 })).toMatchObject({
      kind: 'unsupported-format',
      message: 'changed.keras: config.json in it is encrypted.',
    });
  });

  it('mutated at random ends in bytes or in a sentence', () => {
    const random = new Random(11);
    const clauses = new Set<string>();
    for (let round = 0; round < 1500; round++) {
      let packed: Buffer = Buffer.from(entry.packed);
      for (let left = 1 + random.below(3); left > 0; left--) packed = mutateBytes(packed, random);
      try {
        unpacked({ ...entry, packed }, entry.size);
      } catch (error) {
        // Any other class would be a mistake of ours.
        if (!(error instanceof Error) || error.constructor !== Error) throw error;
        clauses.add(error.message);
      }
    }
    expect(clauses.size).toBeGreaterThan(2);
  }, 60_000);
});

describe('a bomb', () => {
  const bombs = JSON.parse(fixture('bombs.json').toString()) as Record<'bzip2' | 'lzma', string>;
  const bomb = (name: 'bzip2' | 'lzma', size: number): PackedEntry => ({
    ...configBy(name).entry,
    packed: Buffer.from(bombs[name], 'base64'),
    size,
  });

  it.each([
    ['bzip2', 2 ** 28],
    ['lzma', 2 ** 24],
  ] as const)('by %s that says how large it is', async (name, size) => {
    const real = bomb(name, size);
    expect(real.packed.length).toBeLessThan(3000);
    expect(await outcome({ ...real, size: 2 ** 28 })).toMatchObject({
      kind: 'too-large',
      message: 'changed.keras: config.json would unpack to 268435456 bytes; the limit is 67108864.',
    });
  });

  it.each(['bzip2', 'lzma'] as const)(
    'by %s that declares a small size is not unpacked further',
    async (name) => {
      await expectRefused(bomb(name, 1000), /it holds more than the 1000 bytes that the archive states/);
    },
  );

  it('that is allowed yields to the event loop', async () => {
    const zeros = bomb('lzma', 2 ** 24);
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    const ending = await outcome({ ...zeros, crc: crc32(Buffer.alloc(zeros.size)) });
    clearInterval(timer);
    expect(ending).toMatchObject({ kind: 'bad-config', message: expect.stringContaining('config.json') });
    expect(turns).toBeGreaterThan(2);
  });

  it('gives the zeros that fit', () => {
    const zeros = unpacked(bomb('lzma', 2 ** 24));
    expect(zeros.length).toBe(2 ** 24);
    expect(zeros.every((byte) => byte === 0)).toBe(true);
    expect(unpacked(bomb('bzip2', 2 ** 28), 2 ** 20).length).toBeLessThan(2 ** 21);
  });
});

describe('bzip2 data', () => {
  const { entry } = configBy('bzip2');
  /** Writes `count` bits from bit `at` on, the most significant first. */
  const setBits = (bytes: Buffer, at: number, count: number, value: number): void => {
    for (let i = 0; i < count; i++) {
      const mask = 0x80 >> ((at + i) & 7);
      const old = bytes[(at + i) >> 3] ?? 0;
      bytes[(at + i) >> 3] = (value >> (count - 1 - i)) & 1 ? old | mask : old & ~mask;
    }
  };
  const changed = (at: number, count: number, value: number): PackedEntry =>
    withBytes(entry, (bytes) => setBits(bytes, at, count, value));
  // The stream's header has 32 bits, then come 48 of a block's, its checksum of 32 and whether it is randomised.
  const RANDOMISED = 112;
  const ORIGIN = 113;

  it.each([
    ['that begins otherwise', 0, 8, 0x50, /does not begin like bzip2 data/],
    ['of a level there is not', 24, 8, 0x30, /does not begin like bzip2 data/],
    ['whose block begins otherwise', 32, 8, 0, /its bzip2 data is damaged/],
    ['with a randomised block', RANDOMISED, 1, 1, /randomised blocks/],
    ['whose origin is outside the block', ORIGIN, 24, 0xffffff, /its bzip2 data is damaged/],
    ['whose origin is another one', ORIGIN, 24, 7, /CRC-32 is not the one|its bzip2 data is damaged/],
    ['in which no byte occurs', ORIGIN + 24, 16, 0, /its bzip2 data is damaged/],
  ])('%s is refused', (_, at, count, value, sentence) => expectRefused(changed(at, count, value), sentence));

  it('with code lengths that go up and down endlessly is refused', () => {
    const bytes = Buffer.alloc(100_000, 0);
    entry.packed.slice(0, 14).forEach((byte, i) => {
      bytes[i] = byte;
    });
    setBits(bytes, RANDOMISED, 1, 0);
    setBits(bytes, ORIGIN, 24, 0);
    // One byte value, two tables, one selector, a length of 5, then up and down.
    setBits(bytes, ORIGIN + 24, 16, 0x8000);
    setBits(bytes, ORIGIN + 40, 16, 0x8000);
    setBits(bytes, ORIGIN + 56, 3, 2);
    setBits(bytes, ORIGIN + 59, 15, 1);
    setBits(bytes, ORIGIN + 74, 1, 0);
    setBits(bytes, ORIGIN + 75, 5, 5);
    for (let at = ORIGIN + 80; at + 4 < bytes.length * 8; at += 4) setBits(bytes, at, 4, 0b1011);
    expect(() => unpacked({ ...entry, packed: bytes })).toThrow(/its bzip2 data is damaged/);
  });
});

describe('LZMA data', () => {
  const { entry, text } = configBy('lzma');

  it('without an end marker ends where the archive says', async () => {
    const packed = lzmaLiterals(text);
    const unmarked = { ...entry, packed, flags: 0 };
    expect(unpacked(unmarked).equals(text)).toBe(true);
    expect(await outcome(unmarked)).toBe('opened');
    await expectRefused({ ...unmarked, packed: packed.subarray(0, -1) }, /it ends before its LZMA data does/);
    await expectRefused({ ...unmarked, flags: 2 }, /it ends before|holds more than|is damaged/);
    await expectRefused({ ...unmarked, size: text.length - 5 }, /it holds more than/);
    await expectRefused({ ...unmarked, size: text.length + 5 }, /it ends before|is damaged|CRC-32/);
  });

  it('with an end marker that is not announced is read, too', async () => {
    expect(await outcome({ ...entry, flags: 0 })).toBe('opened');
  });

  it('of no bytes is read', () => {
    expect(unpacked({ ...entry, packed: lzmaLiterals(new Uint8Array()), flags: 0, size: 0 }).length).toBe(0);
  });

  it.each([
    ['of another size of properties', 2, 6, /its LZMA properties/],
    ['of contexts there are not', 4, 225, /its LZMA properties/],
    ['that begins otherwise', 9, 1, /its LZMA data is damaged/],
  ])('%s is refused', (_, at, value, sentence) =>
    expectRefused(
      withBytes(entry, (bytes) => bytes.writeUInt8(value, at)),
      sentence,
    ),
  );

  it('takes memory for its size, not for the declared dictionary', () => {
    const claiming = withBytes(entry, (bytes) => bytes.writeUInt32LE(0xffffffff, 5));
    const before = process.memoryUsage().arrayBuffers;
    expect(unpacked(claiming).equals(text)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 22);
  });
});

describe('an array in an archive', () => {
  const long = async (archive: string, member: string) =>
    (await readNpz(fixture(archive), archive, member, 'x')).values;

  it.each([
    ['bzip2.npz', 'long'],
    ['lzma.npz', 'long'],
    ['properties.npz', 'small_dictionary'],
    ['properties.npz', 'no_context'],
    ['properties.npz', 'positions'],
    ['properties.npz', 'literals'],
  ])('%s, %s', async (archive, member) => {
    const wanted = await long('deflated.npz', 'long');
    expect(wanted.length).toBe(120_000);
    expect((await long(archive, member)).every((value, i) => value === wanted[i])).toBe(true);
  });

  it.each(['bzip2.npz', 'lzma.npz'])('%s that is damaged is refused by its name', async (name) => {
    const entries = entriesIn(fixture(name)).map((entry) => ({
      ...entry,
      packed: entry.packed.subarray(0, entry.packed.length / 2),
    }));
    await expect(readNpz(archiveOf(entries), name, 'long', 'x')).rejects.toMatchObject({
      error: {
        kind: 'truncated',
        message: expect.stringContaining(`${name}: long.npy in it cannot be unpacked (`),
      },
    });
  });

  it('that is deflated and has another CRC-32 is refused', async () => {
    const entries = entriesIn(fixture('deflated.npz')).map((entry) => ({ ...entry, crc: 5 }));
    await expect(readNpz(archiveOf(entries), 'x.npz', 'long', 'x')).rejects.toMatchObject({
      error: { kind: 'truncated', message: expect.stringContaining('CRC-32') },
    });
  });

  it('by a method that is not unpacked is refused by its name', async () => {
    const entries = entriesIn(fixture('deflated.npz')).map((entry) => ({ ...entry, method: 93 }));
    await expect(readNpz(archiveOf(entries), 'x.npz', 'long', 'x')).rejects.toMatchObject({
      error: { kind: 'unsupported-format', message: expect.stringContaining('by Zstandard, method 93') },
    });
  });
});
