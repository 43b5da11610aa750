import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(__dirname, '../../..');
const FOLDERS = ['src/server/formats', 'src/cli', 'src/server/io'];

const REFUSED = [
  "import { readFileSync } from 'node:fs';\nreadFileSync('x');\n",
  "import { openSync } from 'node:fs';\nopenSync('x', 'r');\n",
  "import { createReadStream } from 'node:fs';\ncreateReadStream('x');\n",
  "import { statSync } from 'node:fs';\nstatSync('x');\n",
  "import { writeFileSync } from 'node:fs';\nwriteFileSync('x', '');\n",
  "import * as fs from 'node:fs';\nfs.readFileSync('x');\n",
  "import fs from 'node:fs';\nfs.readFileSync('x');\n",
  "import { readFile } from 'node:fs/promises';\nawait readFile('x');\n",
  "const { readFileSync } = await import('node:fs');\nreadFileSync('x');\n",
  "const { readFileSync } = require('node:fs');\nreadFileSync('x');\n",
];
const ALLOWED = ["import { existsSync } from 'node:fs';\nexistsSync('x');\n"];

let folder = '';
let report = '';
/** The rules of `npm run check` on files of these contents in each folder. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-lint-'));
  const { vcs: _, ...config } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(config));
  // Biome refuses a configuration whose plugins it does not find.
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(join(ROOT, 'scripts/typedArrays.grit'), join(folder, 'scripts/typedArrays.grit'));
  for (const place of FOLDERS) {
    mkdirSync(join(folder, place), { recursive: true });
    for (const [i, content] of [...REFUSED, ...ALLOWED].entries()) {
      writeFileSync(join(folder, place, `file${i}.ts`), content);
    }
  }
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--max-diagnostics=none', '--colors=off'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  report = stdout + stderr;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isRefused = (place: string, i: number): boolean =>
  report
    .split('\n')
    .some((line) => line.startsWith(`${place}/file${i}.ts:`) && line.includes('noRestrictedImports'));

test.each([...REFUSED.entries()])('%i: %j is refused outside src/server/io', (i) => {
  expect(FOLDERS.map((place) => isRefused(place, i))).toEqual([true, true, false]);
});

test('the existence of a file may be checked anywhere', () => {
  expect(FOLDERS.some((place) => isRefused(place, REFUSED.length))).toBe(false);
});
