import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import type { Tensor } from '../../../src/server/layers/kind';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { BackwardWalk } from '../../../src/server/run/backward';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { graphOf, resolveGraph } from '../../../src/server/session/modelGraph';
import { readNpz } from '../npz';
import { rehearse } from '../rehearse';
import { compare, computed } from './layerCases';

export const SAVED_FOLDER = join(__dirname, '../../fixtures/saved_models');
const KERAS_FOLDER = join(__dirname, '../../fixtures/keras_saved_models');
const TOLERANCE = 1e-5;
/** The model whose loop runs once per step of its input. */
const OPEN_ENDED = 'open_ended';

/** SavedModels of test/fixtures/make_saved_models.py: the outputs of the signature and the gradients to its inputs. */
export function testSavedModels(runtime: Runtime): void {
  const names = readdirSync(SAVED_FOLDER).filter((name) => !name.endsWith('.npz'));
  describe(`SavedModels on ${runtime.status.name}`, () => {
    test.each(names.filter((name) => name !== OPEN_ENDED))('%s', (name) => play(runtime, name));
    test('values after a loop of unknown length are unknown', () => testLoop(runtime));
  });
  describe(`Keras models in SavedModels on ${runtime.status.name}`, () => {
    test.each(['functional', 'sequence', 'older', 'bins'])('%s', (name) => testKeras(runtime, name));
  });
}

/** SavedModels written by Keras 2 (test/fixtures/make_keras_saved_models.py): every layer, and its gradients. */
async function testKeras(runtime: Runtime, name: string): Promise<void> {
  const { file, graph } = await resolveGraph(await openModelFile(join(KERAS_FOLDER, name)));
  expect(file.graph, 'opens as a graph of operations').toBeUndefined();
  const arrays = await readNpz(join(KERAS_FOLDER, `${name}.npz`));
  const tensorOf = (key: string): Tensor => {
    const array = arrays.get(key);
    if (array === undefined || array.dtype === 'string') throw new Error(`the fixture has no ${key}`);
    return runtime.tf.tensor(array.values, [...array.shape], array.dtype);
  };
  const weights = new WeightCache(runtime, graph, file.weights);
  const inputs = graph.inputs.map((_, i) => tensorOf(`input.${i}`));
  await rehearse(runtime, graph, weights, inputs, tensorOf('cotangent'));
  const trace = await runForward(runtime, graph, weights, inputs, NO_CONTROL);
  const [scored] = graph.outputs;
  if (scored === undefined) throw new Error('the model has no output');
  const walk = new BackwardWalk(trace, { ...scored, stage: 'post', gradient: tensorOf('cotangent') });
  let compared = 0;
  for (const [key, expected] of arrays) {
    const got = await computed(key, graph, trace, walk);
    if (got === undefined) continue;
    compare(got, expected, TOLERANCE, key);
    compared++;
  }
  expect(compared).toBe(arrays.size - inputs.length - 1);
  walk.dispose();
  trace.dispose();
  weights.dispose();
}

async function play(runtime: Runtime, name: string): Promise<void> {
  const file = await openModelFile(join(SAVED_FOLDER, name));
  const arrays = await readNpz(join(SAVED_FOLDER, `${name}.npz`));
  const graph = graphOf(file);
  const tensorOf = (key: string): Tensor => {
    const array = arrays.get(key);
    if (array === undefined || array.dtype === 'string') throw new Error(`the fixture has no ${key}`);
    return runtime.tf.tensor(array.values, [...array.shape], array.dtype);
  };
  const weights = new WeightCache(runtime, graph, file.weights);
  const inputs = graph.inputs.map((path) => tensorOf(`input.${path}`));
  await rehearse(runtime, graph, weights, inputs, null);
  const trace = await runForward(runtime, graph, weights, inputs, NO_CONTROL);
  const outputs = graph.summary.outputs.map((output) => output.name);
  const [first = ''] = [...outputs].sort();
  const scored = graph.outputs[outputs.indexOf(first)];
  if (scored === undefined) throw new Error('the model has no output');
  const walk = new BackwardWalk(trace, { ...scored, stage: 'post', gradient: tensorOf('cotangent') });
  let compared = 0;
  for (const [key, expected] of arrays) {
    const [, what, path = ''] = /^(output|grad\.in)\.(.*)$/.exec(key) ?? [];
    if (what === undefined) continue;
    const ref = graph.outputs[outputs.indexOf(path)] ?? { node: '', output: 0 };
    const got =
      what === 'output' ? trace.at(ref.node).outputs[ref.output] : await walk.at(path, 0, NO_CONTROL);
    if (!got) throw new Error(`TensorFlow has ${key}, we have nothing`);
    compare(got, expected, TOLERANCE, key);
    compared++;
  }
  expect(compared).toBe(arrays.size - inputs.length - 1);
  walk.dispose();
  trace.dispose();
  weights.dispose();
}

async function testLoop(runtime: Runtime): Promise<void> {
  const file = await openModelFile(join(SAVED_FOLDER, OPEN_ENDED));
  const given = (await readNpz(join(SAVED_FOLDER, `${OPEN_ENDED}.npz`))).get('input.series');
  if (!given || given.dtype === 'string') throw new Error('the fixture is broken');
  const graph = graphOf(file);
  const input = runtime.tf.tensor(given.values, [...given.shape], given.dtype);
  const weights = new WeightCache(runtime, graph, file.weights);
  const trace = await runForward(runtime, graph, weights, [input], NO_CONTROL);
  const [output] = graph.outputs;
  if (output === undefined) throw new Error('the model has no output');
  expect(() => trace.at(output.node)).toThrow(/unknown because of/);
  trace.dispose();
  weights.dispose();
}
