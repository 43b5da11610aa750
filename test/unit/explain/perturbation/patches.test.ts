import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Patches } from '../../../../src/server/explain/patches/pass';
import { planPatches } from '../../../../src/server/explain/patches/plan';
import {
  affected,
  cellsIn,
  covering,
  seenBy,
  windowsOf,
} from '../../../../src/server/explain/patches/regions';
import { type Box, occlusionWindows } from '../../../../src/server/explain/perturbation/occlusion';
import { type Runtime, startBackend } from '../../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../../src/server/run/control';
import { runForward, type Trace } from '../../../../src/server/run/trace';
import { WeightCache } from '../../../../src/server/run/weights/weightCache';
import { graphOf, inputLayer, type LayerJson } from '../../graph/configs';
import { type MemoryModel, storeOf, traceOf, type Values } from '../../run/memoryModel';
import { askWith } from '../perturbationModels';

/** Numbers of both signs that look random, the same each time. */
const numbers = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));

const layer = (className: string, name: string, from: readonly string[], config: object = {}): LayerJson => ({
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: [from.map((one) => [one, 0, 0, {}])],
});

function modelOf(shape: readonly number[], layers: readonly LayerJson[]): MemoryModel {
  const last = layers.at(-1)?.name;
  const graph = graphOf({
    class_name: 'Functional',
    config: {
      name: 'model',
      layers: [inputLayer('x', [null, ...shape]), ...layers],
      input_layers: [['x', 0, 0]],
      output_layers: [[last, 0, 0]],
    },
  });
  const values = new Map<string, Values>();
  for (const [i, { name, weights }] of graph.layers.entries()) {
    for (const [j, spec] of weights.entries()) {
      const sizes = spec.shape.map((size) => size ?? 1);
      const random = numbers(
        sizes.reduce((a, b) => a * b, 1),
        10 * i + j,
      );
      const isVariance = spec.name.includes('variance');
      values.set(`${name}/${spec.name}`, {
        shape: sizes,
        values: random.map((value) => (isVariance ? 1 + value ** 2 : value / 2)),
      });
    }
  }
  return { graph, store: storeOf(values) };
}

/** Among them the first and the last. */
const some = (boxes: readonly Box[]): Box[] => boxes.filter((_, i) => i % 11 === 0 || i === boxes.length - 1);

const conv = { filters: 3, kernel_size: 3, padding: 'same' };

/** A network whose first part has every layer that is computed in patches, and whose last layer sees everything. */
const IMAGE = modelOf(
  [64, 48, 2],
  [
    layer('ZeroPadding2D', 'padded', ['x'], {
      padding: [
        [2, 1],
        [0, 3],
      ],
    }),
    layer('Conv2D', 'stem', ['padded'], {
      filters: 4,
      kernel_size: [3, 5],
      strides: 2,
      padding: 'same',
      activation: 'relu',
    }),
    layer('BatchNormalization', 'normal', ['stem'], { axis: -1 }),
    // Negative everywhere: a zero beyond the border would be the largest value.
    layer('Activation', 'negative', ['normal'], { activation: 'log_sigmoid' }),
    layer('MaxPooling2D', 'largest', ['negative'], { pool_size: 3, strides: 1, padding: 'same' }),
    layer('DepthwiseConv2D', 'deep', ['largest'], { kernel_size: 3, dilation_rate: 2, padding: 'same' }),
    layer('Add', 'sum', ['deep', 'normal']),
    layer('Conv2D', 'narrow', ['sum'], { filters: 4, kernel_size: 1, activation: 'tanh' }),
    layer('Concatenate', 'joined', ['narrow', 'sum'], { axis: -1 }),
    layer('Cropping2D', 'cropped', ['joined'], {
      cropping: [
        [1, 0],
        [2, 1],
      ],
    }),
    layer('AveragePooling2D', 'mean', ['cropped'], { pool_size: 2 }),
    layer('SeparableConv2D', 'separate', ['mean'], { filters: 2, kernel_size: 2 }),
    layer('Flatten', 'flat', ['separate']),
    layer('Dense', 'head', ['flat'], { units: 2 }),
  ],
);

const NEEDED = (trace: Trace) => new Set(trace.graph.nodes.keys());

let runtime: Runtime;

