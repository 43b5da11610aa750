import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WasItTheInput, WhatWouldChange } from '../../../src/shared/results/whatIf';
import { json, refusal, sample } from '../cliProcess';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-what-if-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cat = [sample('4-cat-or-dog/cat-or-dog.keras'), '--input', sample('4-cat-or-dog/cat.png')];
const wasm = ['--backend', 'wasm'];

test('the words whose removal changes the opinion are named, and the change is verified', async () => {
  const text = [sample('6-text/review.keras'), '--input', sample('6-text/not-good.txt')];
  const answer = await json<WhatWouldChange>(['change', ...text, ...wasm]);
  expect(answer).toMatchObject({ isFound: true, isVerified: true, goal: 'lose' });
  expect(answer.removed.flatMap(({ names }) => names ?? [])).toContain('not');
  expect(answer.before[0]?.label).toBe('negative');
  expect(answer.after[0]?.label).toBe('positive');
});

test('of an image a mask is written', async () => {
  const out = join(folder, 'mask.png');
  const answer = await json<WhatWouldChange>(['change', ...cat, ...wasm, '--out', out]);
  expect(answer.isVerified).toBe(true);
  expect(answer.after[0]?.index).not.toBe(answer.before[0]?.index);
  expect(existsSync(out)).toBe(true);
});

test('every preprocessing and every small change of an image is listed, other predictions first', async () => {
  const { variations, passes } = await json<WasItTheInput>(['vary', ...cat, ...wasm]);
  const kinds = variations.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'preprocessing')).toHaveLength(4);
  expect(new Set(kinds)).toEqual(new Set(['preprocessing', 'mirrored', 'shifted', 'brightness']));
  expect(passes).toBe(1 + variations.length);
  const others = variations.map(({ isOther }) => isOther);
  expect(others).toEqual([...others].sort((a, b) => Number(b) - Number(a)));
});

test('what has no class, and what is no image or signal, is refused with a way out', async () => {
  const table = [sample('7-table/prices.keras'), '--input', sample('7-table/houses.csv')];
  expect(await refusal(['change', ...table, ...wasm])).toMatch(/has no class that could change/);
  expect(await refusal(['vary', ...table, ...wasm])).toMatch(/holds no image and no signal/);
});
