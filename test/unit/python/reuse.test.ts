import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePython } from '../../../src/server/code/python/syntax/parse';
import { LastReading, type Part } from '../../../src/server/code/syntax/reuse';

/** Numbers from 0 to below 1, always the same. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const PIECES = [
  'x',
  '(',
  ')',
  '\n',
  '    ',
  '"',
  "'''",
  '"""',
  ':',
  'def f():\n',
  'else:\n    y\n',
  '#',
  ' not ',
  '1.',
  ',',
  '\\',
  'if a:\n  b\n',
  '\ny = 1\n',
  '@a\n',
  '',
];

const CODE = ['classes', 'idioms']
  .map((name) => readFileSync(join(__dirname, `../../fixtures/python/snippets/${name}.py`), 'utf8'))
  .map((text) => text.slice(0, text.indexOf('\n\n', 4000)))
  .join('\n');

/** Texts of which each is the one before with an edit. */
function* edited(): Generator<string> {
  const random = numbers(7);
  const pick = (count: number): number => Math.floor(random() * count);
  let text = CODE;
  for (let edit = 0; edit < 100; edit++) {
    if (edit % 4 === 0) {
      text = CODE;
      yield text;
    }
    const at = pick(text.length);
    const removed = pick(3) === 0 ? pick(40) : pick(2);
    text = text.slice(0, at) + (PIECES[pick(PIECES.length)] ?? '') + text.slice(at + removed);
    yield text;
  }
}

test('a text that was edited has the statements that it has by itself', () => {
  for (const text of edited()) {
    const quick = parsePython(text);
    parsePython('');
    const fresh = parsePython(text);
    expect(JSON.stringify(quick)).toBe(JSON.stringify(fresh));
  }
});

const partsOf = (text: string): Part[] =>
  [...text.matchAll(/[^\n]+/g)].map(({ 0: line, index }) => ({
    from: index,
    to: index + line.length,
    statements: [],
  }));

test.each([
  ['a\nbb\ncc\ndd\nee\nff\n', 'a\nbb\nc3c\ndd\nee\nff\n', 'bb\nc3c\ndd\n'],
  ['a\nbb\ncc\ndd\nee\nff\n', 'a\nbb\ncc\ndd\nff\n', 'dd\nff\n'],
  ['a\nbb\ncc\n', 'a\nbb\ncc\ndd\n', 'cc\ndd\n'],
  ['a\nbb\ncc\ndd\n', 'b\nbb\ncc\ndd\n', 'b\nbb\n'],
])('of a text only the part that changed is read again, and one on either side', (before, after, piece) => {
  const last = new LastReading();
  last.remember(before, partsOf(before));
  const read: string[] = [];
  const parts = last.reuse(after, (text) => {
    read.push(text);
    return partsOf(text);
  });
  expect(read).toEqual([piece]);
  expect(parts).toEqual(partsOf(after));
});
