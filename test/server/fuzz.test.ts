import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/fuzzer';

const COUNT = 250;

test(`${COUNT} mutated files break no promise; npm run fuzz tries more`, { timeout: 240_000 }, async () => {
  const result = await fuzz({
    root: resolve(import.meta.dirname, '../..'),
    backend: 'wasm',
    seed: 6,
    count: COUNT,
    findings: mkdtempSync(join(tmpdir(), 'layerglass-fuzz-')),
  });
  expect(result.findings).toEqual([]);
  // That the mutations are not so wild that nothing behind the parsers is tried.
  expect(result.opened).toBeGreaterThan(COUNT / 4);
  expect(result.answered).toBeGreaterThan(COUNT / 10);
});
