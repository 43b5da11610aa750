import { expect, test } from 'vitest';
import { JAVASCRIPT, TYPESCRIPT } from '../../../src/server/code/javascript/language';
import { languageOfFile } from '../../../src/server/code/languages';
import { PYTHON } from '../../../src/server/code/python/language';
import { inferRows } from '../../../src/server/code/rows';

/** The units of the Dense layers that a program makes, by their output shapes; `?` where they are not known. */
const units = (code: string): string =>
  inferRows(
    `import * as tf from '@tensorflow/tfjs';\nconst x = tf.input({ shape: [3] });\n${code}`,
    JAVASCRIPT,
  )
    .filter(({ className }) => className === 'Dense')
    .map(({ outputShape }) => outputShape?.at(-1) ?? '?')
    .join(' ');

const dense = (value: string): string => `tf.layers.dense({ units: ${value} }).apply(x);`;

test.each([
  ['a block has names of its own', `let n = 1; { let n = 2; ${dense('n')} } ${dense('n')}`, '2 1'],
  ['var belongs to the function', `var n = 1; if (true) { var n = 2; } ${dense('n')}`, '2'],
  ['an assignment reaches the outer name', `let n = 1; { n = 2; } ${dense('n')}`, '2'],
  [
    'each pass of a loop keeps its names',
    `const all = []; for (let i = 1; i < 3; i++) all.push(() => i); for (const f of all) { ${dense('f()')} }`,
    '1 2',
  ],
  ['do runs once at least', `let n = 5; do { n++; } while (n < 3); ${dense('n')}`, '6'],
  ['i++ is what was there before', `let i = 4; const j = i++; ${dense('i')} ${dense('j')}`, '5 4'],
  [
    'a default sees the parameters before it',
    `const f = (a, b = a * 2) => b; ${dense('f(3)')} ${dense('f(3, 4)')} ${dense('f(3, undefined)')}`,
    '6 4 6',
  ],
  [
    '?? takes the place of nothing alone',
    `const o = { a: 0 }; ${dense('(o.b ?? 3)')} ${dense('(o.a || 4)')}`,
    '3 4',
  ],
  [
    'division gives what JavaScript gives',
    `${dense('Math.floor(7 / 2)')} ${dense('10 / 4 * 2')} ${dense('(7 / 2) | 0')}`,
    '3 5 3',
  ],
  [
    'objects are taken apart',
    `const { a, b: { c = 5 } = {}, ...rest } = { a: 1, d: 2 }; ${dense('a')} ${dense('c')} ${dense('rest.d')}`,
    '1 5 2',
  ],
  [
    'a switch takes one way',
    `function f(k) { switch (k) { case 'a': return 1; case 'b': { break; } default: return 3; } return 2; } ${dense("f('a')")} ${dense("f('b')")} ${dense("f('c')")}`,
    '1 2 3',
  ],
  [
    'a switch that falls through is not followed',
    `let n = 1; switch (n) { case 1: n = 2; default: n = 3; } ${dense('n')}`,
    '?',
  ],
  ['a branch that may run leaves nothing known', `let n = 1; if (window.wide) n = 2; ${dense('n')}`, '?'],
  ['for…in is not followed', `let n = 0; for (const key in { a: 1 }) n = 1; ${dense('n')}`, '?'],
  [
    'a label that is left is not followed',
    `let n = 0; outer: for (;;) { n = 1; break outer; } ${dense('n')}`,
    '?',
  ],
  [
    'a function that nobody calls has its defaults',
    `function f({ n = 7, m }, k = 8) { ${dense('n')} ${dense('m')} ${dense('k')} }`,
    '7 ? 8',
  ],
  [
    'code that is not seen may change its arguments',
    `import { change } from './change'; const o = { n: 1 }; change(o); ${dense('o.n')}`,
    '?',
  ],
  [
    'an array grows at its end',
    `const a = [1]; a[1] = 2; a.push(3); ${dense('a[a.length - 2]')} ${dense('a.at(-1)')}`,
    '2 3',
  ],
  ['another library is not that of TensorFlow.js', `{ const tf = other; ${dense('3')} }`, ''],
  [
    'a class that nobody makes has its fields',
    `class A { n = 2; constructor(m, k = 4) { this.m = m; this.k = k; } #f() { return 5; } g() { ${dense('this.n')} ${dense('this.m')} ${dense('this.k')} ${dense('this.#f()')} } }`,
    '2 ? 4 5',
  ],
  [
    'a method of another class is followed as well',
    `import { Base } from './base'; class A extends Base { g(n = 3) { ${dense('n')} ${dense('this.m')} } }`,
    '3 ?',
  ],
  [
    'an object that the program makes is not made again',
    `class A { constructor(n) { this.n = n; ${dense('n')} } g() { ${dense('this.n')} } } const a = new A(6);`,
    '6 ?',
  ],
])('%s', (_, code, expected) => {
  expect(units(code)).toBe(expected);
});

test('a text that cannot be parsed is followed as far as it can be', () => {
  expect(units(`${dense('3')}\nconst y = tf.layers.dense({ units: 4 ;\n`)).toBe('3 ?');
  expect(inferRows('x'.repeat(50_000) + '(['.repeat(50_000), JAVASCRIPT)).toEqual([]);
});

test('an edit in one statement changes what is known of it', () => {
  const code = (n: number): string =>
    Array.from({ length: 20 }, (_, i) => dense(i === 9 ? `${n}` : `${i + 1}`)).join('\n');
  expect(units(code(50)).split(' ')[9]).toBe('50');
  expect(units(code(51)).split(' ')[9]).toBe('51');
});

test('the language of a file goes by its name', () => {
  expect(['a.mjs', 'b.TSX', 'c.ts', 'd.py', 'e'].map(languageOfFile)).toEqual([
    JAVASCRIPT,
    JAVASCRIPT,
    TYPESCRIPT,
    PYTHON,
    PYTHON,
  ]);
});
