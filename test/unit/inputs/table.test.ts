import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { InputSpec } from '../../../src/server/inputs/loadedInput';
import { readInput } from '../../../src/server/inputs/readInput';
import type { Preprocessing } from '../../../src/shared/inputs';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Options {
  readonly member?: string;
  readonly preprocessing?: Preprocessing;
}

function read(name: string, content: string, spec: Partial<InputSpec> = {}, options: Options = {}) {
  const path = join(folder, name);
  writeFileSync(path, content);
  const { member, preprocessing } = options;
  const source = { kind: 'file' as const, path, ...(member === undefined ? {} : { member }) };
  return readInput(source, { name: 'house', shape: [null, 3], dtype: 'float32', ...spec }, preprocessing);
}

const HOUSES = 'rooms,area,age\n3,70.5,12\n5,140,2\n';
const COLUMNS = { columns: ['area', 'age', 'rooms'] };

describe('a CSV table', () => {
  test('gives its first row in the order of the file, and says so', async () => {
    const loaded = await read('houses.csv', HOUSES);
    expect([...loaded.values]).toEqual([3, 70.5, 12]);
    expect(loaded.shape).toEqual([1, 3]);
    expect(loaded.names).toEqual({ kind: 'columns', values: ['rooms', 'area', 'age'] });
    expect(loaded.notices).toEqual([
      'houses.csv holds 2 rows; the first one is taken.',
      'The columns of houses.csv are taken in the order of the file: the model does not say how its columns are called.',
    ]);
  });

  test('gives its columns by name where the settings state them', async () => {
    const loaded = await read('more.csv', 'id,rooms,age,area,price\n7,3,12,70.5,9\n', COLUMNS);
    expect([...loaded.values]).toEqual([70.5, 12, 3]);
    expect(loaded.names?.values).toEqual(COLUMNS.columns);
    expect(loaded.notices).toEqual(['more.csv has columns that the model does not take: "id", "price".']);
  });

  test('without a header takes the names from the settings', async () => {
    const loaded = await read('bare.csv', '70.5,12,3\n', COLUMNS);
    expect(loaded.names?.values).toEqual(COLUMNS.columns);
    expect(loaded.notices).toEqual([]);
    expect((await read('bare.csv', '70.5,,3\n1,2,3', {}, { member: '2' })).names).toBeUndefined();
  });

  test('gives the row that is named', async () => {
    const loaded = await read('houses.csv', HOUSES, {}, { member: '2' });
    expect([...loaded.values]).toEqual([5, 140, 2]);
    for (const member of ['0', 'two', '1.5', '-1']) {
      await expect(read('houses.csv', HOUSES, {}, { member })).rejects.toThrow(
        `"${member}" is no row of houses.csv.`,
      );
    }
    await expect(read('houses.csv', HOUSES, {}, { member: '3' })).rejects.toThrow(
      'houses.csv has 2 rows of values; there is no row 3.',
    );
  });

  test('gives all rows as a batch, or to a model that takes rows', async () => {
    expect(await read('houses.csv', HOUSES, { wholeBatch: true })).toMatchObject({ shape: [2, 3] });
    const steps = await read('houses.csv', HOUSES, { shape: [null, null, 3] });
    expect(steps.shape).toEqual([1, 2, 3]);
    expect([...steps.values]).toEqual([3, 70.5, 12, 5, 140, 2]);
    await expect(read('houses.csv', HOUSES, { shape: [null, 5, 3] })).rejects.toMatchObject({
      error: { kind: 'wrong-shape' },
    });
  });

  test.each([
    ['tabs', 'houses.tsv', 'a\tb\tc\n1\t2\t3\n'],
    ['semicolons', 'houses.csv', 'a;b;c\n1;2;3\n'],
    [
      'quotes, line breaks in them, and empty lines',
      'houses.csv',
      '\ufeff"a, or\nA","b""","c"\r\n\r\n"1","2","3"\r\n\r\n',
    ],
    ['a first name that starts as a BMP image does', 'houses.csv', 'BMI,b,c\n1,2,3\n'],
  ])('with %s', async (_, name, content) => {
    expect([...(await read(name, content)).values]).toEqual([1, 2, 3]);
  });

  test('holds numbers as Python writes them', async () => {
    const loaded = await read('numbers.csv', 'a,b,c,d,e\n-1e-3,True,nan,-inf,.5\n', { shape: [null, 5] });
    expect([...loaded.values]).toEqual([Math.fround(-1e-3), 1, Number.NaN, Number.NEGATIVE_INFINITY, 0.5]);
    expect(loaded.notices.at(-1)).toContain('NaN or infinite');
  });

  test('is preprocessed if that was chosen with it', async () => {
    const preprocessing = { name: 'custom', mean: [3, 70.5, 10], scale: [1, 1, 2] } as const;
    expect([...(await read('houses.csv', HOUSES, {}, { preprocessing })).values]).toEqual([0, 0, 1]);
  });

  test.each([
    [
      'another number of columns',
      'a,b\n1,2\n',
      {},
      'houses.csv has 2 columns ("a", "b"), and input "house" takes 3.',
    ],
    [
      'a missing column',
      HOUSES,
      { columns: ['rooms', 'area', 'year'] },
      'houses.csv has no column "year", which input "house" takes; it has "rooms", "area", "age".',
    ],
    [
      'a column that is there twice',
      'area,age,rooms,age\n1,2,3,4\n',
      COLUMNS,
      'houses.csv has several columns "age".',
    ],
    [
      'settings for another input',
      HOUSES,
      { columns: ['rooms'] },
      'name 1 columns, and input "house" takes 3.',
    ],
    ['an empty cell', 'a,b,c\n1,,3\n', {}, 'houses.csv: row 1, column "b" is empty.'],
    ['a word', 'a,b,c\n1,2,many\n', {}, 'houses.csv: row 1, column "c" holds "many", which is not a number.'],
    ['a decimal comma', 'a;b;c\n1,5;2;3\n', {}, 'holds "1,5", which is not a number.'],
    ['a short row', 'a,b,c\n1,2\n', {}, 'houses.csv: row 1 has 2 cells, and the header has 3.'],
    ['a header alone', 'a,b,c\n', {}, 'houses.csv has no row of values.'],
    ['a quote that is not closed', 'a,b,c\n1,"2,3\n', {}, 'has a quote that is not closed.'],
    [
      'a fraction as an id',
      'a,b,c\n1,2.5,3\n',
      { dtype: 'int32' },
      'holds 2.5, and input "house" takes whole numbers.',
    ],
    [
      'an id that would be rounded',
      'a,b,c\n1,16777217,3\n',
      { dtype: 'int32' },
      'whole numbers beyond 16777216',
    ],
    [
      'a table for an image',
      HOUSES,
      { shape: [null, 8, 8, 3] },
      'holds a table, and input "house" takes (None, 8, 8, 3).',
    ],
  ] as const)('with %s is refused', async (_, content, spec, message) => {
    await expect(read('houses.csv', content, spec)).rejects.toThrow(message);
  });

  test('of over 4 MB is refused', async () => {
    await expect(read('big.csv', '1,2,3\n'.repeat(800_000))).rejects.toMatchObject({
      error: { kind: 'too-large' },
    });
  });
});

