import type { Graph, GraphNode, TensorRef } from '../../graph/graph';
import { findKind } from '../../kinds/registry';
import { findScoreSource, isPassThrough } from '../scoreSource';

/** Global average pooling and one Dense layer on it: the end of the models that CAM explains. */
export interface PooledHead {
  /** Path of the pooling. */
  readonly pooling: string;
  /** The layer whose positions are averaged, and layers after it that only drop out; nearest to the pooling first. */
  readonly layers: readonly string[];
}

const POOLING = /^Global(?:AveragePooling|AvgPool)[123]D$/;

/**
 * Finds the head from where the score is read: Dense on global average pooling, with activations, dropout and reshaping in between.
 * @param scored index of a model output, or a layer
 * @returns null for a model that ends otherwise
 */
export function pooledHead(graph: Graph, scored: number | TensorRef): PooledHead | null {
  const end = typeof scored === 'number' ? findScoreSource(graph, scored).ref : scored;
  const dense = firstOther(graph, graph.nodes.get(end.node));
  if (dense?.className !== 'Dense') return null;
  const pooling = firstOther(graph, before(graph, dense));
  if (!pooling || !POOLING.test(pooling.className)) return null;
  const layers: string[] = [];
  for (let node = before(graph, pooling); node !== undefined; node = before(graph, node)) {
    layers.push(node.path);
    if (findKind(node.className)?.role !== 'dropout') break;
  }
  return layers.length === 0 ? null : { pooling: pooling.path, layers };
}

/** The node before one that has a single input. */
function before(graph: Graph, node: GraphNode): GraphNode | undefined {
  const [input, ...others] = node.inputs;
  return input && others.length === 0 ? graph.nodes.get(input.node) : undefined;
}

/** `node`, or the first before it that does more than to pass its values through or to apply an activation. */
function firstOther(graph: Graph, node: GraphNode | undefined): GraphNode | undefined {
  let at = node;
  while (at !== undefined && (isActivation(at) || isPassThrough(graph, at))) at = before(graph, at);
  return at;
}

function isActivation({ className }: GraphNode): boolean {
  const kind = findKind(className);
  return kind?.activation !== undefined && kind.weights === undefined;
}
