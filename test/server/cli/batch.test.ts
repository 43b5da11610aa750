import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePng } from '../../../src/server/render/png';
import { CLI, json, layerglass, refusal, sample } from '../cliProcess';
import { expectSameBatch } from '../cluster/sameBatch';

const MODEL = sample('4-cat-or-dog/cat-or-dog.keras');
const SIDE = 96;
const COUNT = 40;

let folder = '';
let inputs = '';
/** One uninterrupted batch, which the others are compared with. */
let whole = '';

/** Images that differ. */
function image(seed: number): Uint8Array {
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => (i * (seed + 3)) % 251);
  return encodePng(pixels, SIDE, SIDE);
}

const batchArguments = (out: string, ...more: string[]): string[] => [
  ...['batch', MODEL, '--input', inputs, '--out', out, '--backend', 'wasm', '--threads', '1', ...more],
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-batch-'));
  inputs = join(folder, 'inputs');
  for (const name of ['cat', 'dog']) mkdirSync(join(inputs, name), { recursive: true });
  for (let i = 0; i < COUNT - 3; i++)
    writeFileSync(join(inputs, i % 2 ? 'dog' : 'cat', `${i}.png`), image(i));
  cpSync(sample('4-cat-or-dog/cat.png'), join(inputs, 'cat/cat.png'));
  cpSync(sample('4-cat-or-dog/dog.png'), join(inputs, 'dog/dog.png'));
  writeFileSync(join(inputs, 'dog/broken.png'), 'not an image');
  whole = join(folder, 'whole');
  expect(await layerglass(batchArguments(whole))).toMatchObject({ code: 0 });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (out: string, name: string): string => readFileSync(join(out, name), 'latin1');
const journal = (out: string): string[] =>
  existsSync(join(out, 'rows.jsonl')) ? text(out, 'rows.jsonl').split('\n').slice(0, -1) : [];

/** Starts a batch and calls back when some of its rows are on disk. */
async function interrupted(args: readonly string[], out: string, stop: (child: ChildProcess) => unknown) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const closed = once(child, 'close');
  // The first line is the header.
  while (child.exitCode === null && journal(out).length < 3) await new Promise((done) => setTimeout(done, 5));
  await stop(child);
  const [code, signal] = await closed;
  return { code, signal, stderr };
}

test('a folder becomes tables, maps and a report; a broken file is a row with its reason', async () => {
  const [head = '', ...rows] = text(whole, 'predictions.csv').trimEnd().split('\n');
  expect(head.split(',').slice(0, 5)).toEqual(['name', 'class', 'label', 'confidence', 'value']);
  expect(rows).toHaveLength(COUNT);
  const row = (name: string): Record<string, string> => {
    const cells = rows.find((line) => line.startsWith(`${name},`))?.split(',') ?? [];
    return Object.fromEntries(head.split(',').map((column, i) => [column, cells[i] ?? '']));
  };
  expect(row('cat/cat.png')).toMatchObject({ label: 'cat', true_label: 'cat', correct: 'true', error: '' });
  expect(row('dog/dog.png')).toMatchObject({ label: 'dog', true_label: 'dog', correct: 'true' });
  expect(row('dog/broken.png')).toMatchObject({ class: '', true_label: 'dog', correct: '' });
  expect(row('dog/broken.png').error).toMatch(/^broken\.png is in no format/);
  const pictures = readdirSync(join(whole, 'maps/grad-cam'));
  expect(pictures.filter((name) => name.endsWith('.overlay.png'))).toHaveLength(COUNT - 1);
  expect(pictures.filter((name) => name.endsWith('.map.png'))).toHaveLength(COUNT - 1);
  expect(text(whole, 'timings.csv').split('\n')[0]).toBe('name,seconds');
});