async function compare(
  model: MemoryModel,
  shape: readonly number[],
  boxes: readonly Box[],
): Promise<string[]> {
  const trace = await traceOf(runtime, model, {
    shape,
    values: numbers(
      shape.reduce((a, b) => a * b, 1),
      1,
    ),
  });
  const place = { node: 'x', output: 0 };
  const plan = planPatches(trace, place, boxes, {
    needed: NEEDED(trace),
    whole: new Set(model.graph.outputs.map(({ node }) => node)),
  });
  if (plan === null) throw new Error('No patches.');
  const original = trace.tensorAt(place).dataSync<'float32'>();
  const spatial = shape.slice(0, -1);
  const channels = shape.at(-1) ?? 1;
  const examples = boxes.map((box) => {
    const values = original.slice();
    const size = box.map(([start, end]) => end - start);
    for (const cell of cellsIn(
      size,
      box.map(([start]) => start),
      spatial,
    ))
      for (let c = 0; c < channels; c++) values[cell * channels + c] = 2 + c;
    return values;
  });
  const last = new Float32Array(original.length);
  const values = (row: number): Float32Array => {
    // As of those that are used again, only the latest is to be read.
    last.set(examples[row] ?? []);
    return last;
  };
  const rows = { boxes: boxes.map((_, i) => i), values };
  const pass = await new Patches(plan, trace).run(rows, NO_CONTROL);
  for (const [i, values] of examples.entries()) {
    const input = runtime.tf.tensor(values, [1, ...shape]);
    const whole = await runForward(
      runtime,
      model.graph,
      new WeightCache(runtime, model.graph, model.store),
      [input],
      NO_CONTROL,
    );
    for (const path of plan.ends) {
      const patched = pass.whole(path);
      const expected = whole.tensorAt({ node: path, output: 0 }).dataSync<'float32'>();
      const got = patched.dataSync<'float32'>().subarray(i * expected.length, (i + 1) * expected.length);
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const error = expected.reduce(
        (most, value, k) => Math.max(most, Math.abs(value - (got[k] ?? Number.NaN))),
        0,
      );
      expect(error / largest, `${path}, box ${i}`).toBeLessThan(1e-6);
      patched.dispose();
    }
    whole.dispose();
    input.dispose();
  }
  pass.dispose();
  trace.dispose();
  return plan.layers.map(({ node }) => node.path);
}

describe.each(['cpu', 'onnx'] as const)('on %s', (backend) => {
  beforeAll(async () => {
    runtime = await startBackend({ backend, nativePath: '', strict: true });
  });

  test('what is computed around the changes is what the whole network gives, at the borders too', async () => {
    const boxes = some(occlusionWindows([64, 48], [5, 4], [5, 4]));
    expect(boxes.length).toBe(16);
    expect(await compare(IMAGE, [64, 48, 2], boxes)).toEqual([
      ...[
        'padded',
        'stem',
        'normal',
        'negative',
        'largest',
        'deep',
        'sum',
        'narrow',
        'joined',
        'cropped',
        'mean',
        'separate',
      ],
    ]);
  });

  test('a sequence with causal convolutions, and a volume', async () => {
    const sequence = modelOf(
      [60, 3],
      [
        layer('Conv1D', 'causal', ['x'], {
          filters: 4,
          kernel_size: 3,
          dilation_rate: 2,
          padding: 'causal',
          activation: 'relu',
        }),
        layer('MaxPooling1D', 'pooled', ['causal'], { pool_size: 2 }),
        layer('Conv1D', 'second', ['pooled'], { ...conv }),
        layer('GlobalMaxPooling1D', 'top', ['second']),
        layer('Dense', 'head', ['top'], { units: 1 }),
      ],
    );
    expect(await compare(sequence, [60, 3], some(occlusionWindows([60], [4], [3])))).toEqual([
      'causal',
      'pooled',
      'second',
    ]);
    const volume = modelOf(
      [12, 10, 11, 1],
      [
        layer('Conv3D', 'first', ['x'], { ...conv, filters: 2 }),
        layer('MaxPooling3D', 'pooled', ['first'], { pool_size: 2 }),
        layer('Flatten', 'flat', ['pooled']),
        layer('Dense', 'head', ['flat'], { units: 1 }),
      ],
    );
    expect(
      await compare(volume, [12, 10, 11, 1], some(occlusionWindows([12, 10, 11], [2, 2, 2], [2, 2, 2]))),
    ).toEqual(['first', 'pooled']);
  });

  test('an occlusion has the same map with patches and without', async () => {
    const shape = [64, 48, 2];
    const trace = await traceOf(runtime, IMAGE, { shape, values: numbers(64 * 48 * 2, 1) });
    const { raw } = await askWith(trace, { method: 'occlusion', options: { window: 6, stride: 6 } });
    const boxes = occlusionWindows([64, 48], [6, 6], [6, 6]);
    const original = trace.tensorAt({ node: 'x', output: 0 }).dataSync<'float32'>();
    const score = async (values: Float32Array) => {
      const input = runtime.tf.tensor(values, [1, ...shape]);
      const whole = await runForward(
        runtime,
        IMAGE.graph,
        new WeightCache(runtime, IMAGE.graph, IMAGE.store),
        [input],
        NO_CONTROL,
      );
      const [value = Number.NaN] = whole.tensorAt({ node: 'head', output: 0 }).dataSync<'float32'>();
      whole.dispose();
      input.dispose();
      return value;
    };
    const before = await score(original);
    for (const box of boxes.slice(0, 4)) {
      const values = original.slice();
      const [start = 0] = cellsIn(
        [1, 1],
        box.map(([from]) => from),
        [64, 48],
      );
      for (const cell of cellsIn(
        box.map(([from, to]) => to - from),
        box.map(([from]) => from),
        [64, 48],
      ))
        values.fill(0, 2 * cell, 2 * cell + 2);
      expect(raw.values[2 * start]).toBeCloseTo(before - (await score(values)), 4);
    }
    trace.dispose();
  });
});

