import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(__dirname, '../..');
const MAX_LINES = 400;
/** About 20; a folder that grows beyond this should be divided. */
const MAX_FILES = 25;

const sources = ['src', 'test', 'scripts', 'bench'].flatMap((top) =>
  readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
    .map((path) => `${top}/${path.replaceAll('\\', '/')}`)
    .filter((path) => /\.(ts|mts|mjs|cjs|css)$/.test(path) && !path.startsWith('test/fixtures/')),
);

test('a file of more than 400 lines says why at its top', () => {
  expect(sources.length).toBeGreaterThan(500);
  const long = sources.filter((path) => {
    const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
    return lines.length - 1 > MAX_LINES && !/longer than 400 lines/.test(lines[0] ?? '');
  });
  expect(long).toEqual([]);
});

test('no folder has many more than 20 files', () => {
  const counts = new Map<string, number>();
  for (const path of sources) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
});
