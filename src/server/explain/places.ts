import type { Graph, GraphNode, TensorRef } from '../graph/graph';
import type { Trace } from '../run/trace';
import { spatialLayout } from './layerChoice';

/** Where one input of a model can be changed by numbers and has a gradient. */
export interface InputPlace {
  /** Index of the model input. */
  readonly index: number;
  /** Path of the input node. */
  readonly input: string;
  /** The input itself; for ids and text the output of their embedding, [time, features]. */
  readonly ref: TensorRef;
}

/** The places of all inputs, in their order; inputs of ids or text that reach no embedding have none. */
export function placesOf(trace: Trace): InputPlace[] {
  return trace.graph.inputs.flatMap((input, index) => {
    const ref = placeOf(trace, input);
    return ref === null ? [] : [{ index, input, ref }];
  });
}

function placeOf(trace: Trace, input: string): TensorRef | null {
  const users = usersOf(trace.graph);
  const found = new Map<string, TensorRef>();
  const seen = new Set<string>([input]);
  const waiting: TensorRef[] = [{ node: input, output: 0 }];
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    const at = ref;
    const value = trace.values.get(at.node)?.outputs[at.output];
    const next = users.get(at.node) ?? [];
    if (value?.dtype === 'float32' && !next.some(takesIds)) {
      found.set(`${at.node} ${at.output}`, at);
      continue;
    }
    for (const node of next) {
      if (seen.has(node.path)) continue;
      seen.add(node.path);
      waiting.push({ node: node.path, output: 0 });
    }
  }
  const places = [...found.values()];
  if (places.length === 1) return places[0] ?? null;
  const embeddings = places.filter(({ node }) => {
    const own = trace.graph.nodes.get(node);
    return own !== undefined && takesIds(own);
  });
  return embeddings.length === 1 ? (embeddings[0] ?? null) : null;
}

function usersOf(graph: Graph): ReadonlyMap<string, readonly GraphNode[]> {
  const users = new Map<string, GraphNode[]>();
  for (const node of graph.nodes.values()) {
    for (const { node: path } of node.inputs) {
      const list = users.get(path);
      if (list) list.push(node);
      else users.set(path, [node]);
    }
  }
  return users;
}

const takesIds = ({ className }: GraphNode): boolean => className === 'Embedding';

/** The axes of one example of a value. */
export interface PlaceLayout {
  /** Sizes of the axes of space or time. */
  readonly spatial: readonly number[];
  /** The axis of the channels among all axes but the batch; null where there is none. */
  readonly channel: number | null;
}

export function layoutAt(trace: Trace, { node: path, output }: TensorRef): PlaceLayout {
  const node = trace.graph.nodes.get(path);
  const value = trace.at(path).outputs[output];
  if (!node || !value) return { spatial: [], channel: null };
  const { spatial, channel } = spatialLayout(trace.graph, node, value.rank);
  return {
    spatial: spatial.map((axis) => value.shape[axis] ?? 1),
    channel: channel > 0 ? channel - 1 : null,
  };
}