test('layers that see everything, or whose windows are unknown, are computed whole', async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
  const model = modelOf(
    [16, 16, 1],
    [
      layer('Conv2D', 'first', ['x'], conv),
      layer('AveragePooling2D', 'same', ['first'], { pool_size: 2, padding: 'same' }),
      layer('Conv2D', 'second', ['same'], conv),
      layer('GlobalAveragePooling2D', 'all', ['second']),
      layer('Dense', 'head', ['all'], { units: 1 }),
    ],
  );
  expect(await compare(model, [16, 16, 1], occlusionWindows([16, 16], [3, 3], [3, 3]))).toEqual(['first']);
  const trace = await traceOf(runtime, model, { shape: [16, 16, 1], values: numbers(256, 1) });
  const sets = { needed: NEEDED(trace), whole: new Set<string>() };
  // A window over almost the whole image saves nothing.
  expect(
    planPatches(
      trace,
      { node: 'x', output: 0 },
      [
        [
          [0, 15],
          [0, 15],
        ],
      ],
      sets,
    ),
  ).toBeNull();
  // What is read is computed whole.
  expect(
    planPatches(
      trace,
      { node: 'x', output: 0 },
      [
        [
          [0, 2],
          [0, 2],
        ],
      ],
      { ...sets, whole: new Set(['first']) },
    ),
  ).toBeNull();
  trace.dispose();
});

test('boxes, and what sees them', () => {
  const windows = windowsOf([{ centre: 1, stride: 2, window: 3 }]) ?? [];
  expect(windows).toEqual([{ stride: 2, offset: 0, window: 3 }]);
  // Output o sees the inputs 2 o to 2 o + 2: outputs 1 and 2 see input 4, and output 2 alone input 5.
  const regions = covering([[[4, 5]], [[5, 6]]], [9]);
  expect(regions).toEqual({ size: [1], starts: [[4], [5]] });
  expect(affected(regions, windows, [4])).toEqual([[[1, 3]], [[2, 3]]]);
  expect(covering(affected(regions, windows, [4]), [4])).toEqual({ size: [2], starts: [[1], [2]] });
  expect(seenBy({ size: [2], starts: [[1]] }, windows)).toEqual({ size: [5], starts: [[2]] });
  expect(windowsOf([{ centre: 0.5, stride: 2, window: 3 }])).toBeNull();
  expect([...cellsIn([2, 2], [-1, 1], [3, 2])]).toEqual([-1, -1, 1, -1]);
});

afterAll(() => {
  runtime.tf.disposeVariables();
});
