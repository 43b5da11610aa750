import type { Layer, Model, Node, Tensor } from '../values';

/** The graph of a functional model. */
export interface GraphOrder {
  /** Layers and operations in the order of Keras's `model.operations`. */
  readonly layers: readonly (Layer | Model)[];
  /** Every call comes after those that its inputs come from. */
  readonly nodes: readonly Node[];
  /** Whether it depends on an input that is not among `inputs`. */
  readonly isDisconnected: boolean;
}

/** Orders a graph as `map_graph` of `keras/src/ops/function.py` does; `null` where part of the graph is not known. */
export function graphOrder(inputs: readonly Tensor[], outputs: readonly Tensor[]): GraphOrder | null {
  const walked = walk(inputs, outputs);
  if (walked === null) return null;
  const { nodes, indices, isDisconnected } = walked;
  const nodeDepths = new Map<Node, number>();
  const depths = new Map<Layer | Model, number>();
  for (const node of [...nodes].reverse()) {
    const depth = Math.max(nodeDepths.get(node) ?? 0, depths.get(node.layer) ?? 0);
    depths.set(node.layer, depth);
    nodeDepths.set(node, depth);
    for (const { origin } of node.inputs)
      if (origin !== null) nodeDepths.set(origin, Math.max(depth + 1, nodeDepths.get(origin) ?? 0));
  }
  for (const { origin } of inputs) {
    if (origin === null || depths.has(origin.layer)) continue;
    depths.set(origin.layer, 0);
    indices.set(origin.layer, -1);
  }
  const layers = [...depths].sort(
    ([a, depthA], [b, depthB]) => depthB - depthA || (indices.get(a) ?? 0) - (indices.get(b) ?? 0),
  );
  return { layers: layers.map(([layer]) => layer), nodes, isDisconnected };
}

/** Keras's `_build_map`: a depth-first walk from the outputs, without recursion. */
function walk(inputs: readonly Tensor[], outputs: readonly Tensor[]) {
  const given = new Set(inputs);
  const indices = new Map<Layer | Model, number>();
  const finished = new Set<Node>();
  const nodes: Node[] = [];
  let isDisconnected = false;
  const stack: { readonly node: Node; readonly from: readonly Tensor[]; next: number }[] = [];
  const enter = (tensor: Tensor): boolean => {
    const node = tensor.origin;
    if (node === null) return tensor.isEager === true;
    if (finished.has(node)) return true;
    if (!indices.has(node.layer)) indices.set(node.layer, indices.size);
    if (node.inputs.length === 0 && !given.has(tensor)) isDisconnected = true;
    stack.push({ node, from: given.has(tensor) ? [] : node.inputs, next: 0 });
    return true;
  };
  for (const output of outputs) {
    if (!enter(output)) return null;
    for (let open = stack.at(-1); open !== undefined; open = stack.at(-1)) {
      const input = open.from[open.next++];
      if (input !== undefined) {
        if (!enter(input)) return null;
        continue;
      }
      stack.pop();
      finished.add(open.node);
      nodes.push(open.node);
    }
  }
  return { indices, nodes, isDisconnected };
}
