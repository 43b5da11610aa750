import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layerglass, refusal, sample } from '../cliProcess';

const MODEL = sample('4-cat-or-dog/cat-or-dog.keras');

let folder = '';
let inputs = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-batch-options-'));
  inputs = join(folder, 'inputs');
  mkdirSync(inputs);
  for (const name of ['a.png', 'b.png']) cpSync(sample('4-cat-or-dog/cat.png'), join(inputs, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const batchArguments = (out: string, ...more: string[]): string[] => [
  ...['batch', MODEL, '--input', inputs, '--out', join(folder, out), '--backend', 'wasm', ...more],
];
const lines = (out: string, name: string): string[] =>
  readFileSync(join(folder, out, name), 'utf8')
    .trimEnd()
    .split('\n');

test('--resume computes again what has another content, whatever its name and date, and nothing else', async () => {
  expect(await layerglass(batchArguments('resumed'))).toMatchObject({ code: 0 });
  const before = lines('resumed', 'rows.jsonl');
  utimesSync(join(inputs, 'a.png'), new Date(0), new Date(0));
  expect(await layerglass(batchArguments('resumed', '--resume'))).toMatchObject({ code: 0 });
  expect(lines('resumed', 'rows.jsonl')).toEqual(before);
  cpSync(sample('4-cat-or-dog/dog.png'), join(inputs, 'b.png'));
  expect(await layerglass(batchArguments('resumed', '--resume'))).toMatchObject({ code: 0 });
  const after = lines('resumed', 'rows.jsonl');
  expect(after).toHaveLength(before.length + 2);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.at(-1)).toBe('{"done":true}');
  const [, a = '', b = ''] = lines('resumed', 'predictions.csv');
  expect(a).toMatch(/^a\.png,\d,cat,/);
  expect(b).toMatch(/^b\.png,\d,dog,/);
});

test('--option reaches the method, and a batch with another value is another batch', async () => {
  const few = ['--method', 'smooth-grad', '--option', 'samples=2'];
  expect(await layerglass(batchArguments('few', ...few))).toMatchObject({ code: 0 });
  const more = ['--method', 'smooth-grad', '--option', 'samples=3'];
  expect(await refusal(batchArguments('few', '--resume', ...more))).toContain('with other options');
  expect(await refusal(batchArguments('none', '--option', 'samples=2'))).toContain(
    'No method of this batch has an option "samples".',
  );
});

test('--trust gives each map its verdict and the figures behind it', async () => {
  rmSync(join(inputs, 'b.png'));
  expect(await layerglass(batchArguments('trusted', '--trust'))).toMatchObject({ code: 0 });
  const [columns = [], cells = []] = lines('trusted', 'predictions.csv').map((line) => line.split(','));
  expect(cells[columns.indexOf('trust_grad-cam')]).toMatch(/^(believe|doubt|no-evidence)$/);
  expect(Number(cells[columns.indexOf('insertion_auc_grad-cam')])).toBeGreaterThan(0);
  expect(readFileSync(join(folder, 'trusted/report.html'), 'utf8')).toContain('"verdict":');
  expect(await refusal(batchArguments('none', '--trust', '--method', 'none'))).toContain(
    '--trust examines maps, and --method none makes none.',
  );
});
