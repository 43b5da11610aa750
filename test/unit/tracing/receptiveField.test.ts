import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { staticShapesOf } from '../../../src/server/explain/shapedGraph';
import type { Graph } from '../../../src/server/graph/graph';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import { effectiveField } from '../../../src/server/tracing/effectiveField';
import { inputWindows } from '../../../src/server/tracing/inputWindow';
import { receptiveField } from '../../../src/server/tracing/receptiveField';
import type { ReceptiveField } from '../../../src/shared/results/tracing';
import { functional, graphOf, inputLayer, type LayerJson, merge } from '../graph/configs';
import { type ChainLayer, chain, traceOf, type Values } from '../run/memoryModel';

const fixtures = resolve(import.meta.dirname, '../../fixtures');
const netOf = (folder: string, name: string): Graph =>
  graphOf(
    JSON.parse(gunzipSync(readFileSync(join(fixtures, folder, `${name}.json.gz`))).toString()),
    '3.15.1',
  );

const fieldIn = (graph: Graph, layer: string): ReceptiveField =>
  receptiveField(staticShapesOf(graph), { node: layer, output: 0 }, graph.inputs[0] ?? '');

const square = (size: number, stride: number, padding: number): ReceptiveField => ({
  kind: 'window',
  axes: [
    { size, stride, padding },
    { size, stride, padding },
  ],
  gate: null,
});

/** Size, stride and padding, published for these nets or derived (ResNet50, VGG16's block5_conv3). */
const PUBLISHED: Record<string, Record<string, readonly [number, number, number]>> = {
  VGG16: {
    block1_pool: [6, 2, 2],
    block2_pool: [16, 4, 6],
    block3_pool: [44, 8, 18],
    block4_pool: [100, 16, 42],
    block5_conv3: [196, 16, 90],
    block5_pool: [212, 32, 90],
  },
  ResNet50: {
    conv2_block3_out: [35, 4, 17],
    conv3_block4_out: [99, 8, 49],
    conv4_block6_out: [291, 16, 145],
    conv5_block3_out: [483, 32, 241],
  },
  MobileNet: { conv_pw_13_relu: [315, 32, 126] },
  InceptionV3: {
    mixed2: [127, 8, 50],
    mixed7: [927, 16, 442],
    mixed8: [1055, 32, 490],
    mixed9: [1183, 32, 554],
    mixed10: [1311, 32, 618],
  },
};

/** The rows that a unit really depends on, found by perturbing (test/fixtures/make_receptive_fields.py). */
const measured: Record<string, { layers: Record<string, { unit: number; first: number; last: number }> }> =
  JSON.parse(readFileSync(join(fixtures, 'receptive_fields/index.json'), 'utf8'));

describe.each(Object.entries(PUBLISHED))('the receptive fields of %s', (name, layers) => {
  const graph = netOf(name === 'InceptionV3' ? 'receptive_fields' : 'summaries', name);
  test.each(Object.entries(layers))('%s', (layer, [size, stride, padding]) => {
    expect(fieldIn(graph, layer)).toEqual(square(size, stride, padding));
    const seen = measured[name]?.layers[layer];
    const start = (seen?.unit ?? Number.NaN) * stride - padding;
    expect([start, start + size - 1]).toEqual([seen?.first, seen?.last]);
  });
});

const conv = (name: string, from: string, window: number, strides: number): LayerJson => ({
  ...merge('Conv2D', name, [from]),
  config: { name, filters: 1, kernel_size: window, strides, padding: 'valid' },
});
const pad = (name: string, from: string, before: number, after: number): LayerJson => ({
  ...merge('ZeroPadding2D', name, [from]),
  config: {
    name,
    padding: [
      [before, after],
      [before, after],
    ],
  },
});
const net = (size: number, layers: readonly LayerJson[], output: string): Graph =>
  graphOf(
    functional('net', [inputLayer('x', [null, size, size, 1]), ...layers], [['x', 0, 0]], [[output, 0, 0]]),
  );

/** Three rows and columns at the end. */
const END = [
  [0, 3],
  [0, 3],
];

