import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { CachedScript } from '../../../src/server/compute/scriptCache';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-scripts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const module = join(folder, 'module.js');
const cacheFile = join(folder, 'cache', 'module.js.cache');
const ANSWERS_1 = "exports.answer = () => require('node:path').join('a', '1');";

beforeEach(() => {
  rmSync(join(folder, 'cache'), { recursive: true, force: true });
  writeFileSync(module, ANSWERS_1);
  new CachedScript(module, cacheFile).keep();
});

function answerOf(script: CachedScript): string {
  const exports: { answer?: () => string } = {};
  script.body()(exports, createRequire(module), { exports } as NodeJS.Module, module, folder);
  return exports.answer?.() ?? '';
}

test('compiled code that was kept is used', () => {
  const script = new CachedScript(module, cacheFile);
  expect(script.isCached).toBe(true);
  expect(answerOf(script)).toBe(join('a', '1'));
});

test('that of another source, of the same length, is not', () => {
  writeFileSync(module, ANSWERS_1.replace('1', '2'));
  const script = new CachedScript(module, cacheFile);
  expect(script.isCached).toBe(false);
  expect(answerOf(script)).toBe(join('a', '2'));
});

test.each(['a changed byte', 'no end', 'nothing'])('a file with %s is not', (damage) => {
  const bytes = readFileSync(cacheFile);
  const last = bytes.length - 1;
  const damaged = {
    'a changed byte': () => Buffer.concat([bytes.subarray(0, last), Buffer.of(255 - (bytes[last] ?? 0))]),
    'no end': () => bytes.subarray(0, last),
    nothing: () => Buffer.alloc(0),
  }[damage];
  writeFileSync(cacheFile, damaged?.() ?? '');
  const script = new CachedScript(module, cacheFile);
  expect(script.isCached).toBe(false);
  expect(answerOf(script)).toBe(join('a', '1'));
});

test('where nothing can be written, nothing is kept', () => {
  const script = new CachedScript(module, join(module, 'no folder', 'module.js.cache'));
  expect(() => script.keep()).not.toThrow();
  expect(answerOf(script)).toBe(join('a', '1'));
});

test('large modules of one folder are kept when a process ends, all when one is new', {
  timeout: 60_000,
}, async () => {
  const dist = join(folder, 'dist');
  const elsewhere = join(folder, 'elsewhere');
  for (const made of [dist, elsewhere]) mkdirSync(made);
  await build({
    entryPoints: [join(__dirname, '../../../src/server/compute/scriptCache.ts')],
    outfile: join(dist, 'cache.js'),
    bundle: true,
    platform: 'node',
    logLevel: 'error',
  });
  const long = `// ${'x'.repeat(2 ** 15)}\n`;
  writeFileSync(join(dist, 'small.js'), "exports.late = () => import('node:os');");
  writeFileSync(join(dist, 'first.js'), `${long}exports.one = 1; exports.late = require('./small.js').late;`);
  writeFileSync(
    join(dist, 'second.js'),
    `${long}exports.two = require('./first.js').one + require.main.exports.one;`,
  );
  writeFileSync(join(elsewhere, 'third.js'), `${long}exports.three = 3;`);
  writeFileSync(
    join(elsewhere, 'start.js'),
    `const { cacheScripts } = require(${JSON.stringify(join(dist, 'cache.js'))});
    exports.one = 1;
    cacheScripts(${JSON.stringify(dist)}, ${JSON.stringify(join(dist, 'compiled'))});
    const { three } = require('./third.js');
    const { late } = require(${JSON.stringify(join(dist, 'first.js'))});
    const two = process.argv.includes('second') ? require(${JSON.stringify(join(dist, 'second.js'))}).two : 0;
    late().then(({ EOL }) => console.log(JSON.stringify([two, three, EOL.length > 0])));`,
  );
  const run = (...args: string[]) => {
    const { stdout, stderr } = spawnSync(process.execPath, [join(elsewhere, 'start.js'), ...args], {
      encoding: 'utf8',
    });
    return `${stdout}${stderr}`.trim();
  };
  const kept = () =>
    Object.fromEntries(
      readdirSync(join(dist, 'compiled')).map((name) => [
        name,
        statSync(join(dist, 'compiled', name)).mtimeMs,
      ]),
    );

  expect(run()).toBe('[0,3,true]');
  const first = kept();
  expect(Object.keys(first)).toEqual(['first.js.cache']);
  expect(run()).toBe('[0,3,true]');
  expect(kept()).toEqual(first);
  expect(run('second')).toBe('[2,3,true]');
  const both = kept();
  expect(Object.keys(both)).toEqual(['first.js.cache', 'second.js.cache']);
  expect(both['first.js.cache']).toBeGreaterThan(first['first.js.cache'] ?? 0);
});
