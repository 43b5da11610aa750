import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { File, ready } from 'h5wasm/node';
import { afterAll, expect, test } from 'vitest';
import { openHdf5 } from '../../../src/server/formats/hdf5/hdf5File';
import { type ByteSource, inMemory } from '../../../src/server/io/byteSource';

const SHAPE = [700, 5, 1000];
const SIZE = 700 * 5 * 1000;
const VALUES = Float32Array.from({ length: SIZE }, (_, i) => Math.fround(i * 0.37 - 1000));

const folder = mkdtempSync(join(tmpdir(), 'layerglass-direct-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The memory that files were read into. */
let readInto: ArrayBufferLike[] = [];

interface Options {
  readonly data?: Float32Array | Float64Array;
  readonly shape?: number[];
  readonly chunks?: number[];
}

/** Writes a file with one data set and opens it. */
async function open(name: string, dtype: string, { data = VALUES, shape = SHAPE, chunks = [] }: Options) {
  await ready;
  const path = join(folder, `${name}.h5`);
  // Headers of the first version have no checksum.
  const file = new File(path, 'w', { libver: ['earliest', 'latest'] });
  file.create_dataset({ name: 'values', data, shape, dtype, ...(chunks.length > 0 && { chunks }) });
  file.close();
  const bytes = readFileSync(path);
  if (name === 'big-endian') declareBigEndian(bytes);
  const source = inMemory(bytes);
  const watched: ByteSource = {
    size: source.size,
    read(target, position) {
      readInto.push(target.buffer);
      return source.read(target, position);
    },
  };
  readInto = [];
  return openHdf5(watched, path);
}

/** The start of the datatype message of a little-endian float32: class and version, sign and order of the bytes, size. */
const LITTLE_ENDIAN = Buffer.from([0x11, 0x20, 0x1f, 0, 4, 0, 0, 0]);

/** The library cannot write such files, but others can. */
function declareBigEndian(bytes: Buffer): void {
  const at = bytes.indexOf(LITTLE_ENDIAN);
  expect(at).toBeGreaterThan(0);
  bytes[at + 1] = 0x21;
}

const swapped = new Float32Array(Buffer.from(VALUES.slice().buffer).swap32().buffer.slice(0));

test.each<[string, string, Options, boolean]>([
  ['contiguous', '<f4', {}, true],
  ['chunked', '<f4', { chunks: [100, 5, 100] }, false],
  ['big-endian', '<f4', { data: swapped }, false],
  ['float64', '<d', { data: Float64Array.from(VALUES) }, false],
  ['small', '<f4', { data: VALUES.slice(0, 1000), shape: [1000] }, false],
])('the values of a %s data set', async (name, dtype, options, isDirect) => {
  const hdf5 = await open(name, dtype, options);
  const values = hdf5.read('/values');
  const wanted = VALUES.subarray(0, values.length);
  expect(values.length).toBe(name === 'small' ? 1000 : SIZE);
  expect(bytesOf(values).equals(bytesOf(wanted))).toBe(true);
  // Straight to their place, or through the library's memory.
  expect(readInto.includes(values.buffer)).toBe(isDirect);
  const parts = new Float32Array(values.length);
  hdf5.stream('/values', (part, at) => parts.set(part, at));
  expect(bytesOf(parts).equals(bytesOf(wanted))).toBe(true);
  hdf5.close();
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
