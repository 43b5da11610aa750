import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import type { Graph, TensorRef } from '../../../src/server/graph/graph';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { findKind } from '../../../src/server/kinds/registry';
import type { Tensor } from '../../../src/server/layers/kind';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { BackwardWalk } from '../../../src/server/run/backward';
import { NO_CONTROL } from '../../../src/server/run/control';
import { layerContext, runForward, type Trace } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import type { BackendName } from '../../../src/shared/model';
import { startForTests } from '../backends';
import { type NpArray, readNpz } from '../npz';
import { rehearse } from '../rehearse';
import { type CaseIndex, FOLDER, layerCases } from './layerCaseIndex';

const TOLERANCE = 1e-5;

/**
 * Runs every case on one backend. Compares parameters, static shapes, the values before and after each activation and the
 * gradients with Keras's, each within 1e-5 relative to the largest of Keras's values (or to 1).
 * A backend that is not available is one skipped test that states why.
 */
export async function testLayerCases(backend: BackendName): Promise<void> {
  const runtime = await startForTests(backend);
  if (typeof runtime === 'string') {
    test.skip(`${backend} is not available: ${runtime}`, () => {});
    return;
  }
  describe(`layers on ${backend}`, () => {
    const errors: Record<string, number> = {};
    test.each(layerCases().map((layerCase) => [layerCase.case, layerCase] as const))(
      '%s',
      async (name, layerCase) => {
        errors[name] = await play(runtime, layerCase);
      },
    );
    // For scripts/conformance.mjs, which writes docs/conformance.md.
    const folder = process.env.LAYERGLASS_CONFORMANCE;
    if (folder) afterAll(() => writeFileSync(join(folder, `${backend}.json`), JSON.stringify(errors)));
  });
}

/** Returns the largest relative error. */
async function play(runtime: Runtime, layerCase: CaseIndex): Promise<number> {
  const file = await openModelFile(join(FOLDER, layerCase.family, layerCase.model));
  try {
    const { topology, format, kerasVersion, path } = file;
    const graph = buildGraph({ topology, format, kerasVersion, path }, findKind);
    expect(graph.summary.params).toEqual(layerCase.params);
    for (const row of graph.summary.layers) {
      const known = layerCase.shapes[row.path];
      if (known) expect(row.outputShapes, `static shapes of ${row.path}`).toEqual(known);
    }

    const keras = await readNpz(join(FOLDER, layerCase.family, layerCase.arrays));
    const { tf } = runtime;
    const tensorOf = (name: string): Tensor => {
      const array = arrayOf(keras, name);
      const values = array.dtype === 'string' ? [...array.values] : array.values;
      return tf.tensor(values, [...array.shape], array.dtype);
    };
    const inputs = graph.inputs.map((_, i) => tensorOf(`input.${i}`));
    const weights = new WeightCache(runtime, graph, file.weights);
    const hasScore = keras.has('cotangent');
    await rehearse(runtime, graph, weights, inputs, hasScore ? tensorOf('cotangent') : null);
    const trace = await runForward(runtime, graph, weights, inputs, NO_CONTROL);
    const [scored] = graph.outputs;
    if (scored === undefined) throw new Error('the model has no output');
    const walk = hasScore
      ? new BackwardWalk(trace, { ...scored, stage: 'post', gradient: tensorOf('cotangent') })
      : null;

    let compared = 0;
    let worst = 0;
    for (const [name, expected] of keras) {
      const got = await computed(name, graph, trace, walk);
      if (got === undefined) continue;
      worst = Math.max(worst, compare(got, expected, layerCase.tolerance ?? TOLERANCE, name));
      compared++;
      const scores = await recomputedScores(trace, name);
      if (scores === null) continue;
      const sameRank = tf.reshape(scores, [...expected.shape]);
      compare(sameRank, expected, layerCase.tolerance ?? TOLERANCE, `${name}, recomputed`);
    }
    // At least the output, and every array of Keras except the inputs and the cotangent.
    expect(compared).toBe(keras.size - inputs.length - (hasScore ? 1 : 0));
    walk?.dispose();
    trace.dispose();
    weights.dispose();
    return worst;
  } finally {
    file.close();
  }
}

/** Our value for an array of the reference (names: test/fixtures/keras_reference.py); `undefined` for inputs and cotangents. */
export async function computed(
  name: string,
  graph: Graph,
  trace: Trace,
  walk: BackwardWalk | null,
): Promise<Tensor | undefined> {
  const [, what, rest] = /^(pre|post|grad\.post|grad\.in|input|cotangent)[:.]?(.*)$/.exec(name) ?? [];
  if (what === undefined || rest === undefined) throw new Error(`what is "${name}"?`);
  if (what === 'input' || what === 'cotangent') return undefined;
  if (what === 'grad.in') {
    const input = graph.inputs[Number(rest)] ?? '';
    return present(await walk?.at(input, 0, NO_CONTROL), name);
  }
  const [, path = '', index = '0'] = /^(.*?)(?::(\d+))?$/.exec(rest) ?? [];
  const { node, output } = resolve(graph, path, Number(index));
  if (what === 'grad.post') return present(await walk?.at(node, output, NO_CONTROL), name);
  const values = trace.at(node);
  if (what === 'post') return present(values.outputs[output], name);
  // A linear activation changes nothing: the values before and after it are the same.
  return present(values.pre ?? values.outputs[0], name);
}

/** What explanation methods read of an attention layer, where Keras returned it as the second output; else null. */
async function recomputedScores(trace: Trace, name: string): Promise<Tensor | null> {
  const node = trace.graph.nodes.get(/^post:(.*):1$/.exec(name)?.[1] ?? '');
  const view = node && findKind(node.className)?.attention;
  if (!view) return null;
  const inputs = node.inputs.flatMap((ref) => trace.at(ref.node).outputs[ref.output] ?? []);
  return view.scores(layerContext(trace, node, await trace.weights.of(node)), inputs);
}

/** The node of a layer call or, for a nested model, the node that its output comes from. */
function resolve(graph: Graph, path: string, output: number): TensorRef {
  return graph.models.get(path)?.outputs[output] ?? { node: path, output };
}

function present(tensor: Tensor | null | undefined, name: string): Tensor {
  if (!tensor) throw new Error(`Keras has ${name}, we have nothing`);
  return tensor;
}

function arrayOf(arrays: ReadonlyMap<string, NpArray>, name: string): NpArray {
  const found = arrays.get(name);
  if (found === undefined) throw new Error(`the fixture has no ${name}`);
  return found;
}

/** Returns the largest difference relative to the largest expected value (or to 1); fails if it exceeds the tolerance. */
export function compare(got: Tensor, expected: NpArray, tolerance: number, name: string): number {
  expect(got.shape, `shape of ${name}`).toEqual(expected.shape);
  if (expected.dtype === 'string') {
    expect(got.dataSync<'string'>(), name).toEqual(expected.values);
    return 0;
  }
  const values = got.dataSync();
  let largest = 1;
  let error = 0;
  for (const [i, wanted] of expected.values.entries()) {
    // NaN and infinities must be equal; the largest value is taken over the other values.
    if (!Number.isFinite(wanted)) {
      if (!Object.is(values[i], wanted)) error = Number.NaN;
      continue;
    }
    largest = Math.max(largest, Math.abs(wanted));
    const difference = Math.abs((values[i] ?? Number.NaN) - wanted);
    if (!(difference <= error)) error = difference;
  }
  expect(error / largest, `error of ${name}`).toBeLessThanOrEqual(tolerance);
  return error / largest;
}
