import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { InputSpec, LoadedInput } from '../../../src/server/inputs/loadedInput';
import { readInput } from '../../../src/server/inputs/readInput';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-fasta-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function read(content: string | Uint8Array, spec: Partial<InputSpec>, member?: string, extension = 'fasta') {
  const path = join(folder, `${count++}.${extension}`);
  writeFileSync(path, content);
  const source = { kind: 'file' as const, path, ...(member === undefined ? {} : { member }) };
  return readInput(
    source,
    { name: 'letters', shape: [null, null, 4], dtype: 'float32', ...spec },
    { name: 'none' },
  );
}

/** The letters of a one-hot input, `-` for zeros. */
const decoded = ({ values, shape }: LoadedInput, alphabet: string): string => {
  const size = shape.at(-1) ?? 1;
  return Array.from({ length: values.length / size }, (_, i) => {
    const row = [...values.slice(i * size, (i + 1) * size)];
    expect(row.filter((value) => value !== 0).length).toBeLessThanOrEqual(1);
    return alphabet[row.indexOf(1)] ?? '-';
  }).join('');
};

describe('one-hot letters', () => {
  test('of DNA, over several lines and in any case', async () => {
    const loaded = await read('>one first sequence\r\nACGT\r\nacgt\r\n', {});
    expect(loaded.shape).toEqual([1, 8, 4]);
    expect(decoded(loaded, 'ACGT')).toBe('ACGTACGT');
    expect(loaded.names).toEqual({ kind: 'letters', values: [...'ACGTacgt'] });
    expect(loaded.notices).toEqual([]);
    expect(loaded.image).toBeNull();
  });

  test('of a protein, in the alphabetical order of the one-letter codes', async () => {
    const loaded = await read('>p\nMKVWYA*', { shape: [null, 7, 20] }, undefined, 'faa');
    expect(decoded(loaded, 'ACDEFGHIKLMNPQRSTVWY')).toBe('MKVWYA-');
    expect(loaded.notices[0]).toMatch(
      /holds 1 letter outside the alphabet ACDEFGHIKLMNPQRSTVWY, the first \* at position 6; it is given as zeros\.$/,
    );
  });

  test('by the alphabet beside the model', async () => {
    const loaded = await read('>x\nUGCA\n', { alphabet: 'GUAC' });
    expect(decoded(loaded, 'GUAC')).toBe('UGCA');
    const both = await read('>x\naA\n', { alphabet: 'aA', shape: [null, 2, 2] });
    expect([...both.values]).toEqual([1, 0, 0, 1]);
  });

  test('with the channels first', async () => {
    const loaded = await read('>x\nAC\n', { shape: [null, 4, null], channelsFirst: true });
    expect(loaded.shape).toEqual([1, 4, 2]);
    expect([...loaded.values]).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
  });

  test('of unknown letters are zeros, with a notice', async () => {
    const loaded = await read('>x\nANNT\n', { shape: [null, 4, 4] });
    expect(decoded(loaded, 'ACGT')).toBe('A--T');
    expect(loaded.notices[0]).toContain(
      'holds 2 letters outside the alphabet ACGT, the first N at position 1',
    );
  });

  test('of a file without the extension', async () => {
    expect(decoded(await read('; comment > here\n>x\nAC\n', {}, undefined, 'seq'), 'ACGT')).toBe('AC');
    expect(decoded(await read('\ufeff>x\nAC\n', {}, undefined, 'seq'), 'ACGT')).toBe('AC');
  });
});

describe('ids', () => {
  const ids = { shape: [null, null] as const, dtype: 'int32' };

  test('are places in the alphabet', async () => {
    const loaded = await read('>x\nTACN\n', { ...ids, alphabet: '-ACGTN' });
    expect(loaded.shape).toEqual([1, 4]);
    expect([...loaded.values]).toEqual([4, 1, 2, 5]);
    expect(loaded.names?.values).toEqual([...'TACN']);
  });

  test('need an alphabet, and one that has every letter', async () => {
    await expect(read('>x\nACGT\n', ids)).rejects.toMatchObject({
      error: { kind: 'bad-input', remedy: expect.stringContaining('"alphabet": "ACGT"') },
    });
    await expect(read('>x\nACNT\n', { ...ids, alphabet: 'ACGT' })).rejects.toThrow(
      /the first N at position 2; input "letters" has no id for it/,
    );
  });
});

describe('several sequences', () => {
  const several = '>a x\nAAAA\n\n>b\nCC\nCC\n>c\nGG\n';

  test('give the first one, with a notice, or the named one', async () => {
    const first = await read(several, {});
    expect(decoded(first, 'ACGT')).toBe('AAAA');
    expect(first.notices[0]).toMatch(/holds 3 sequences; the first one, "a", is taken\.$/);
    const named = await read(several, {}, 'b');
    expect(decoded(named, 'ACGT')).toBe('CCCC');
    expect(named.notices).toEqual([]);
    await expect(read(several, {}, 'd')).rejects.toThrow('holds no sequence "d"; it holds "a", "b", "c".');
  });

  test('are one batch where a batch is wanted', async () => {
    const loaded = await read('>a\nAC\n>b\nGT\n', { wholeBatch: true });
    expect(loaded.shape).toEqual([2, 2, 4]);
    expect(decoded(loaded, 'ACGT')).toBe('ACGT');
    await expect(read(several, { wholeBatch: true })).rejects.toThrow(
      'the sequence "c" has 2 letters, and input "letters" takes 4.',
    );
  });
});

describe('what is refused', () => {
  test('another length', async () => {
    await expect(read('>x\nACG\n', { shape: [null, 1803, 4] })).rejects.toMatchObject({
      error: {
        kind: 'wrong-shape',
        message: expect.stringContaining('the sequence "x" has 3 letters, and input "letters" takes 1803.'),
      },
    });
  });

  test.each([
    ['a protein for 4 channels', '>x\nMKVE\n', {}, 'and E is no letter of DNA'],
    ['channels of no known alphabet', '>x\nACGT\n', { shape: [null, 4, 5] }, 'which does not tell'],
    ['an alphabet of another size', '>x\nACGT\n', { alphabet: 'ACGTN' }, 'an alphabet of 5 letters'],
    ['letters for an image', '>x\nACGT\n', { shape: [null, 8, 8, 1] }, 'holds letters, and input'],
    ['no sequence', 'ACGT\n', {}, 'no line begins with ">"'],
    ['an empty sequence', '>x\n>y\nACGT\n', {}, 'the sequence "x" has no letters'],
    ['bytes', Uint8Array.of(0x3e, 0x78, 0x0a, 0x41, 0x00), {}, 'bytes that are not letters'],
  ] as const)('%s', async (_, content, spec, message) => {
    await expect(read(content, spec)).rejects.toThrow(message);
  });

  test('a file of a million sequences and more, before it takes long', async () => {
    await expect(read('>\n'.repeat(1_100_000), {})).rejects.toThrow('holds more than 1000000 sequences');
  }, 10_000);
});

test('a model that takes strings gets the letters as one string', async () => {
  const loaded = await read('>x\nAC\nGT\n', { shape: [null, 1], dtype: 'string' });
  expect(loaded.strings).toEqual(['ACGT']);
});
