import type { ExplainRequest, Walks } from '../../../src/server/explain/explain';
import { explain } from '../../../src/server/explain/explain';
import type { WeightStore } from '../../../src/server/formats/modelFile';
import type { Graph } from '../../../src/server/graph/graph';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { findKind } from '../../../src/server/kinds/registry';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { BackwardWalk } from '../../../src/server/run/backward';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward, type Trace } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { Failure, fail, type LayerglassError } from '../../../src/shared/errors';

export interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A layer of a chain: its class, its arguments and its weights in Keras's order. */
export interface ChainLayer {
  readonly className: string;
  readonly config: Record<string, unknown> & { readonly name: string };
  readonly weights?: readonly Values[];
}

export interface MemoryModel {
  readonly graph: Graph;
  readonly store: WeightStore;
}

/** A Sequential that no file holds; weights lie as in a TensorFlow.js model, under `<layer>/<weight>`. */
export function chain(inputShape: readonly (number | null)[], layers: readonly ChainLayer[]): MemoryModel {
  const topology = {
    class_name: 'Sequential',
    config: {
      name: 'chain',
      layers: [
        { class_name: 'InputLayer', config: { name: 'x', batch_shape: [null, ...inputShape] } },
        ...layers.map(({ className, config }) => ({ class_name: className, config })),
      ],
    },
  };
  const graph = buildGraph(
    { topology, format: 'tfjs-layers', kerasVersion: '3.15.1', path: 'chain' },
    findKind,
  );
  const values = new Map<string, Values>();
  for (const entry of graph.layers) {
    const given = layers.find((layer) => layer.config.name === entry.name)?.weights ?? [];
    for (const [i, spec] of entry.weights.entries()) {
      values.set(`${entry.name}/${spec.name}`, given[i] ?? fail('internal', `${entry.name} lacks weights`));
    }
  }
  return { graph, store: storeOf(values) };
}

export function storeOf(values: ReadonlyMap<string, Values>): WeightStore {
  const entries = new Map(
    [...values].map(([key, { shape }]) => [key, { key, shape, dtype: 'float32' }] as const),
  );
  return {
    index: async () => ({ layout: 'tfjs', entries, groups: new Map() }),
    read: async (key) => Float32Array.from(values.get(key)?.values ?? []),
  };
}

/** One forward pass on one input; `values` without the batch axis. */
export async function traceOf(runtime: Runtime, model: MemoryModel, input: Values): Promise<Trace> {
  const tensor = runtime.tf.tensor([...input.values], [1, ...input.shape], 'float32');
  try {
    const cache = new WeightCache(runtime, model.graph, model.store);
    return await runForward(runtime, model.graph, cache, [tensor], NO_CONTROL);
  } finally {
    tensor.dispose();
  }
}

/** Walks that are kept as long as their owner. */
export function walksOf(trace: Trace): Walks {
  const walks = new Map<string, BackwardWalk>();
  return {
    get(key, rule, seed) {
      const walk = walks.get(key) ?? new BackwardWalk(trace, seed(), rule);
      walks.set(key, walk);
      return walk;
    },
    get bytes() {
      return [...walks.values()].reduce((sum, walk) => sum + walk.bytes, 0);
    },
  };
}

/** Answers a question about class 0 at the default layer, unless it says otherwise. */
export const ask = (trace: Trace, question: Partial<ExplainRequest> = {}) =>
  explain(
    trace,
    walksOf(trace),
    { method: 'grad-cam', layer: 'auto', target: { index: 'auto' }, labels: [], ...question },
    NO_CONTROL,
  );

/** The failure of work that must not succeed. */
export async function failureOf(work: Promise<unknown>): Promise<LayerglassError> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.error;
    throw thrown;
  }
  throw new Error('It did not fail.');
}
