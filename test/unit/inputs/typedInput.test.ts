import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { InputSpec } from '../../../src/server/inputs/loadedInput';
import { readInput } from '../../../src/server/inputs/readInput';
import { readSidecar, writeSidecar } from '../../../src/server/session/sidecar';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-typed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spec = (shape: InputSpec['shape'], more: Partial<InputSpec> = {}): InputSpec => ({
  name: 'x',
  shape,
  dtype: 'float32',
  ...more,
});
const type = (text: string, wanted: InputSpec) => readInput({ kind: 'text', text }, wanted, undefined);

test('a text for a model of strings is taken as it is, or one string per line', async () => {
  const one = spec([null, 1], { dtype: 'string' });
  const source = { kind: 'text', text: 'Not good,\n12 of 10 ✓' };
  expect(await type(source.text, one)).toMatchObject({ strings: [source.text], shape: [1, 1], source });
  const two = spec([null, 2], { dtype: 'string' });
  expect(await type('red\nblue', two)).toMatchObject({ strings: ['red', 'blue'], shape: [1, 2] });
  await expect(type('red', two)).rejects.toThrow('The text has 1 line, and input "x" takes strings');
});

test('letters become the sequence of the alphabet, in one line, several, or as FASTA', async () => {
  const ids = spec([null, null], { dtype: 'int32', alphabet: 'ACGT' });
  for (const text of ['GATTaca', 'GATT\nACA', ' >seq 1\nGATTACA\n'.trim()]) {
    expect([...(await type(text, ids)).values]).toEqual([2, 0, 3, 3, 0, 1, 0]);
  }
  expect(await type('CA', spec([null, 2, 4]))).toMatchObject({
    shape: [1, 2, 4],
    values: Float32Array.of(0, 1, 0, 0, 1, 0, 0, 0),
    names: { kind: 'letters', values: ['C', 'A'] },
  });
  await expect(type('CAT', spec([null, 2, 4]))).rejects.toThrow(
    'The text: the sequence "typed" has 3 letters, and input "x" takes 2.',
  );
});

test('numbers fill an input of ids, also one whose alphabet is known', async () => {
  const ids = spec([null, 3], { dtype: 'int32' });
  expect([...(await type('4, 17 2', ids)).values]).toEqual([4, 17, 2]);
  expect([...(await type('2 0 1', { ...ids, alphabet: 'ACGT' })).values]).toEqual([2, 0, 1]);
  await expect(type('4 17', ids)).rejects.toThrow('The text holds 2 numbers, and input "x" takes (None, 3).');
  await expect(type('4 good 2', ids)).rejects.toThrow(
    'The text: number 2 holds "good", which is not a number.',
  );
  await expect(type('4 1.5 2', ids)).rejects.toThrow('takes whole numbers');
});

test('an image cannot be typed, nor a text beyond the limit', async () => {
  await expect(type('cat', spec([null, 8, 8, 3]))).rejects.toThrow('The text: number 1 holds "cat"');
  await expect(type('x'.repeat(20_001), spec([null], { dtype: 'string' }))).rejects.toMatchObject({
    error: { kind: 'too-large', message: 'The text has 20001 characters; at most 20000 can be typed.' },
  });
});

test('a typed text is kept in the settings beside the model', () => {
  const model = join(folder, 'model.keras');
  const settings = { lastInputs: [{ kind: 'text', text: 'not good' }] } as const;
  writeSidecar(model, settings);
  expect(readSidecar(model)).toEqual(settings);
});
