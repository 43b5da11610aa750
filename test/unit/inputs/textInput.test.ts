import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseNpy, writeNpyStrings } from '../../../src/server/inputs/arrays/npy';
import type { InputSpec } from '../../../src/server/inputs/loadedInput';
import { readInput } from '../../../src/server/inputs/readInput';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

const put = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const spec = (shape: InputSpec['shape'], more: Partial<InputSpec> = {}): InputSpec => ({
  name: 'text',
  shape,
  dtype: 'string',
  ...more,
});

const read = (path: string, wanted: InputSpec) => readInput({ kind: 'file', path }, wanted, undefined);

/** A .npy file with any header. */
function npy(descr: string, shape: string, data: Uint8Array, fortran = 'False'): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`.padEnd(117);
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01\x00', 'latin1');
  start.writeUInt16LE(118, 8);
  return Buffer.concat([start, Buffer.from(`${header}\n`, 'latin1'), data]);
}

describe('a text file', () => {
  test('is one string, line breaks included, for a model that takes one', async () => {
    const path = put('one.txt', '\ufeffThe quick\nbrown fox ✓\n');
    expect(await read(path, spec([null]))).toMatchObject({ strings: ['The quick\nbrown fox ✓'], shape: [1] });
    expect(await read(path, spec([null, 1]))).toMatchObject({ shape: [1, 1], values: new Float32Array(0) });
    expect(await read(path, spec(null))).toMatchObject({ shape: [1] });
  });

  test('is one string per line for a model that takes several', async () => {
    const path = put('three.txt', 'red\r\n\r\nblue\r\n');
    expect(await read(path, spec([null, 3]))).toMatchObject({ strings: ['red', '', 'blue'], shape: [1, 3] });
    expect(await read(path, spec([null, null]))).toMatchObject({ shape: [1, 3] });
    await expect(read(path, spec([null, 2]))).rejects.toThrow(/three\.txt has 3 lines/);
  });

  test('starts as an image does without being one', async () => {
    expect(await read(put('car.txt', 'BMW'), spec([null]))).toMatchObject({ strings: ['BMW'] });
  });

  test('that is not UTF-8 is refused', async () => {
    const path = put('latin1.txt', Uint8Array.of(0xe4, 0x20, 0xf6));
    await expect(read(path, spec([null]))).rejects.toThrow('latin1.txt is not text in UTF-8.');
  });

  test('cannot be random', async () => {
    await expect(readInput({ kind: 'random', seed: 1 }, spec([null]), undefined)).rejects.toThrow(
      'Input "text" takes strings, which cannot be made up.',
    );
  });
});

describe('an array of strings', () => {
  test('is written and read again', async () => {
    const words = ['a', 'über', '', '🦊 fox'];
    const bytes = writeNpyStrings(words, [2, 2]);
    expect(parseNpy(bytes, 'w.npy')).toMatchObject({ shape: [2, 2], dtype: 'string', strings: words });
    const path = put('words.npy', bytes);
    const first = await read(path, spec([null, 2]));
    expect(first).toMatchObject({ strings: ['a', 'über'], shape: [1, 2] });
    expect(first.notices).toEqual(['words.npy holds 2 samples; the first one is taken.']);
    expect(await read(path, spec([null, 2], { wholeBatch: true }))).toMatchObject({
      strings: words,
      shape: [2, 2],
    });
    await expect(read(path, spec([null, 3]))).rejects.toThrow(/takes \(None, 3\)/);
  });

  test('of bytes, of the other byte order, in Fortran order', () => {
    expect(parseNpy(npy('|S3', '(2,)', Buffer.from('ab\0\u00e4c')), 'x.npy').strings).toEqual(['ab', 'äc']);
    const big = Buffer.from([0, 0, 0, 97, 0, 0, 0, 0, 0, 1, 0xf9, 0x8a, 0, 0, 0, 98]);
    expect(parseNpy(npy('>U2', '(2,)', big), 'x.npy').strings).toEqual(['a', '🦊b'].map((s) => s));
    const columns = Buffer.from('adbecf');
    expect(parseNpy(npy('|S1', '(2, 3)', columns, 'True'), 'x.npy').strings?.join('')).toBe('abcdef');
  });

  test('with a false header is refused', () => {
    const lies: [Buffer, RegExp][] = [
      [npy('<U0', '(1000000000000,)', Buffer.alloc(0)), /holds dtype <U0/],
      [npy('<U5', '(1000000000000,)', Buffer.alloc(20)), /ends before all values/],
      [npy('<U1', '(1,)', Buffer.from([0, 0, 0x11, 0xff])), /strings that are not Unicode/],
      [npy('|S1', '(1,)', Buffer.from([0xff])), /strings that are not Unicode/],
    ];
    for (const [bytes, why] of lies) expect(() => parseNpy(bytes, 'lie.npy')).toThrow(why);
  });

  test('and an array of numbers are not interchangeable', async () => {
    const words = put('w.npy', writeNpyStrings(['a'], [1]));
    await expect(read(words, { name: 'x', shape: [null, 1], dtype: 'float32' })).rejects.toThrow(
      'w.npy holds strings, and input "x" takes numbers.',
    );
    const numbers = put('n.npy', npy('<f4', '(1,)', Buffer.alloc(4)));
    await expect(read(numbers, spec([null]))).rejects.toThrow(
      'n.npy holds numbers, and input "text" takes strings.',
    );
  });
});

test('ids that float32 would round are refused, but only for a model that takes integers', async () => {
  const data = Buffer.alloc(4);
  data.writeInt32LE(2 ** 24 + 1);
  const path = put('ids.npy', npy('<i4', '(1,)', data));
  await expect(read(path, { name: 'id', shape: [null, 1], dtype: 'int64' })).rejects.toThrow(
    /beyond 16777216/,
  );
  expect(await read(path, { name: 'x', shape: [null, 1], dtype: 'float32' })).toMatchObject({
    shape: [1, 1],
  });
});
