import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/fuzzer';

const COUNT = 250;

test(`${COUNT} mutated files cause no findings (npm run fuzz tries more)`, { timeout: 240_000 }, async () => {
  const result = await fuzz({
    root: resolve(import.meta.dirname, '../..'),
    backend: 'wasm',
    seed: 6,
    count: COUNT,
    findings: mkdtempSync(join(tmpdir(), 'layerglass-fuzz-')),
  });
  expect(result.findings).toEqual([]);
  // Enough mutated files must pass the parsers, so that what comes after is tried, too.
  const totals = [...result.families.values()];
  expect(totals.reduce((sum, { opened }) => sum + opened, 0)).toBeGreaterThan(COUNT / 3);
  expect(totals.reduce((sum, { explained }) => sum + explained, 0)).toBeGreaterThan(COUNT / 5);
});
