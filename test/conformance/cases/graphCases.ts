import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import type { Graph } from '../../../src/server/graph/graph';
import type { Tensor } from '../../../src/server/layers/kind';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { BackwardWalk } from '../../../src/server/run/backward';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { graphOf } from '../../../src/server/session/modelGraph';
import type { BackendName } from '../../../src/shared/model';
import { startForTests } from '../backends';
import { type NpArray, readNpz } from '../npz';
import { rehearse } from '../rehearse';
import { compare } from './layerCases';
import { testSavedModels } from './savedModelCases';

/** One line of test/fixtures/graph_models/index.json: a graph model and the values that TensorFlow computed. */
export interface GraphCase {
  readonly case: string;
  /** The TensorFlow operations in it. */
  readonly ops: readonly string[];
  /** Replaces 1e-5; the reason is beside it. */
  readonly tolerance?: number;
  /** The operation whose output, and all that depends on it, is unknown. */
  readonly stops?: string;
}

export const GRAPH_FOLDER = join(__dirname, '../../fixtures/graph_models');
const TOLERANCE = 1e-5;

export const graphCases = (): GraphCase[] =>
  JSON.parse(readFileSync(join(GRAPH_FOLDER, 'index.json'), 'utf8'));

/** Runs every case on one backend: static shapes, gradients, and the value of every operation, also before a fused activation. */
export async function testGraphCases(backend: BackendName): Promise<void> {
  const runtime = await startForTests(backend);
  if (typeof runtime === 'string') {
    test.skip(`${backend} is not available: ${runtime}`, () => {});
    return;
  }
  describe(`graphs on ${backend}`, () => {
    test.each(graphCases().map((graphCase) => [graphCase.case, graphCase] as const))('%s', (_, graphCase) =>
      play(runtime, graphCase),
    );
  });
  testSavedModels(runtime);
}

async function play(
  runtime: Runtime,
  { case: name, tolerance = TOLERANCE, stops }: GraphCase,
): Promise<void> {
  const file = await openModelFile(join(GRAPH_FOLDER, `${name}.json`));
  const arrays = await readNpz(join(GRAPH_FOLDER, `${name}.npz`));
  const graph = graphOf(file);
  const tensorOf = (key: string): Tensor => {
    const array = arrays.get(key);
    if (array === undefined || array.dtype === 'string') throw new Error(`the fixture has no ${key}`);
    return runtime.tf.tensor(array.values, [...array.shape], array.dtype);
  };
  const inputs = graph.inputs.map((_, i) => tensorOf(`input.${i}`));
  const weights = new WeightCache(runtime, graph, file.weights);
  const hasScore = arrays.has('cotangent') && stops === undefined;
  await rehearse(runtime, graph, weights, inputs, hasScore ? tensorOf('cotangent') : null);
  const trace = await runForward(runtime, graph, weights, inputs, NO_CONTROL);
  const [scored] = graph.outputs;
  if (scored === undefined) throw new Error('the graph has no output');
  const walk = hasScore
    ? new BackwardWalk(trace, { ...scored, stage: 'post', gradient: tensorOf('cotangent') })
    : null;

  for (const [key, expected] of arrays) {
    const [, what = '', node = '', output = '0'] = /^(\w+\.?\w*?)[:.](.*?)(?::(\d+))?$/.exec(key) ?? [];
    if (what === 'input' || key === 'cotangent') continue;
    const unknown = graph.nodes.get(what === 'grad.in' ? scored.node : node)?.unknownBecause;
    expect(unknown, key).toBe(unknown && stops);
    if (unknown !== undefined) continue;
    if (what === 'grad.in') {
      const gradient = await walk?.at(graph.inputs[Number(node)] ?? '', 0, NO_CONTROL);
      compare(present(gradient, key), expected, tolerance, key);
    } else if (what === 'pre') {
      compare(present(trace.at(node).pre, key), expected, tolerance, key);
    } else if (graph.nodes.has(node)) {
      checkShape(graph, node, Number(output), expected);
      compare(present(trace.at(node).outputs[Number(output)], key), expected, tolerance, key);
    }
  }
  walk?.dispose();
  trace.dispose();
  weights.dispose();
}

/** The sizes that are known before the graph runs are those of the values. */
function checkShape(graph: Graph, node: string, output: number, { shape }: NpArray): void {
  const known = graph.nodes.get(node)?.outputShapes[output] ?? [];
  expect(
    known?.map((size, axis) => size ?? shape[axis]),
    `static shape of ${node}`,
  ).toEqual(shape);
}

function present(tensor: Tensor | null | undefined, name: string): Tensor {
  if (!tensor) throw new Error(`TensorFlow has ${name}, we have nothing`);
  return tensor;
}
