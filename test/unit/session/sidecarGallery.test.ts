import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSidecar, writeSidecar } from '../../../src/server/session/sidecar';

let folder = '';
let model = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-sidecar-'));
  model = join(folder, 'pets.keras');
  mkdirSync(join(folder, 'test'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stored = (): unknown => JSON.parse(readFileSync(`${model}.layerglass.json`, 'utf8'));

it('writes what a gallery shows relative to its folder, and reads it again', () => {
  const sources = [folder, join(folder, 'test'), join(folder, 'more.npz')];
  writeSidecar(model, { labels: ['cat', 'dog'], gallery: { sources: [...sources, '/elsewhere/cats'] } });
  expect(stored()).toEqual({
    labels: ['cat', 'dog'],
    gallery: { sources: ['.', 'test', 'more.npz'] },
  });
  expect(readSidecar(model)).toEqual({ labels: ['cat', 'dog'], gallery: { sources } });
});

it('leaves out what a file of an untrusted folder names outside it', () => {
  symlinkSync('/', join(folder, 'link'));
  const sources = ['..', '/etc', 'link/etc', 'test', '../other/x.npz'];
  writeFileSync(`${model}.layerglass.json`, JSON.stringify({ gallery: { sources } }));
  expect(readSidecar(model)).toEqual({ gallery: { sources: [join(folder, 'test')] } });
  writeFileSync(`${model}.layerglass.json`, JSON.stringify({ gallery: { sources: ['..'] } }));
  expect(readSidecar(model)).toEqual({});
});

it('reads a file of an earlier version', () => {
  writeFileSync(`${model}.layerglass.json`, JSON.stringify({ labels: ['cat', 'dog'] }));
  expect(readSidecar(model)).toEqual({ labels: ['cat', 'dog'] });
});
