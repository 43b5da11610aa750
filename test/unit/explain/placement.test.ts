import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placementOf } from '../../../src/server/explain/maps/placement';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import type { Trace } from '../../../src/server/run/trace';
import type { AxisPlacement } from '../../../src/shared/explanation';
import { functional, graphOf, inputLayer, type LayerJson } from '../graph/configs';
import { type ChainLayer, chain, type MemoryModel, traceOf, type Values } from '../run/memoryModel';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
const traces: Trace[] = [];
afterAll(() => {
  for (const trace of traces) trace.dispose();
});

const filled = (value: number, ...shape: number[]): Values => ({
  shape,
  values: new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(value),
});
let count = 0;
const plain = (className: string, config: Record<string, unknown> = {}): ChainLayer => ({
  className,
  config: { name: `${className.toLowerCase()}_${count++}`, ...config },
});
const conv1d = (window: number, more: Record<string, unknown> = {}): ChainLayer => ({
  ...plain('Conv1D', { filters: 1, kernel_size: window, ...more }),
  weights: [filled(1, window, 1, 1), filled(0, 1)],
});
const conv2d = (rows: number, columns: number, more: Record<string, unknown> = {}): ChainLayer => ({
  ...plain('Conv2D', { filters: 1, kernel_size: [rows, columns], ...more }),
  weights: [filled(1, rows, columns, 1, 1), filled(0, 1)],
});

/** For each output cell along one axis, the first and the last input position that changes it. */
async function seen(
  model: MemoryModel,
  layer: string,
  size: readonly number[],
  axis: number,
): Promise<number[][]> {
  const shape = [...size, 1];
  const outputOf = async (input: Values) => {
    const trace = await traceOf(runtime, model, input);
    const tensor = trace.at(layer).outputs[0];
    const values = { shape: tensor?.shape ?? [], data: Array.from((await tensor?.data()) ?? []) };
    trace.dispose();
    return values;
  };
  const before = await outputOf(filled(1, ...shape));
  const cells: number[][] = Array.from({ length: before.shape[axis + 1] ?? 0 }, () => []);
  const strides = (of: readonly number[]) => of.map((_, i) => of.slice(i + 1).reduce((a, b) => a * b, 1));
  const inside = strides(shape)[axis] ?? 1;
  const outside = strides(before.shape)[axis + 1] ?? 1;
  for (let position = 0; position < (size[axis] ?? 0); position++) {
    const values = filled(1, ...shape).values.map((value, i) =>
      Math.floor(i / inside) % (size[axis] ?? 1) === position ? 1000 : value,
    );
    const after = await outputOf({ shape, values });
    for (const [i, value] of after.data.entries()) {
      const cell = cells[Math.floor(i / outside) % cells.length];
      if (value !== before.data[i] && cell?.at(-1) !== position) cell?.push(position);
    }
  }
  return cells.map((positions) => [positions[0] ?? -1, positions.at(-1) ?? -1]);
}

/** What a placement says of the same. */
function said({ centre, stride, window }: AxisPlacement, cells: number, size: number): number[][] {
  const reach = ((window ?? Number.NaN) - 1) / 2;
  return Array.from({ length: cells }, (_, i) => {
    const [first, last] = [centre + i * stride - reach, centre + i * stride + reach];
    return last < 0 || first >= size ? [-1, -1] : [Math.max(0, first), Math.min(size - 1, last)];
  });
}

async function placed(model: MemoryModel, layer: string, size: readonly number[]) {
  const trace = await traceOf(runtime, model, filled(1, ...size, 1));
  traces.push(trace);
  return placementOf(trace, { node: layer, output: 0 }, 'x');
}

async function agrees(layers: readonly ChainLayer[], size: readonly number[]) {
  const model = chain([...size, 1], layers);
  const layer = layers.at(-1)?.config.name ?? '';
  const placement = await placed(model, layer, size);
  expect(placement).toHaveLength(size.length);
  for (const [axis, on] of (placement ?? []).entries()) {
    const cells = await seen(model, layer, size, axis);
    expect(said(on, cells.length, size[axis] ?? 0)).toEqual(cells);
  }
  return placement;
}

