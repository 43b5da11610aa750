import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Roots } from '../../../src/server/tools/roots';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'layerglass-roots-')));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(top, ...parts);
for (const folder of ['one/deep', 'two', 'secret']) mkdirSync(at(folder), { recursive: true });
for (const file of ['one/a.keras', 'two/b.keras', 'secret/c.keras']) writeFileSync(at(file), '');
symlinkSync(at('secret'), at('one/link'));
symlinkSync(at('secret/c.keras'), at('one/c.keras'));
symlinkSync(at('one'), at('alias'));

const roots = new Roots([at('one'), at('two'), at('missing')]);

test.each([
  ['an absolute path', at('one/a.keras'), at('one/a.keras')],
  ['a relative one', 'deep/../a.keras', at('one/a.keras')],
  ['a relative one of the second root', 'b.keras', at('two/b.keras')],
  ['a root itself', at('two'), at('two')],
  ['one through a link from outside', at('alias/a.keras'), at('one/a.keras')],
  ['one that does not exist, at the first root', 'nothing/x.keras', at('one/nothing/x.keras')],
])('%s is inside', (_, path, real) => {
  expect(roots.inside(path)).toBe(real);
});

test.each([
  ['a file beside', at('secret/c.keras')],
  ['a file that does not exist', at('secret/nothing.keras')],
  ['a path that leaves', '../secret/c.keras'],
  ['a linked folder', 'link/c.keras'],
  ['what does not exist in a linked folder', 'link/nothing.keras'],
  ['a linked file', 'c.keras'],
  ['the folder above', top],
  ['a folder with a longer name', at('one-more/a.keras')],
  ['a root that does not exist', at('missing/a.keras')],
])('%s is outside', (_, path) => {
  expect(() => roots.inside(path)).toThrow(`${path} is outside the folders that may be read.`);
});

test('without folders nothing is inside', () => {
  expect(() => new Roots([]).inside('a.keras')).toThrow('outside the folders');
});
