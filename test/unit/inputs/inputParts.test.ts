import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeNpy, writeNpyStrings } from '../../../src/server/inputs/arrays/npy';
import { inputParts } from '../../../src/server/inputs/inputParts';
import type { InputSpec } from '../../../src/server/inputs/loadedInput';
import { readInput } from '../../../src/server/inputs/readInput';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-parts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spec = (shape: InputSpec['shape'], dtype = 'float32'): InputSpec => ({ name: 'x', shape, dtype });
function file(name: string, content: string | Uint8Array) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { kind: 'file', path } as const;
}

test('the sequences of a FASTA file have names; one without a name, or a second of the same, cannot be chosen', async () => {
  const several = file('several.fasta', '>\nAC\n>BRCA1 human\nACGT\n>TP53\nGGG\n>TP53\nTTT\n');
  expect(await inputParts(several, spec([null, null, 4]))).toEqual({
    kind: 'sequences',
    count: 2,
    names: ['BRCA1', 'TP53'],
  });
  expect(await inputParts(file('one.fasta', '>only\nACGT\n'), spec([null, null, 4]))).toBeNull();
});

test('the rows of a table have numbers, and begin with their cells', async () => {
  const houses = file('houses.csv', 'lot,rooms\n450,3\n200,2\n');
  expect(await inputParts(houses, spec([null, 2]))).toEqual({
    kind: 'rows',
    count: 2,
    names: ['450, 3', '200, 2'],
  });
  // A model of [rows, columns] takes the whole table.
  expect(await inputParts(houses, spec([null, 2, 2]))).toBeNull();
  const long = file('long.csv', Array.from({ length: 1001 }, (_, i) => `${i},1`).join('\n'));
  expect(await inputParts(long, spec([null, 2]))).toEqual({ kind: 'rows', count: 1001, names: [] });
});

test('the rows of JSON are objects, or arrays of the shape of the input', async () => {
  const objects = file('rows.json', '[{"lot": 450, "rooms": 3}, {"lot": 200, "rooms": 2}]');
  expect(await inputParts(objects, spec([null, 2]))).toMatchObject({ count: 2, names: ['450, 3', '200, 2'] });
  const arrays = file('arrays.json', '[[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12]]]');
  expect(await inputParts(arrays, spec([null, 2, 2]))).toEqual({
    kind: 'rows',
    count: 3,
    names: ['[…], […]', '[…], […]', '[…], […]'],
  });
  // The same file is a single example of another model.
  expect(await inputParts(arrays, spec([null, 3, 2, 2]))).toBeNull();
});

test('the samples of an array have indices, also those of strings', async () => {
  const numbers = file('batch.npy', writeNpy(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]));
  expect(await inputParts(numbers, spec([null, 2]))).toEqual({ kind: 'samples', count: 3, names: [] });
  expect(await inputParts(numbers, spec([null, 3, 2]))).toBeNull();
  const words = file('words.npy', writeNpyStrings(['good', 'bad', 'fair'], [3, 1]));
  const strings = spec([null, 1], 'string');
  expect(await inputParts(words, strings)).toMatchObject({ kind: 'samples', count: 3 });
  expect(await readInput(words, { ...strings, sample: 1 }, undefined)).toMatchObject({
    strings: ['bad'],
    shape: [1, 1],
    notices: [],
  });
});

test('there is nothing to choose of an image, a text, random values and one array', async () => {
  expect(await inputParts({ kind: 'random', seed: 1 }, spec([null, 2]))).toBeNull();
  expect(await inputParts(file('a.txt', '1 2 3'), spec([null, 3]))).toBeNull();
  await expect(inputParts(file('a.npy', 'not an array'), spec([null, 3]))).resolves.toBeNull();
  const wrong = file('wrong.npy', writeNpy(Float32Array.of(1, 2, 3, 4), [2, 2]));
  await expect(inputParts(wrong, spec([null, 3]))).rejects.toThrow('wrong.npy has shape (2, 2)');
});