describe('JSON', () => {
  test('holds a row as an array or an object', async () => {
    const plain = await read('row.json', '[3, 70.5, 12]');
    expect([...plain.values]).toEqual([3, 70.5, 12]);
    expect(plain).toMatchObject({ shape: [1, 3], notices: [] });
    const named = await read('row.json', '{"rooms": 3, "area": 70.5, "age": 12}', COLUMNS);
    expect([...named.values]).toEqual([70.5, 12, 3]);
    expect(named.names?.values).toEqual(COLUMNS.columns);
  });

  test('holds several rows', async () => {
    const rows = '[{"rooms": 3, "area": 70, "age": 1}, {"age": 2, "area": 90, "rooms": 4}]';
    expect([...(await read('rows.json', rows)).values]).toEqual([3, 70, 1]);
    expect([...(await read('rows.json', rows, COLUMNS, { member: '2' })).values]).toEqual([90, 2, 4]);
    const nested = '[[1, 2, 3], [4, 5, 6]]';
    expect([...(await read('rows.json', nested, {}, { member: '2' })).values]).toEqual([4, 5, 6]);
    expect((await read('rows.json', nested)).notices).toEqual([
      'rows.json holds 2 samples; the first one is taken.',
    ]);
  });

  test('holds an array as deep as the input', async () => {
    const loaded = await read('deep.json', '[[[1], [2]], [[3], [4]]]', { shape: [null, 2, 2, 1] });
    expect(loaded.shape).toEqual([1, 2, 2, 1]);
    expect([...loaded.values]).toEqual([1, 2, 3, 4]);
  });

  test('holds strings for a model that takes them', async () => {
    const strings = { shape: [null, 2] as const, dtype: 'string' };
    expect(await read('words.json', '["red", "blue"]', strings)).toMatchObject({
      strings: ['red', 'blue'],
      shape: [1, 2],
    });
    expect(await read('word.json', '"not good"', { ...strings, shape: [null, 1] })).toMatchObject({
      strings: ['not good'],
    });
    await expect(read('words.json', '["red"]', strings)).rejects.toThrow('holds 1 string, and');
    await expect(read('words.json', '["red", 1]', strings)).rejects.toThrow('holds no string or array');
  });

  test.each([
    ['is no JSON', '{', 'bad.json is not valid JSON.'],
    ['holds no number', '"a"', 'value 1 holds "a", which is not a number.'],
    ['holds unequal rows', '[[1, 2, 3], [4, 5]]', 'holds arrays of unequal lengths'],
    [
      'promises more than it holds',
      `[${'[1],'.repeat(50)}[${'[1],'.repeat(50)}1]]`,
      'holds arrays of unequal lengths',
    ],
    ['is empty', '[]', 'bad.json has shape (0,), and input "house" takes (None, 3).'],
    ['nests deeper than any input', `${'['.repeat(5000)}${']'.repeat(5000)}`, 'which is not a number'],
    ['lacks a name in a row', '[{"a": 1, "b": 2, "c": 3}, {"a": 1}]', 'row 2, column "b" is empty'],
  ])('that %s is refused', async (_, content, message) => {
    await expect(read('bad.json', content, { wholeBatch: true })).rejects.toThrow(message);
  });
});

