import type { Graph } from './graph';

/** Indices of the outputs that are unknown, e.g. behind a loop or a layer whose class is not known. */
export const unreached = (graph: Graph): readonly number[] =>
  graph.outputs.flatMap((ref, i) => (graph.nodes.get(ref.node)?.unknownBecause === undefined ? [] : [i]));
