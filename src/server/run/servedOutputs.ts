import type { ServedModel } from '../formats/modelFile';
import type { Graph } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import type { Trace } from './trace';

/** The part of tfjs-node that loads SavedModels; wasm and cpu have none. */
interface NodeLibrary {
  readonly node?: {
    loadSavedModel(folder: string, tags: string[], signature: string): Promise<TfSavedModel>;
  };
}

interface TfSavedModel {
  predict(inputs: Record<string, Tensor>): unknown;
  dispose(): void;
}

/** The outputs of a graph that a trace of its operations did not reach, e.g. behind a loop. */
export const unreached = (graph: Graph): readonly number[] =>
  graph.outputs.flatMap((ref, i) => (graph.nodes.get(ref.node)?.unknownBecause === undefined ? [] : [i]));

/**
 * Lets TensorFlow itself compute the outputs of a SavedModel that our operations do not reach, on the native backend. They
 * are values without a way back: nothing in between is known, and nothing is explained through it.
 * @param inputs one tensor for each of the graph's inputs; not disposed here.
 */
export async function addServedOutputs(
  trace: Trace,
  served: ServedModel,
  inputs: readonly Tensor[],
): Promise<void> {
  const { graph, runtime } = trace;
  const library = (runtime.tf as NodeLibrary).node;
  const missing = unreached(graph);
  if (!library || missing.length === 0) return;
  // A model with operations that this TensorFlow has not does not load: its outputs stay unknown, all else works.
  const model = await library
    .loadSavedModel(served.folder, [...served.tags], served.signature)
    .catch(() => null);
  if (model === null) return;
  try {
    const named = graph.inputs.flatMap((path, i) => {
      const [key, tensor] = [served.inputs.get(path), inputs[i]];
      return key === undefined || tensor === undefined ? [] : [[key, tensor] as const];
    });
    const outputs = model.predict(Object.fromEntries(named));
    const found = new Map(Object.entries(outputs as Record<string, Tensor>));
    for (const i of missing) {
      const [ref, name] = [graph.outputs[i], graph.summary.outputs[i]?.name ?? ''];
      const tensor = found.get(name);
      // One that has several outputs is kept whole or not at all.
      if (ref?.output !== 0 || tensor === undefined || trace.values.has(ref.node)) continue;
      found.delete(name);
      trace.values.set(ref.node, { pre: null, outputs: [tensor], mask: undefined, inputMasks: [] });
    }
    for (const tensor of found.values()) tensor.dispose();
  } finally {
    model.dispose();
  }
}