describe('a text of numbers', () => {
  const ids = { shape: [null, 4] as const, dtype: 'int32' };

  test('holds token ids, however they are separated', async () => {
    for (const text of ['1 2 3 4\n', '1,2,3,4', '1\n2\r\n3\n4\n', '1; 2;\t3 4']) {
      expect([...(await read('ids.txt', text, ids)).values]).toEqual([1, 2, 3, 4]);
    }
    expect((await read('ids.txt', '7 8', { ...ids, shape: [null, null] })).shape).toEqual([1, 2]);
    expect((await read('signal.txt', '1 2 3 4', { shape: [null, null, 2] })).shape).toEqual([1, 2, 2]);
  });

  test('is refused where it holds something else', async () => {
    await expect(read('ids.txt', '1 2 3', ids)).rejects.toThrow(
      'ids.txt holds 3 numbers, and input "house" takes (None, 4).',
    );
    await expect(read('ids.txt', 'not good at all', ids)).rejects.toThrow(
      'ids.txt: number 1 holds "not", which is not a number.',
    );
    await expect(read('ids.txt', '', ids)).rejects.toMatchObject({ error: { kind: 'empty-file' } });
    await expect(read('ids.txt', '1 2 3 16777217', ids)).rejects.toThrow('whole numbers beyond');
  });
});
