import type { Graph } from './graph';

/** Indices of the outputs that are unknown, e.g. those that depend on a loop or a layer of an unknown class. */
export const unknownOutputs = (graph: Graph): readonly number[] =>
  graph.outputs.flatMap((ref, i) => (graph.nodes.get(ref.node)?.unknownBecause === undefined ? [] : [i]));
