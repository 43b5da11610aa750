import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportTensor } from '../../../src/server/answers/layer/tensorExport';
import { tensorSlice } from '../../../src/server/answers/layer/tensorSlice';
import { parseNpy } from '../../../src/server/inputs/arrays/npy';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { MAX_SLICE_COLUMNS, MAX_SLICE_ROWS } from '../../../src/shared/results/tensorSlice';
import type { TensorAxes } from '../../../src/shared/view';
import { chain, traceOf } from '../run/memoryModel';

let runtime: Runtime;
let folder = '';
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
  folder = mkdtempSync(join(tmpdir(), 'layerglass-slice-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const params = {
  modelId: '',
  inputs: [],
  preprocessing: { name: 'none' },
  layer: 'same',
  stage: 'post',
} as const;

async function withValues<T>(
  shape: number[],
  values: readonly number[],
  ask: (run: { trace: Awaited<ReturnType<typeof traceOf>> }) => Promise<T>,
): Promise<T> {
  const same = { className: 'Activation', config: { name: 'same', activation: 'linear' } };
  const trace = await traceOf(runtime, chain(shape, [same]), { shape, values });
  try {
    return await ask({ trace });
  } finally {
    trace.dispose();
  }
}
/** Height 2, width 3, channel 4: the value is the place in row-major order. */
const SHAPE = [2, 3, 4];
const VALUES = Array.from({ length: 24 }, (_, i) => i);
const sliced = (axes: TensorAxes | null, page = { row: 0, rows: 100, column: 0, columns: 100 }) =>
  withValues(SHAPE, VALUES, (run) => tensorSlice(run, { ...params, ...page, ...(axes ? { axes } : {}) }));

describe('a slice', () => {
  test('is first an image of the first channel', async () => {
    expect(await sliced(null)).toEqual({
      ...{ stage: 'post', stages: ['pre', 'post'], shape: [1, 2, 3, 4], dtype: 'float32' },
      axes: ['batch', 'height', 'width', 'channel'],
      ...{ rowAxis: 1, columnAxis: 2, at: [0, 0, 0, 0], row: 0, column: 0 },
      values: [
        [0, 4, 8],
        [12, 16, 20],
      ],
    });
  });

  test('is along any two axes, at any place along the others', async () => {
    const { values } = await sliced({ rowAxis: 3, columnAxis: 1, at: [0, 0, 2, 0] });
    expect(values).toEqual([
      [8, 20],
      [9, 21],
      [10, 22],
      [11, 23],
    ]);
    expect((await sliced({ rowAxis: 2, columnAxis: null, at: [0, 1, 0, 3] })).values).toEqual([
      [15],
      [19],
      [23],
    ]);
    expect((await sliced({ rowAxis: null, columnAxis: 3, at: [] })).values).toEqual([[0, 1, 2, 3]]);
  });

  test('has no more values than a page shows, and none beyond its end', async () => {
    const shape = [300, 50, 1];
    const values = Array.from({ length: 15_000 }, (_, i) => i);
    const asked = { ...params, row: 0, rows: 1e9, column: 0, columns: 1e9 };
    const page = await withValues(shape, values, (run) => tensorSlice(run, asked));
    expect([page.values.length, page.values[0]?.length]).toEqual([MAX_SLICE_ROWS, MAX_SLICE_COLUMNS]);
    const end = await withValues(shape, values, (run) =>
      tensorSlice(run, { ...asked, row: 298, column: 1e6 }),
    );
    expect(end).toMatchObject({ row: 298, column: 49, values: [[298 * 50 + 49], [299 * 50 + 49]] });
    const beyond = await sliced({ rowAxis: 1, columnAxis: 2, at: [9, 0, 0, 9] });
    expect(beyond).toMatchObject({
      at: [0, 0, 0, 3],
      values: [
        [3, 7, 11],
        [15, 19, 23],
      ],
    });
  });

  test('of the units of a Dense layer is one column', async () => {
    const asked = { ...params, row: 1, rows: 5, column: 0, columns: 5 };
    const page = await withValues([3], [0.1, Number.NaN, 7], (run) => tensorSlice(run, asked));
    expect(page).toMatchObject({
      axes: ['batch', 'unit'],
      rowAxis: 1,
      columnAxis: null,
      values: [[Number.NaN], [7]],
    });
  });

  test('along one axis twice, or along one that is not there, is refused', async () => {
    await expect(sliced({ rowAxis: 1, columnAxis: 1, at: [] })).rejects.toThrow(/no rows along axis 1/);
    await expect(sliced({ rowAxis: 4, columnAxis: null, at: [] })).rejects.toThrow(/no rows along axis 4/);
  });
});

describe('an export', () => {
  const written = async (format: 'npy' | 'csv', axes?: TensorAxes, values = VALUES) => {
    const path = join(folder, `values.${format}`);
    const asked = { ...params, format, path, ...(axes ? { axes } : {}) };
    const { shape } = await withValues(SHAPE, values, (run) => exportTensor(run, asked));
    return { shape, bytes: readFileSync(path) };
  };

  test('as .npy has the whole tensor, or the slice', async () => {
    const whole = parseNpy((await written('npy')).bytes, 'values.npy');
    expect(whole).toMatchObject({ shape: [1, 2, 3, 4], dtype: 'float32' });
    expect([...whole.values]).toEqual(VALUES);
    const slice = parseNpy(
      (await written('npy', { rowAxis: 3, columnAxis: 1, at: [0, 0, 2, 0] })).bytes,
      'v.npy',
    );
    expect(slice.shape).toEqual([4, 2]);
    expect([...slice.values]).toEqual([8, 20, 9, 21, 10, 22, 11, 23]);
  });

  test('as .csv has a line for each place along all axes but the last, with the digits of float32', async () => {
    const values = [0.1, 1 / 3, Number.NaN, Number.NEGATIVE_INFINITY, 16_777_217, 1e-40, ...VALUES.slice(6)];
    const lines = (await written('csv', undefined, values)).bytes.toString().split('\r\n');
    expect(lines.slice(0, 3)).toEqual([
      'batch,height,width,0,1,2,3',
      '0,0,0,0.1,0.33333334,NaN,-Infinity',
      '0,0,1,16777216,9.99995e-41,6,7',
    ]);
    expect(lines).toHaveLength(8);
    const units = (await written('csv', { rowAxis: 2, columnAxis: null, at: [0, 1, 0, 3] })).bytes.toString();
    expect(units).toBe('width,value\r\n0,15\r\n1,19\r\n2,23\r\n');
  });
});