describe('merges', () => {
  test('of branches with equal strides and centres keep the largest window', () => {
    const graph = net(
      32,
      [
        conv('left', 'x', 1, 4),
        pad('padded', 'x', 1, 0),
        conv('wide', 'padded', 3, 2),
        conv('right', 'wide', 1, 2),
        merge('Add', 'sum', ['left', 'right']),
        merge('ReLU', 'relu', ['sum']),
      ],
      'relu',
    );
    expect(fieldIn(graph, 'relu')).toEqual(square(3, 4, 1));
  });

  test('of branches with other strides or centres are refused by name', () => {
    const graph = net(
      32,
      [
        pad('padded', 'x', 2, 1),
        conv('left', 'padded', 5, 2),
        { ...pad('cut', 'left', 0, 3), class_name: 'Cropping2D', config: { name: 'cut', cropping: END } },
        conv('wide', 'x', 3, 2),
        conv('right', 'wide', 3, 1),
        merge('Add', 'sum', ['cut', 'right']),
        merge('ReLU', 'relu', ['sum']),
      ],
      'relu',
    );
    expect(fieldIn(graph, 'relu')).toEqual({ kind: 'misaligned', layer: 'sum' });
    const strides = net(
      8,
      [
        conv('once', 'x', 3, 1),
        conv('twice', 'x', 3, 2),
        pad('grown', 'twice', 1, 2),
        merge('Add', 'sum', ['once', 'grown']),
      ],
      'sum',
    );
    expect(fieldIn(strides, 'sum')).toEqual({ kind: 'misaligned', layer: 'sum' });
  });

  test('a gate of the whole input is named, and so is a layer that joins all positions', () => {
    const graph = net(
      8,
      [
        conv('conv', 'x', 3, 1),
        { ...merge('GlobalAveragePooling2D', 'mean', ['conv']), config: { name: 'mean', keepdims: true } },
        merge('Multiply', 'gated', ['conv', 'mean']),
        merge('Flatten', 'flat', ['gated']),
      ],
      'flat',
    );
    expect(fieldIn(graph, 'gated')).toEqual({ ...square(3, 1, 0), gate: 'gated' });
    expect(fieldIn(graph, 'flat')).toEqual({ kind: 'whole', layer: 'flat' });
    const shapes = staticShapesOf(graph);
    const box = [[2, 3] as const, [0, 1] as const];
    expect(inputWindows(shapes, { node: 'conv', output: 0 }, box).get('x')).toEqual([
      [2, 5],
      [0, 3],
    ]);
    // Through the gate, a unit depends on everything.
    expect(inputWindows(shapes, { node: 'gated', output: 0 }, box).get('x')).toEqual([
      [0, 8],
      [0, 8],
    ]);
  });
});

describe('the effective receptive field', () => {
  let runtime: Runtime;
  let trace: Trace;
  beforeAll(async () => {
    runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
    const filled = (value: readonly number[], ...shape: number[]): Values => ({ shape, values: value });
    const layer = (name: string, kernel: readonly number[]): ChainLayer => ({
      className: 'Conv1D',
      config: { name, filters: 1, kernel_size: kernel.length },
      weights: [filled(kernel, kernel.length, 1, 1), filled([0], 1)],
    });
    const model = chain([8, 1], [layer('one', [1, 2, 1]), layer('two', [1, -1])]);
    trace = await traceOf(runtime, model, filled([1, 2, 3, 4, 5, 6, 7, 8], 8, 1));
  });
  afterAll(() => trace.dispose());

  test('is the size of the gradient, 0 outside the theoretical one', async () => {
    const field = await effectiveField(trace, 'two', 0, [2], NO_CONTROL);
    // [1, 2, 1] * [1, -1] = [1, 1, -1, -1], at the positions 2 to 5.
    expect(field).toMatchObject({ input: 'x', shape: [8] });
    expect([...field.values]).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
    expect(field.extent).toEqual([[2, 6]]);
  });

  test('is that of the largest value where no position is given', async () => {
    // The differences of a rising signal are all -4: the first maximum is at position 0.
    const field = await effectiveField(trace, 'two', 0, null, NO_CONTROL);
    expect(field).toMatchObject({ position: [0], extent: [[0, 4]] });
  });
});
