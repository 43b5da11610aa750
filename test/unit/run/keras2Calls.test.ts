import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import type { Graph } from '../../../src/server/graph/graph';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { findKind } from '../../../src/server/kinds/registry';
import type { Tensor } from '../../../src/server/layers/kind';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { BackwardWalk } from '../../../src/server/run/backward';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';

const FOLDER = join(__dirname, '../../fixtures/keras_2_calls');

type Nested = number | readonly Nested[];
const flat = (value: Nested): number[] => (typeof value === 'number' ? [value] : value.flatMap(flat));
const shapeOf = (value: Nested): number[] =>
  typeof value === 'number' ? [] : [value.length, ...shapeOf(value[0] ?? 0)];

/** What real Keras 2 computed (make_keras_2_calls.py). */
interface Expected {
  readonly inputs: readonly Nested[];
  readonly output: Nested;
  readonly cotangent: Nested;
  readonly gradients: readonly Nested[];
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});

function expectClose(got: Tensor | null | undefined, wanted: Nested, what: string): void {
  const values = flat(wanted);
  const own = got?.dataSync() ?? [];
  expect(got?.shape, what).toEqual(shapeOf(wanted));
  const largest = Math.max(1, ...values.map(Math.abs));
  for (const [i, value] of values.entries()) {
    expect(Math.abs((own[i] ?? Number.NaN) - value) / largest, `${what} ${i}`).toBeLessThanOrEqual(1e-5);
  }
}

async function play(name: string): Promise<Graph> {
  const expected: Expected = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
  const file = await openModelFile(join(FOLDER, `${name}.h5`));
  const graph = buildGraph(file, findKind);
  const { tf } = runtime;
  const tensor = (value: Nested, dtype: 'int32' | 'float32') => tf.tensor(flat(value), shapeOf(value), dtype);
  const isFloat = graph.summary.inputs.map(({ dtype }) => dtype === 'float32');
  const inputs = expected.inputs.map((value, i) => tensor(value, isFloat[i] ? 'float32' : 'int32'));
  const trace = await runForward(
    runtime,
    graph,
    new WeightCache(runtime, graph, file.weights),
    inputs,
    NO_CONTROL,
  );
  const [scored] = graph.outputs;
  if (scored === undefined) throw new Error('the model has no output');
  expectClose(trace.at(scored.node).outputs[0], expected.output, 'output');
  const walk = new BackwardWalk(trace, {
    ...scored,
    stage: 'post',
    gradient: tensor(expected.cotangent, 'float32'),
  });
  const floats = graph.inputs.filter((_, i) => isFloat[i]);
  for (const [i, input] of floats.entries()) {
    expectClose(await walk.at(input, 0, NO_CONTROL), expected.gradients[i] ?? [], `gradient of ${input}`);
  }
  file.close();
  return graph;
}

test('merges join masks by AND', async () => {
  await play('masks');
});

test('merges compute with padding as with any other step', async () => {
  const { inputs }: Expected = JSON.parse(readFileSync(join(FOLDER, 'masks.json'), 'utf8'));
  const file = await openModelFile(join(FOLDER, 'masks.h5'));
  const graph = buildGraph(file, findKind);
  const { tf } = runtime;
  const tensors = inputs.map((value, i) =>
    tf.tensor(
      flat(value),
      shapeOf(value),
      graph.summary.inputs[i]?.dtype === 'float32' ? 'float32' : 'int32',
    ),
  );
  const trace = await runForward(
    runtime,
    graph,
    new WeightCache(runtime, graph, file.weights),
    tensors,
    NO_CONTROL,
  );
  const valuesOf = (path: string): number[] => [...(trace.at(path).outputs[0]?.dataSync() ?? [])];
  const [a, b] = [valuesOf('embed0'), valuesOf('embed1')];
  // Keras 3 leaves masked steps out of these; `_merge_function` of Keras 2 knows no masks.
  const RULES = { multiply: (x: number, y: number) => x * y, maximum: Math.max, minimum: Math.min };
  for (const [name, rule] of Object.entries(RULES)) {
    const wanted = a.map((value, i) => Math.fround(rule(value, b[i] ?? Number.NaN)));
    expect(valuesOf(name), name).toEqual(wanted);
  }
  expect(a).toHaveLength(30);
  trace.dispose();
  file.close();
});

test('batch normalization called with training=True takes the statistics of the batch, and says so', async () => {
  const graph = await play('batch_statistics');
  expect(graph.summary.notices).toEqual([
    'rank4, block/inside, rank2: Called with training=True: like Keras 2, even in predict, it normalizes by the mean and variance of the batch, so values depend on the whole batch.',
  ]);
});

test.each(['up_sampling_2_2_4', 'up_sampling_2_3_1', 'up_sampling_2_15'])(
  '%s: the pixels lie where that Keras put them',
  async (name) => {
    await play(name);
  },
);
