import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseNpy } from '../../../src/server/inputs/arrays/npy';
import { filterLayout } from '../../../src/server/inspect/weights/filterLayout';
import { filterFindings } from '../../../src/server/inspect/weights/filters';
import { npyNames } from '../../../src/server/inspect/weights/npyNames';
import { statisticsOf } from '../../../src/server/inspect/weights/weightStatistics';
import { weightsOf, weightsReport } from '../../../src/server/inspect/weights/weightsReport';
import { type StoredWeight, storedWeights } from '../../../src/server/run/weights/storedWeights';
import { OpenModels } from '../../../src/server/session/openModels';
import { mulberry32 } from '../../../src/shared/random';
import { weightDocument } from '../../../src/shared/results/weights';

const FOLDER = join(__dirname, '../../fixtures/stored_weights');
const models = new OpenModels({ strict: true });

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'layerglass-weights-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function weightsIn(path: string): Promise<readonly StoredWeight[]> {
  const { graph, file } = await models.open(path);
  return storedWeights(graph, file.weights);
}

type Row = Record<string, unknown> & { readonly path: string; readonly name: string };
const numpy = (name: string): Row[] => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));

/** NumPy's value, in which names stand for what JSON cannot write. */
const numberOf = (value: unknown): unknown =>
  value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value;

const lastOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** Compares a report with NumPy's statistics, weight by weight. */
function expectLikeNumpy(got: readonly Record<string, unknown>[], expected: readonly Row[]): void {
  expect(got.map(({ path }) => path)).toEqual(expected.map(({ path }) => path));
  for (const [i, row] of expected.entries()) {
    const own = got[i] ?? {};
    const where = `${row.path}/${row.name}`;
    const name = lastOf(String(own.name));
    // Keras 3 stores the weights of a class that is not known by position.
    if (!/^\d+$/.test(name)) expect(name, where).toBe(lastOf(row.name));
    for (const key of ['min', 'max', 'mean', 'std', 'norm']) {
      const value = numberOf(row[key]);
      const result = own[key];
      if (typeof value === 'number' && Number.isFinite(value)) {
        const scale = Math.max(Math.abs(value), 1e-3);
        expect(Math.abs(Number(result) - value) / scale, `${where} ${key}`).toBeLessThan(1e-6);
      } else expect(result, `${where} ${key}`).toEqual(value);
    }
    for (const key of ['shape', 'dtype', 'count', 'zero', 'nan', 'inf', 'filters', 'dead', 'duplicates'])
      expect(own[key], `${where} ${key}`).toEqual(row[key]);
  }
}

describe('statistics of all weights are those of NumPy', () => {
  test.each(['stored.keras', 'stored.h5'])('%s, also of a layer of an unknown class', async (name) => {
    const report = await weightsReport(await weightsIn(join(FOLDER, name)), undefined);
    // Both files have the layers in the order of the model, which is that of NumPy's list.
    expectLikeNumpy(report.map(weightDocument), numpy('stored.json'));
  });

  test('sublayers are told apart', async () => {
    const names = (await weightsIn(join(FOLDER, 'stored.keras')))
      .filter(({ layer }) => layer === 'both' || layer === 'attention')
      .map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('query_dense/kernel');
    expect(names).toContain('forward_layer/cell/recurrent_kernel');
  });

  test('one layer, a nested model, or one weight can be chosen', async () => {
    const all = await weightsIn(join(FOLDER, 'stored.keras'));
    expect(weightsOf(all, 'conv', true)).toHaveLength(2);
    expect(weightsOf(all, 'conv/bias', false)).toHaveLength(1);
    expect(weightsOf(all, 'pool', true)).toEqual([]);
    expect(() => weightsOf(all, 'cov', false)).toThrow('contains no weights of a layer "cov"');
  });

  test('are written as arrays that NumPy reads', async () => {
    const folder = join(scratch, 'arrays');
    const all = await weightsIn(join(FOLDER, 'stored.keras'));
    const report = await weightsReport(all, folder);
    expect(readdirSync(folder)).toHaveLength(all.length);
    for (const [i, weight] of all.entries()) {
      const path = report[i]?.file ?? '';
      const { shape, values } = parseNpy(readFileSync(path), path);
      expect(shape).toEqual(weight.shape);
      expect(values).toEqual(await weight.read());
    }
    expect(readdirSync(folder)).toContain('attention.query_dense.kernel.npy');
  });
});

