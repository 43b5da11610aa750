import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Arithmetic, CheckedMistake, UnitTrace } from '../../../src/shared/results/tracing';
import { readNumbers } from '../../conformance/npz';
import { fixture, json, layerglass, refusal, sample } from '../cliProcess';

interface TraceDocument {
  readonly read: string;
  readonly units: readonly UnitTrace[];
  readonly logit: number;
  readonly bias: number;
  readonly check?: readonly CheckedMistake[];
  readonly arithmetic?: Arithmetic;
}

const base = (input: string): string[] => [
  'trace',
  sample('1-sequence/motif.keras'),
  '--input',
  sample('1-sequence', input),
  '--backend',
  'wasm',
];
const pooled = [...base('with-motif.npy'), '--layer', 'global_max_pooling1d'];

interface SampleEntry {
  readonly input: string;
  readonly logit: number;
  readonly plantedPositions?: readonly number[];
  readonly strongestUnit?: number;
}
const entries: SampleEntry[] = JSON.parse(readFileSync(fixture('samples/index.json'), 'utf8'));
const known = entries.find(({ strongestUnit }) => strongestUnit !== undefined);

test('the sample of the question is traced to the positions that were planted, with the values of Keras', async () => {
  const { read, units, logit, bias } = await json<TraceDocument>(pooled);
  expect(read).toBe('conv1d');
  const arrays = await readNumbers(fixture('samples/1-sequence-with-motif.npz'));
  const keras = arrays.get('post:global_max_pooling1d');
  expect(units).toHaveLength(20);
  for (const { unit, value } of units)
    expect(Math.abs(value - (keras?.values[unit] ?? Number.NaN))).toBeLessThan(1e-5);
  expect(units[0]).toMatchObject({
    unit: known?.strongestUnit,
    positions: known?.plantedPositions?.map((at) => [at]),
    windows: known?.plantedPositions?.map((at) => [[at, at + 2]]),
  });
  const sum = units.reduce((all, { contribution }) => all + (contribution?.[0] ?? Number.NaN), bias);
  expect(Math.abs(sum - logit)).toBeLessThan(1e-4);
  expect(Math.abs(logit - (known?.logit ?? Number.NaN))).toBeLessThan(1e-4);
});

test('a number with the bias counted eight times is recognised, for every unit that is not 0', async () => {
  const { units } = await json<TraceDocument>(pooled);
  for (const { unit } of units.filter(({ value }) => value > 0).slice(0, 3)) {
    const { arithmetic } = await json<TraceDocument>([...pooled, '--unit', String(unit), '--arithmetic']);
    const products = arithmetic?.products.reduce((all, { product }) => all + product, 0) ?? Number.NaN;
    const bias = arithmetic?.bias ?? Number.NaN;
    expect(arithmetic?.sum).toBeCloseTo(products + bias, 12);
    const wrong = String(products + 8 * bias);
    const { check, units: one } = await json<TraceDocument>([
      ...pooled,
      '--unit',
      String(unit),
      '--check',
      wrong,
    ]);
    expect(one).toHaveLength(1);
    expect(check?.[0]).toMatchObject({
      mistake: expect.stringMatching(/^The bias is counted 8 times/),
      error: 0,
    });
    expect(check?.map(({ error }) => error)).toEqual(check?.map(({ error }) => error).sort((a, b) => a - b));
  }
});

test('the text names positions, windows, contributions and the arithmetic', async () => {
  const { code, stdout, stderr } = await layerglass([
    ...pooled,
    '--unit',
    '11',
    '--check',
    '3.967',
    '--arithmetic',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('[217] from 217:219 (CG), [904] from 904:906 (CG), [1466] from 1466:1468 (CG)');
  expect(stdout).toMatch(/contribution 11\.\d+/);
  expect(stdout).toMatch(/\[0, 1\] {2}1 x 2\.34\d+ = 2\.34\d+/);
  expect(stdout).toContain('No mistake: this is the value of the unit.');
});

test('the letters in the windows are named', async () => {
  const fasta = [...base('with-motif.fasta'), '--layer', 'global_max_pooling1d', '--unit', '11'];
  const { units } = await json<TraceDocument>(fasta);
  expect(units[0]).toMatchObject({ positions: [[217], [904], [1466]], letters: ['CG', 'CG', 'CG'] });
  expect((await layerglass(fasta)).stdout).toContain('[217] from 217:219 (CG)');
});

test('what cannot be traced is refused with a way out', async () => {
  expect(await refusal([...base('with-motif.npy'), '--layer', 'dense'])).toMatch(
    /"dense" come from no pooling/,
  );
  expect(await refusal([...pooled, '--unit', '20'])).toMatch(/there is no unit 20/);
  expect(await refusal([...pooled, '--check', '1'])).toMatch(/--check is about one unit/);
});
