import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(__dirname, '../..');
/** Where the pages start a path: at the top, or in the folder that they speak of. */
const BASES = ['', 'src', 'src/server', 'src/extension', 'docs'];

const PAGES = [
  'README.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** `src/server/run/trace.ts`, `run/trace.ts`, `test/server` or `layers/core/`; placeholders and globs are not paths. */
const PATH =
  /^(?:[\w.-]+\/)+[\w.-]+\.(?:ts|mjs|cjs|md)$|^(?:src|test|scripts|samples|docs|bench|media)\/[\w./-]+$|^(?:[\w-]+\/){2,}$/;

test.each(PAGES)('every path that %s names exists', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const created = new Set([...text.matchAll(/^New file `([^`]+)`:$/gm)].map(([, file]) => file));
  const named = [...text.matchAll(/`([^`\n]+)`|\]\(([^)#\s]+)[)#]/g)].flatMap(
    ([, code, link]) => code ?? link ?? [],
  );
  const missing = named.filter(
    (path) =>
      PATH.test(path) && !created.has(path) && !BASES.some((base) => existsSync(join(ROOT, base, path))),
  );
  expect(missing).toEqual([]);
});

test.each([...PAGES, 'CHANGELOG.md'])('%s holds no marks of a merge', (page) => {
  expect(readFileSync(join(ROOT, page), 'utf8')).not.toMatch(/^(?:<{7}|={7}|>{7})(?: |$)/m);
});
