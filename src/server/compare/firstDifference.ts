import type { FirstDifference, LayerComparison } from '../../shared/compare/comparison';
import type { Graph, GraphNode } from '../graph/graph';
import type { LayerPair } from './comparedLayers';

/** What is known of a pair: the layer compared, and the two calls. */
export interface Compared {
  readonly pair: LayerPair;
  readonly layer: LayerComparison;
}

/**
 * The first difference of two models in the order of the graph. With values: the first layer whose values part while its inputs agree. If
 * its inputs differ although all layers before it agree, a layer that only one model has is between them: the first such layer. Where no
 * values part, and without values, the first layer that is not the same.
 * @param inputsAgree whether two calls take the same values
 */
export function firstDifference(
  compared: readonly Compared[],
  graphs: { readonly a: Graph; readonly b: Graph },
  inputsAgree: (a: GraphNode, b: GraphNode) => boolean,
): FirstDifference | null {
  for (const { pair, layer } of compared) {
    const [a, b] = [pair.a?.node, pair.b?.node];
    if (layer.valuesPart !== true) continue;
    // Of operations only the values are known.
    if (!a || !b) return { path: layer.path, by: 'values' };
    const isWired = layer.config.some(({ key }) => key === 'inputs');
    const between = isWired || inputsAgree(a, b) ? null : unmatchedBefore(compared, graphs, { a, b });
    return { path: between ?? layer.path, by: 'values' };
  }
  const first = compared.find(({ layer }) => layer.status !== 'same');
  return first === undefined ? null : { path: first.layer.path, by: 'layer' };
}

/** The first of the layers that lead to one of two calls and that only one model has. */
function unmatchedBefore(
  compared: readonly Compared[],
  graphs: { readonly a: Graph; readonly b: Graph },
  calls: { readonly a: GraphNode; readonly b: GraphNode },
): string | null {
  const alone = (side: 'a' | 'b'): ReadonlySet<string> =>
    new Set(
      compared.flatMap(({ pair }) => {
        const layer = pair[side];
        return layer !== null && (pair.a === null || pair.b === null) ? [layer.path] : [];
      }),
    );
  const leading = {
    a: reachedThrough(graphs.a, calls.a, alone('a')),
    b: reachedThrough(graphs.b, calls.b, alone('b')),
  };
  const found = compared.find(
    ({ pair }) =>
      (pair.b === null && pair.a !== null && leading.a.has(pair.a.path)) ||
      (pair.a === null && pair.b !== null && leading.b.has(pair.b.path)),
  );
  return found?.layer.path ?? null;
}

/** The nodes of a set that a node takes values from, directly or through others of the set. */
function reachedThrough(graph: Graph, from: GraphNode, among: ReadonlySet<string>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const { node: path } of node.inputs) {
      const before = graph.nodes.get(path);
      if (before === undefined || !among.has(path) || reached.has(path)) continue;
      reached.add(path);
      open.push(before);
    }
  }
  return reached;
}
