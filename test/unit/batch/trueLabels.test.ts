import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labelFor, readTrueLabels } from '../../../src/server/batch/trueLabels';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-labels-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function labels(text: string): ReadonlyMap<string, string> {
  const path = join(folder, 'labels.csv');
  writeFileSync(path, text);
  return readTrueLabels(path);
}

test.each([
  ['with names of columns in any order', 'split,label,filename\ntest,cat,1.png\ntest,dog,2.png\n'],
  ['without a header', '1.png,cat\n2.png,dog\n'],
  ['with other separators', 'name;class\n1.png;cat\n2.png;dog\n'],
])('%s', (_, text) => {
  expect([...labels(text)]).toEqual([
    ['1.png', 'cat'],
    ['2.png', 'dog'],
  ]);
});

test('an input is found by its path, else by the name of its file', () => {
  const found = labels('name,label\na/1.png,cat\n1.png,dog\nb\\2.png,owl\n');
  expect(labelFor(found, 'a/1.png')).toBe('cat');
  expect(labelFor(found, 'c/1.png')).toBe('dog');
  expect(labelFor(found, 'b/2.png')).toBe('owl');
  expect(labelFor(found, '2.png')).toBeNull();
});

test('a table without names and labels is refused', () => {
  expect(() => labels('x\n1\n2\n')).toThrow(/names the class of no input/);
});
