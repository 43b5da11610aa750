import type { Graph, ModelCall } from '../graph/graph';
import type { ComparedLayer, LayerPair } from './comparedLayers';

/** Whether a graph consists of operations of TensorFlow rather than of layers. */
export const isOfOperations = ({ nodes }: Graph): boolean =>
  [...nodes.values()].some(({ className }) => className.startsWith('tf.'));

/**
 * The layers of one model whose names are those of scopes in a graph of operations, `dense` as `model/dense` or `model_1/dense_1`: their
 * values can be compared, but neither their arguments nor their weights. A name that several scopes have is left out.
 * @param side which of the two models has layers
 */
export function pairScopes(layers: readonly ComparedLayer[], graph: Graph, side: 'a' | 'b'): LayerPair[] {
  const byName = scopesOf(graph);
  return layers.flatMap((layer): LayerPair[] => {
    const scope = byName.get(nameOf(layer.path)) ?? null;
    if (scope === null) return [];
    // Its arguments and its weights have no counterpart.
    const bare = { ...layer, weights: [] };
    return [{ ...(side === 'a' ? { a: bare, b: scope } : { a: scope, b: bare }), by: 'name' }];
  });
}

/** By name; `null` for a name that several scopes have. */
function scopesOf(graph: Graph): ReadonlyMap<string, ComparedLayer | null> {
  const scopes = new Map<string, ComparedLayer>();
  // A scope without a model of its own, such as one of a single operation, gives what its last operation gives.
  for (const path of graph.nodes.keys()) {
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length++)
      scopes.set(parts.slice(0, length).join('/'), ofNode(graph, parts.slice(0, length).join('/'), path));
  }
  for (const call of graph.models.values()) scopes.set(call.path, ofScope(graph, call));
  for (const path of graph.inputs) scopes.set(path, ofNode(graph, path, path));
  const byName = new Map<string, ComparedLayer | null>();
  for (const [path, layer] of scopes) byName.set(nameOf(path), byName.has(nameOf(path)) ? null : layer);
  return byName;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/_\d+$/, '');

const BARE = { params: 0, weights: [], weightShapes: [], node: null };

const ofScope = (graph: Graph, { path, outputs }: ModelCall): ComparedLayer => ({
  ...BARE,
  path,
  className: '',
  shapes: outputs.map(({ node, output }) => graph.nodes.get(node)?.outputShapes[output] ?? null),
  values: outputs,
});

const ofNode = (graph: Graph, path: string, node: string): ComparedLayer => ({
  ...BARE,
  path,
  className: '',
  shapes: graph.nodes.get(node)?.outputShapes ?? [],
  values: [{ node, output: 0 }],
});
