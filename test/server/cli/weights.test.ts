import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseNpy } from '../../../src/server/inputs/arrays/npy';
import type { ModelSummary } from '../../../src/shared/model';
import { fixture, json, layerglass, refusal } from '../cliProcess';

const STORED = fixture('stored_weights/stored.keras');
const WEIGHTS = fixture('stored_weights/stored.weights.h5');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-cli-weights-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly path: string;
  readonly name: string;
  readonly mean: number | string | null;
  readonly nan: number;
  readonly duplicates: readonly { first: number; second: number; negated: boolean }[];
  readonly file?: string;
}
const numpy = JSON.parse(readFileSync(fixture('stored_weights/stored.json'), 'utf8')) as Row[];

describe('weights', () => {
  test('--json has the statistics of every weight as NumPy has them', async () => {
    const rows = await json<Row[]>(['weights', STORED]);
    expect(rows.map(({ path }) => path)).toEqual(numpy.map(({ path }) => path));
    for (const [i, { mean, nan, duplicates }] of numpy.entries()) {
      expect(rows[i]?.nan).toBe(nan);
      expect(rows[i]?.duplicates).toEqual(duplicates);
      expect(Number(rows[i]?.mean)).toBeCloseTo(Number(mean), 6);
    }
  });

  test('the table names what is wrong', async () => {
    const { stdout } = await layerglass(['weights', STORED, '--layer', 'conv']);
    expect(stdout).toContain('conv/kernel: 1 of 8 filters are all 0: 2\n');
    expect(stdout).toContain('conv/kernel: 3 pairs of equal or negated filters: 1 = 5, 1 = -6, 5 = -6\n');
    expect(stdout).not.toContain('norm/gamma');
  });

  test('--out writes each weight as .npy and names the files', async () => {
    const out = join(folder, 'out');
    const rows = await json<Row[]>(['weights', STORED, '--layer', 'norm', '--out', out]);
    expect(readdirSync(out).sort()).toEqual([
      'norm.beta.npy',
      'norm.gamma.npy',
      'norm.moving_mean.npy',
      'norm.moving_variance.npy',
    ]);
    const path = rows.find(({ name }) => name === 'moving_variance')?.file ?? '';
    expect(parseNpy(readFileSync(path), path).values[2]).toBeNaN();
  });

  test('a layer that does not exist is named', async () => {
    expect(await refusal(['weights', STORED, '--layer', 'cnv'])).toContain('no weights of a layer "cnv"');
  });
});

describe('a file of weights', () => {
  const alone = (): string => {
    cpSync(WEIGHTS, join(folder, 'alone.weights.h5'));
    return join(folder, 'alone.weights.h5');
  };

  test('is inspected as layers and arrays', async () => {
    const summary = await json<ModelSummary>(['inspect', alone()]);
    expect(summary).toMatchObject({ format: 'weights', params: { total: 1165 } });
    const { stdout } = await layerglass(['inspect', alone()]);
    expect(stdout).toMatch(/^ {2}kernel \(float32\) +\(3, 3, 3, 8\) +216$/m);
    expect(stdout).toContain('alone.weights.h5 contains only weights');
    expect(stdout).not.toContain('Multiply-adds');
  });

  test('is not run, which says why and what to do', async () => {
    const text = await refusal(['run', alone(), '--input', 'random', '--backend', 'cpu', '--out', folder]);
    expect(text).toContain('alone.weights.h5 contains only weights');
    expect(text).toContain('Put the model beside it');
  });

  test('given with --weights is used in place of those of the model', async () => {
    const rows = await json<Row[]>(['weights', STORED, '--weights', WEIGHTS]);
    expect(rows.map(({ path }) => path)).toEqual(numpy.map(({ path }) => path));
    const { stdout } = await layerglass(['inspect', STORED, '--weights', WEIGHTS]);
    expect(stdout).toContain('The layers are those of stored.keras, with the weights of stored.weights.h5.');
  });

  test('of another model is refused with the layer that does not fit', async () => {
    const other = fixture('formats/new.weights.h5');
    expect(await refusal(['inspect', STORED, '--weights', other])).toMatch(
      /new\.weights\.h5 does not fit stored\.keras: of the weights of layer "\w+" \(\w+\)/,
    );
    expect(await refusal(['inspect', STORED, '--weights', STORED])).toContain(
      'stored.keras is not a file of weights alone',
    );
  });
});
