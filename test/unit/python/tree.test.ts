import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '@lezer/common';
import { parser } from '@lezer/python';
import { expect, test } from 'vitest';
import { parsePython } from '../../../src/server/python/syntax/parse';
import { treeOf } from '../../../src/server/python/syntax/tree';

/** Every node with its place. */
function nodesOf(tree: Tree): string[] {
  const found: string[] = [];
  tree.iterate({ enter: ({ name, from, to }) => void found.push(`${name} ${from} ${to}`) });
  return found;
}

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
  ':',
  'def f():\n',
  '#',
  ' not ',
  '1.',
  ',',
  '\\',
  'if a:\n  b\n',
  'y = 1\n',
  '',
];

/** Texts of which each is the one before with an edit. */
function* edited(): Generator<string> {
  const start = readFileSync(join(__dirname, '../../fixtures/python/snippets/classes.py'), 'utf8').slice(
    0,
    4000,
  );
  const random = numbers(7);
  const pick = (count: number): number => Math.floor(random() * count);
  let text = start;
  for (let edit = 0; edit < 150; edit++) {
    if (edit % 10 === 0) {
      text = start;
      yield text;
    }
    const at = pick(text.length);
    const removed = pick(3) === 0 ? pick(40) : pick(2);
    text = text.slice(0, at) + (PIECES[pick(PIECES.length)] ?? '') + text.slice(at + removed);
    yield text;
  }
}

test('a text that was edited has the tree that it has by itself', () => {
  for (const text of edited()) expect(nodesOf(treeOf(text).tree)).toEqual(nodesOf(parser.parse(text)));
});

test('a text that was edited has the statements that it has by itself', () => {
  for (const text of edited()) {
    const quick = parsePython(text);
    parsePython('');
    expect(quick).toEqual(parsePython(text));
  }
});
