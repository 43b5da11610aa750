import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { syntaxOf } from '../../../src/server/code/javascript/syntax/parse';
import { PYTHON_SYNTAX } from '../../../src/server/code/python/syntax/parse';
import { hasErrors } from '../../../src/server/code/syntax/nodes';
import { PieceReader, type Syntax } from '../../../src/server/code/syntax/pieces';

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

const FIXTURES = join(__dirname, '../../fixtures');

/** Texts of all files below a folder whose names end so. */
const textsIn = (folder: string, ending: string): [path: string, text: string][] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => [path, readFileSync(join(folder, path), 'utf8')]);

const CODE = ['classes', 'idioms']
  .map((name) => readFileSync(join(FIXTURES, `python/snippets/${name}.py`), 'utf8'))
  .map((text) => text.slice(0, text.indexOf('\n\n', 2000)))
  .join('\n')
  // A number that the parser takes for an error.
  .replaceAll('1./', '1.0/');

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

/** What a text says, read whole, as text: its trees are large. */
const wholly = (syntax: Syntax, text: string) => JSON.stringify(syntax.read(syntax.parse(text), text));
const inPieces = (syntax: Syntax, text: string) => JSON.stringify(new PieceReader(syntax).statements(text));

const SYNTAXES: readonly [name: string, syntax: Syntax, texts: readonly [string, string][]][] = [
  ['Python', PYTHON_SYNTAX, textsIn(join(FIXTURES, 'python'), '.py')],
  ['JavaScript', syntaxOf(['jsx']), textsIn(join(FIXTURES, 'javascript'), '.js')],
  ['TypeScript', syntaxOf(['ts']), textsIn(join(__dirname, '../../../src/server/code'), '.ts')],
];

describe.each(SYNTAXES)('%s', (_, syntax, texts) => {
  test('a text without errors says in pieces what it says whole', () => {
    let pieces = 0;
    for (const [path, text] of texts) {
      const starts = [0, ...syntax.starts(text).filter((start) => start > 0)];
      pieces += starts.length;
      if (hasErrors(syntax.parse(text))) continue;
      const read = starts.map((start, i) => hasErrors(syntax.parse(text.slice(start, starts[i + 1]))));
      expect(read, path).not.toContain(true);
      expect(inPieces(syntax, text), path).toBe(wholly(syntax, text));
    }
    expect(pieces).toBeGreaterThan(3 * texts.length);
  });

  test('no text takes long', () => {
    for (const part of ['(', '"', "'''", '`', '`${', '\\\n', '/', '@\n', 'x = (\n', '}\nconst '])
      expect(syntax.starts(part.repeat(200_000)).length).toBeLessThanOrEqual(200_000);
  });
});

test('a text that was edited has the statements that it has by itself, and whole where it has no errors', () => {
  const reader = new PieceReader(PYTHON_SYNTAX);
  let whole = 0;
  for (const text of edited()) {
    const statements = JSON.stringify(reader.statements(text));
    expect(statements).toBe(inPieces(PYTHON_SYNTAX, text));
    if (hasErrors(PYTHON_SYNTAX.parse(text))) continue;
    whole++;
    expect(statements).toBe(wholly(PYTHON_SYNTAX, text));
  }
  expect(whole).toBeGreaterThan(25);
});

test.each([
  ['a = 1\nb = (2\nc = 3\n', [6, 13]],
  ['a = (1\nb = [2)\nc = 3\n', [15]],
  ['x = """\na\n"""\ny', [14]],
  ['if a:\n  b\nelse:\n  c\n', []],
  ['@a\n@b\ndef f():\n  pass\nc', [22]],
  ['a = 1 + \\\n1\nb', [12]],
  ["a = 'it\nb = 2", [8]],
  ["# don't\n\nb = r'\\''\nc", [9, 19]],
])('statements of the Python %j start', (text, starts) => {
  expect(PYTHON_SYNTAX.starts(text).filter((start) => start > 0)).toEqual(starts);
});

test.each([
  [`a();\nconst b = 1;\nlet c = \`\${1}\nvar d\`;\nvar e`, [5, 18, 40]],
  ['const a = {\nvar: 1 }\nconst b = /[/`]/;\nconst c = (1;\nconst d = 2', [21, 39, 53]],
  ['a = 1 / 2; // it`s\n/* `\nconst */\nconst b', [33]],
  ['x = \nfunction a() {}\nfunction b() {}', [21]],
])('statements of the JavaScript %j start', (text, starts) => {
  expect(syntaxOf([]).starts(text)).toEqual(starts);
});

test('only what changed is read again', () => {
  const read: string[] = [];
  const reader = new PieceReader({
    ...PYTHON_SYNTAX,
    parse(text) {
      read.push(text);
      return PYTHON_SYNTAX.parse(text);
    },
  });
  const readFor = (text: string): string[] => {
    read.length = 0;
    reader.statements(text);
    return [...read];
  };
  readFor('a = 1\nb = 2\nc = 3\n');
  expect(readFor('a = 1\nb = 2\nd = 4\nc = 3\n')).toEqual(['d = 4\n']);
  // With a new error the whole text as well, which may be without one.
  const broken = 'a = 1\nb = (2\nc = 3\n';
  expect(readFor(broken)).toEqual(['b = (2\n', broken]);
  expect(readFor('a = 0\nb = (2\nc = 3\n')).toEqual(['a = 0\n']);
});

test('what follows a statement with an error is read as it is', () => {
  const broken = 'a = f(1,\n';
  const rest = 'b = 2\nc = 3\n';
  const { length } = broken;
  const statements = new PieceReader(PYTHON_SYNTAX).statements(broken + rest);
  expect(JSON.stringify(statements.slice(1))).toBe(wholly(PYTHON_SYNTAX, '\n'.repeat(length) + rest));
});
