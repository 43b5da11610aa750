import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WeightStore } from '../../../src/server/formats/modelFile';
import { openModelFile } from '../../../src/server/formats/open';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { findKind } from '../../../src/server/kinds/registry';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { fail } from '../../../src/shared/errors';
import { chain } from './memoryModel';

const FOLDER = join(__dirname, '../../fixtures/weights');

/** What real Keras answered (made by make.py there). */
interface Expected {
  readonly inputs: readonly string[];
  readonly values: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly trainable: number;
  readonly total: number;
}
const expected: Record<string, Expected> = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8'));

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
const open = new Set<() => void>();
afterAll(() => {
  for (const close of open) close();
});

describe('every weight finds its layer', () => {
  test.each([
    ['frozen.keras', 'frozen'],
    ['frozen.h5', 'frozen'],
    ['keras2.h5', 'frozen'],
    ['shared.keras', 'shared'],
    ['shared.h5', 'shared'],
    ['stacked.keras', 'stacked'],
    ['stacked.h5', 'stacked'],
    ['heads.keras', 'heads'],
    ['heads.h5', 'heads'],
    ['heads-before.keras', 'heads'],
  ])('%s', async (name, model) => {
    const wanted = expected[model];
    if (!wanted) throw new Error(`expected.json lacks ${model}`);
    const file = await openModelFile(join(FOLDER, name));
    open.add(() => file.close());
    const graph = buildGraph({ ...file, path: name }, findKind);
    expect(graph.params.total).toBe(wanted.total);
    expect(graph.params.trainable).toBe(wanted.trainable);
    if (model === 'shared') expect(graph.summary.inputs.map((input) => input.name)).toEqual(wanted.inputs);

    const inputs = wanted.values.map((values) => runtime.tf.tensor2d([[...values]]));
    const weights = new WeightCache(runtime, graph, file.weights);
    const trace = await runForward(runtime, graph, weights, inputs, NO_CONTROL);
    for (const [i, ref] of graph.outputs.entries()) {
      const got = [...(trace.at(ref.node).outputs[ref.output]?.dataSync() ?? [])];
      for (const [unit, value] of (wanted.outputs[i] ?? []).entries()) {
        expect(Math.abs((got[unit] ?? Number.NaN) - value), `output ${i}, unit ${unit}`).toBeLessThan(
          1e-5 * Math.max(1, Math.abs(value)),
        );
      }
    }
    expect(graph.outputs).toHaveLength(wanted.outputs.length);
    trace.dispose();
    weights.dispose();
  });
});

test('a layer whose later weight cannot be read leaves no tensor behind', async () => {
  const { graph, store } = chain(
    [2],
    [
      {
        className: 'Dense',
        config: { name: 'dense', units: 2 },
        weights: [
          { shape: [2, 2], values: [1, 2, 3, 4] },
          { shape: [2], values: [5, 6] },
        ],
      },
    ],
  );
  const damaged: WeightStore = {
    ...store,
    read: (key) => (key.endsWith('bias') ? fail('truncated', 'The bias is cut off.') : store.read(key)),
  };
  const weights = new WeightCache(runtime, graph, damaged);
  const node = graph.nodes.get('dense');
  if (!node) throw new Error('the chain has no layer');
  const before = runtime.tf.memory().numTensors;
  await expect(weights.of(node)).rejects.toThrow('The bias is cut off.');
  await expect(weights.of(node)).rejects.toThrow('The bias is cut off.');
  expect(runtime.tf.memory().numTensors).toBe(before);
  expect(weights.bytes).toBe(0);
  weights.dispose();
});