describe('an interrupted batch', () => {
  test('goes on after kill -9 without repeating, and ends as if nothing had happened', async () => {
    const out = join(folder, 'killed');
    const { signal } = await interrupted(batchArguments(out), out, (child) => child.kill('SIGKILL'));
    expect(signal).toBe('SIGKILL');
    const before = journal(out);
    expect(before.length).toBeLessThan(COUNT);
    // What a crash in the middle of a write leaves.
    appendFileSync(join(out, 'rows.jsonl'), '{"at":7,"name":"ca');
    const { code, stdout } = await layerglass(batchArguments(out, '--resume'));
    expect(code).toBe(0);
    expect(stdout).toContain(`${COUNT} inputs, 1 failed`);
    expect(journal(out).slice(0, before.length)).toEqual(before);
    expect(journal(out)).toHaveLength(COUNT + 2);
    expectSameBatch(out, whole);
  });

  test.skipIf(process.platform === 'win32')('keeps others out of its folder until it has ended', async () => {
    const out = join(folder, 'shared');
    let stderr = '';
    await interrupted(batchArguments(out), out, async (child) => {
      child.kill('SIGSTOP');
      stderr = await refusal(batchArguments(out, '--resume'));
      child.kill('SIGKILL');
    });
    expect(stderr).toMatch(/Process \d+ on \S+ is writing into .*shared\.\n {2}Wait until it has ended/);
    expect((await layerglass(batchArguments(out, '--resume'))).code).toBe(0);
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
    expectSameBatch(out, whole);
  });

  test('ends cleanly on Ctrl+C and says how to go on', async () => {
    const out = join(folder, 'stopped');
    const { code, stderr } = await interrupted(batchArguments(out), out, (child) => child.kill('SIGINT'));
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /layerglass: Stopped after \d+ of 40 inputs\.\n {2}Run the same command with --resume/,
    );
    expect((await layerglass(batchArguments(out, '--resume'))).code).toBe(0);
    expectSameBatch(out, whole);
  });
});

test('another model, other options and a folder of something else are refused', async () => {
  expect(await refusal(batchArguments(whole))).toContain('holds a batch already');
  expect(await refusal(batchArguments(whole, '--resume', '--method', 'saliency'))).toContain(
    'of another model or with other options',
  );
  const flat = batchArguments(whole, '--resume');
  flat[1] = sample('4-cat-or-dog/cat-or-dog-flat.h5');
  expect(await refusal(flat)).toContain('of another model or with other options');
  const strange = join(folder, 'strange');
  mkdirSync(strange);
  writeFileSync(join(strange, 'thesis.txt'), '');
  expect(await refusal(batchArguments(strange, '--resume'))).toContain('is not empty');
  expect(readdirSync(strange)).toEqual(['thesis.txt']);
});

test('eight parts, one of them killed and run again, are merged to what one call writes', async () => {
  const out = join(folder, 'parts');
  const part = (number: number) => batchArguments(out, '--resume', '--shard', `${number}/8`);
  const third = join(out, 'part-003-of-008');
  await interrupted(part(3), third, (child) => child.kill('SIGKILL'));
  for (const number of [1, 2, 4, 5, 6, 7]) expect((await layerglass(part(number))).code).toBe(0);
  const env = { SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_MIN: '0', SLURM_ARRAY_TASK_MAX: '7' };
  const merged = join(folder, 'merged');
  const merge = ['merge', out, '--out', merged];
  const incomplete = await refusal(merge);
  expect(incomplete).toMatch(/part-003-of-008 is not complete|Of 8 parts, 1 are missing: 8/);
  expect((await layerglass(part(3))).code).toBe(0);
  expect(await refusal(merge)).toContain('Of 8 parts, 1 are missing: 8.');
  const eighth = spawn(process.execPath, [CLI, ...batchArguments(out, '--resume', '--shard', 'auto')], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  expect((await once(eighth, 'close'))[0]).toBe(0);
  expect(await json(merge)).toMatchObject({ inputs: COUNT, labelled: COUNT - 1 });
  expectSameBatch(merged, whole);
  // Without harm when it is done again.
  expect((await layerglass(part(3))).code).toBe(0);
  expect((await layerglass(merge)).code).toBe(0);
  expectSameBatch(merged, whole);
}, 120_000);

test('true classes come from a table where one is given', async () => {
  const labels = join(folder, 'labels.csv');
  writeFileSync(labels, 'file,label\ncat.png,dog\ndog/dog.png,1\n');
  const out = join(folder, 'labelled');
  expect(await layerglass(batchArguments(out, '--labels', labels, '--method', 'none'))).toMatchObject({
    code: 0,
  });
  const row = text(out, 'predictions.csv')
    .split('\n')
    .find((line) => line.startsWith('cat/cat.png'));
  expect(row).toContain(',1,dog,false,');
});