describe('where the cells of a layer are on the input, compared with perturbing it', () => {
  test.each<[string, ChainLayer[]]>([
    ['a window of two', [conv1d(2)]],
    ['a window of three', [conv1d(3)]],
    ['strides', [conv1d(3, { strides: 2 })]],
    ['same padding', [conv1d(4, { padding: 'same' })]],
    ['same padding with strides', [conv1d(5, { padding: 'same', strides: 3 })]],
    ['causal padding', [conv1d(3, { padding: 'causal' })]],
    ['a dilated window', [conv1d(3, { dilation_rate: 3 })]],
    ['pooling', [plain('MaxPooling1D', { pool_size: 3 })]],
    ['pooling that overlaps', [plain('AveragePooling1D', { pool_size: 3, strides: 2, padding: 'same' })]],
    ['zeros around', [plain('ZeroPadding1D', { padding: [2, 1] }), conv1d(3, { strides: 2 })]],
    ['what is cut off', [plain('Cropping1D', { cropping: [3, 1] }), conv1d(2)]],
    [
      'a stack',
      [
        conv1d(3, { padding: 'same' }),
        plain('Activation', { activation: 'relu' }),
        plain('MaxPooling1D', { pool_size: 2 }),
        plain('Dropout', { rate: 0.5 }),
        conv1d(3, { strides: 2 }),
        plain('ZeroPadding1D', { padding: 1 }),
        conv1d(2),
      ],
    ],
  ])('%s', async (_, layers) => {
    await agrees(layers, [23]);
  });

  test('each axis of an image separately', async () => {
    const layers = [
      conv2d(3, 1, { padding: 'same', strides: [2, 1] }),
      plain('ZeroPadding2D', {
        padding: [
          [0, 1],
          [2, 0],
        ],
      }),
      plain('MaxPooling2D', { pool_size: [1, 2] }),
      conv2d(2, 3),
    ];
    await agrees(layers, [9, 11]);
  });

  test('channels first', async () => {
    const layer: ChainLayer = {
      ...plain('MaxPooling2D', { pool_size: [2, 3], data_format: 'channels_first' }),
    };
    const model = chain([1, 9, 12], [layer]);
    const trace = await traceOf(runtime, model, filled(1, 1, 9, 12));
    traces.push(trace);
    expect(placementOf(trace, { node: layer.config.name, output: 0 }, 'x')).toEqual([
      { centre: 0.5, stride: 2, window: 2 },
      { centre: 1, stride: 3, window: 3 },
    ]);
  });
});

describe('branches', () => {
  const layer = (
    class_name: string,
    name: string,
    config: Record<string, unknown>,
    ...from: string[]
  ): LayerJson => ({
    class_name,
    name,
    config: { name, ...config },
    inbound_nodes: [from.map((path) => [path, 0, 0, {}])],
  });
  const model = (layers: LayerJson[], output: string): MemoryModel => ({
    ...chain([1], []),
    graph: graphOf(
      functional('m', [inputLayer('x', [null, 16, 1]), ...layers], [['x', 0, 0]], [[output, 0, 0]]),
    ),
  });
  const pool = { pool_size: 3, strides: 1, padding: 'same' };

  test('that merge use the union of their windows', async () => {
    const residual = model(
      [
        layer('AveragePooling1D', 'a', pool, 'x'),
        layer('AveragePooling1D', 'b', pool, 'a'),
        layer('Add', 'sum', {}, 'x', 'b'),
      ],
      'sum',
    );
    const [axis] = (await placed(residual, 'sum', [16])) ?? [];
    expect(axis).toEqual({ centre: 0, stride: 1, window: 5 });
    expect(axis && said(axis, 16, 16)).toEqual(await seen(residual, 'sum', [16], 0));
  });

  test('without extent keep the position and make the window unknown', async () => {
    const gated = model(
      [
        layer('AveragePooling1D', 'half', { pool_size: 2 }, 'x'),
        layer('GlobalAveragePooling1D', 'gap', { keepdims: true }, 'half'),
        layer('Multiply', 'scaled', {}, 'half', 'gap'),
      ],
      'scaled',
    );
    expect(await placed(gated, 'scaled', [16])).toEqual([{ centre: 0.5, stride: 2, window: null }]);
  });

  test('of different strides, and layers that move positions, are unknown', async () => {
    const moved = model([layer('Permute', 'turned', { dims: [2, 1] }, 'x')], 'turned');
    expect(await placed(moved, 'turned', [16])).toBeNull();
    const joined = model([layer('Concatenate', 'long', { axis: 1 }, 'x', 'x')], 'long');
    expect(await placed(joined, 'long', [16])).toBeNull();
  });

  test('that shrink and grow again keep their place', async () => {
    const net = model(
      [
        layer('AveragePooling1D', 'down', { pool_size: 4 }, 'x'),
        layer('UpSampling1D', 'up', { size: 4 }, 'down'),
        layer('Concatenate', 'both', { axis: -1 }, 'x', 'up'),
      ],
      'both',
    );
    expect(await placed(net, 'both', [16])).toEqual([{ centre: 0, stride: 1, window: null }]);
  });
});