describe('names of written files', () => {
  test.each([
    ['../../etc', 'passwd'],
    ['/abs/\u0000x', '..'],
    ['a\\..\\b', 'c:d'],
    ['con', 'kernel'],
    ['', ''],
    ['x'.repeat(200), 'kernel'],
  ])('%j, %j stay inside the folder', (path, name) => {
    const file = npyNames()({ path, name });
    expect(file).toMatch(/^[\w][\w.~-]*\.npy$/);
    expect(file.length).toBeLessThan(200);
    expect(file).not.toMatch(/^con\./i);
  });

  test('differ, also where case does not count', () => {
    const nameOf = npyNames();
    const names = ['a/b', 'a.b', 'A/B', 'a\\b'].map((path) => nameOf({ path, name: 'w' }).toLowerCase());
    expect(new Set(names).size).toBe(4);
  });
});

describe('filters', () => {
  test.each([
    ['Conv2D', 'kernel', [3, 3, 4, 8], [36, 8, 1]],
    ['Conv2DTranspose', 'kernel', [2, 2, 8, 4], [4, 8, 4]],
    ['DepthwiseConv2D', 'kernel', [3, 3, 8, 2], [9, 16, 1]],
    ['SeparableConv2D', 'depthwise_kernel', [3, 3, 8, 2], [9, 16, 1]],
    ['Embedding', 'embeddings', [100, 16], [1, 100, 16]],
    ['MultiHeadAttention', 'query_dense/kernel', [4, 2, 3], [4, 6, 1]],
    ['MultiHeadAttention', 'output_dense/kernel', [2, 3, 4], [6, 4, 1]],
    ['Dense', 'kernel', [5, 7], [5, 7, 1]],
  ])('%s: %s', (className, name, shape, [outer, filters, inner]) => {
    expect(filterLayout({ className, name, shape })).toMatchObject({ outer, filters, inner });
  });

  test.each([
    ['Dense', 'bias', [7]],
    ['GRU', 'cell/bias', [2, 12]],
    ['MultiHeadAttention', 'query_dense/bias', [2, 3]],
    ['BatchNormalization', 'gamma', [8]],
  ])('%s: %s has none', (className, name, shape) => {
    expect(filterLayout({ className, name, shape })).toBeNull();
  });

  test('all pairs of a group of equal filters are counted, and the first ones listed', () => {
    const filters = 500;
    const values = Float32Array.from({ length: 3 * filters }, (_, i) => (Math.floor(i / filters) + 1) * 0.5);
    const found = filterFindings(values, { outer: 3, filters, inner: 1, axes: [1, 2] });
    expect(found.duplicateCount).toBe((filters * (filters - 1)) / 2);
    expect(found.duplicates).toHaveLength(1000);
    expect(found.duplicates[0]).toEqual({ first: 0, second: 1, negated: false });
  });

  test('a hundred thousand rows without duplicates take no long comparison', () => {
    const uniform = mulberry32(3);
    const values = Float32Array.from({ length: 100_000 * 8 }, () => uniform() - 0.5);
    values.copyWithin(800, 0, 8);
    const start = performance.now();
    const found = filterFindings(values, { outer: 1, filters: 100_000, inner: 8, axes: [0, 1] });
    expect(found.duplicates).toEqual([{ first: 0, second: 100, negated: false }]);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

test('a weight of other than numbers has no statistics', () => {
  const weight = { layer: 'text', className: null, name: 'words', shape: [3], dtype: 'unknown' };
  const row = statisticsOf({ ...weight, read: async () => new Float32Array() }, null);
  expect(weightDocument(row)).toMatchObject({ path: 'text', min: null, norm: null, zero: null, dead: [] });
});
