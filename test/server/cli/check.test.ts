import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layerglass, sample } from '../cliProcess';

const MODEL = sample('4-cat-or-dog/cat-or-dog.keras');
let folder = '';
let inputs = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-check-'));
  inputs = join(folder, 'inputs');
  mkdirSync(inputs);
  for (const name of ['cat.png', 'dog.png', 'cat-and-dog.png'])
    cpSync(sample('4-cat-or-dog', name), join(inputs, name));
  writeFileSync(join(folder, 'labels.csv'), 'name,label\ncat.png,cat\ndog.png,dog\ncat-and-dog.png,cat\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (...more: string[]) =>
  layerglass([
    ...[
      'check',
      MODEL,
      '--input',
      inputs,
      '--labels',
      join(folder, 'labels.csv'),
      '--backend',
      'wasm',
      ...more,
    ],
  ]);

test('exit code 0 within the limits, and 1 with JUnit XML that says what is wrong', async () => {
  const good = await check('--min-accuracy', '0.6', '--max-nan', '0', '--json');
  expect(good.code, good.stderr).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({ passed: true, labelled: 3, correct: 2, nonFinite: 0 });

  const junit = join(folder, 'out', 'junit.xml');
  const bad = await check('--min-accuracy', '0.9', '--junit', junit);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain(
    'failed: accuracy is at least 90 %. 2 of 3 labelled inputs are right (66.7 %).',
  );
  const xml = readFileSync(junit, 'utf8');
  expect(xml).toMatch(/<testsuites tests="5" failures="1" errors="0" skipped="1" time="\d+\.\d{3}">/);
  expect(xml).toContain('<failure message="2 of 3 labelled inputs are right (66.7 %)."/>');
  expect(xml).toContain('<skipped message="Predicted dog, labelled cat."/>');
});

test('an input that cannot be read fails the check', async () => {
  writeFileSync(join(inputs, 'broken.png'), 'not an image');
  const { code, stdout } = await check();
  expect(code).toBe(1);
  expect(stdout).toContain('failed: every input is read. 1 of 4 inputs failed.');
  expect(stdout).toMatch(/^broken\.png: .+$/m);
});

test('settings in a file replace those beside the model', async () => {
  const settings = join(folder, 'settings.json');
  writeFileSync(settings, JSON.stringify({ labels: ['tom', 'rex'], preprocessing: { name: 'none' } }));
  const { stdout, stderr } = await check('--settings', settings, '--min-accuracy', '0.5');
  expect(stderr).toContain('none of the model\'s classes ("tom", "rex")');
  expect(stdout).toContain('No input has a true class');
});
