import type { Graph, TensorRef } from '../graph/graph';
import type { Trace } from '../run/trace';
import { spatialLayout } from './layerChoice';

/** A graph with the sizes of its values. */
export interface ShapedGraph {
  readonly graph: Graph;
  /** With the batch axis; `null` for a value whose sizes are not known. */
  shapeOf(ref: TensorRef): readonly number[] | null;
}

/** The sizes of the values that a run computed. */
export const shapesOf = ({ graph, values }: Trace): ShapedGraph => ({
  graph,
  shapeOf: (ref) => values.get(ref.node)?.outputs[ref.output]?.shape ?? null,
});

/** The sizes of one example, as far as the model fixes them: no run is needed. */
export const staticShapesOf = (graph: Graph): ShapedGraph => ({
  graph,
  shapeOf(ref) {
    const [, ...rest] = graph.nodes.get(ref.node)?.outputShapes[ref.output] ?? [null];
    const known = rest.filter((size) => size !== null);
    return known.length === 0 || known.length < rest.length ? null : [1, ...known];
  },
});

/** The sizes of the spatial axes; `null` for a value whose sizes are not known. */
export function spatialSizes(shapes: ShapedGraph, ref: TensorRef): number[] | null {
  const node = shapes.graph.nodes.get(ref.node);
  const shape = shapes.shapeOf(ref);
  if (!node || !shape) return null;
  return spatialLayout(shapes.graph, node, shape.length).spatial.map((axis) => shape[axis] ?? 1);
}
