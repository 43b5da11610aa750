import type { MaybeShape } from '../../shared/model';
import type { ExplainableLayers } from '../../shared/protocol';
import { hasChannelsFirst } from '../graph/channelOrder';
import type { Graph, GraphNode, TensorRef } from '../graph/graph';
import type { LayerRole } from '../graph/layerRule';
import { noSuchLayer } from '../graph/noSuchLayer';
import { findKind } from '../kinds/registry';
import { findScoreSource, isPassThrough } from './scoreSource';

/** The axes of a layer's output. */
export interface SpatialLayout {
  readonly spatial: readonly number[];
  readonly channel: number;
}

const EXCLUDED_ROLES: ReadonlySet<LayerRole> = new Set([
  'input',
  'pooling',
  'padding',
  'dropout',
  'reshaping',
]);

/** A layer by the path that a user names: a node, or a nested model for its first output. */
export function resolveLayer(graph: Graph, path: string): TensorRef {
  if (graph.nodes.has(path)) return { node: path, output: 0 };
  const [first] = graph.models.get(path)?.outputs ?? [];
  if (first) return first;
  return noSuchLayer(graph, path);
}

/** The axes of a value [batch, ...space, channel], or [batch, channel, ...space] (graph/channelOrder.ts). */
export function spatialLayout(graph: Graph, node: GraphNode, rank: number): SpatialLayout {
  const axes = Array.from({ length: rank }, (_, i) => i).slice(1);
  if (rank < 3) return { spatial: axes, channel: -1 };
  const channel = hasChannelsFirst(graph, findKind, node.path) ? 1 : rank - 1;
  return { spatial: axes.filter((axis) => axis !== channel), channel };
}

/** Whether a map can be drawn for this output: it has some extent in space or time. */
function hasExtent(graph: Graph, node: GraphNode, shape: MaybeShape, rank: number): boolean {
  if (shape === null || shape.length !== rank || rank < 3) return false;
  return spatialLayout(graph, node, rank).spatial.some((axis) => (shape[axis] ?? 2) > 1);
}

/** Every node that `ref` is computed from, including its own. */
export function ancestors(graph: Graph, ref: TensorRef): Set<string> {
  const found = new Set([ref.node]);
  const waiting = [ref.node];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const input of graph.nodes.get(path)?.inputs ?? []) {
      if (!found.has(input.node)) {
        found.add(input.node);
        waiting.push(input.node);
      }
    }
  }
  return found;
}

/** The nodes at which a class-activation map of an output, or of a layer, makes sense, in the order of the graph. */
export function explainableNodes(graph: Graph, output: number | TensorRef): GraphNode[] {
  const target = typeof output === 'number' ? graph.outputs[output] : output;
  if (!target) return [];
  const before = ancestors(graph, target);
  const ranks = graph.inputs.map((path) => graph.nodes.get(path)?.outputShapes[0]?.length ?? 0);
  const rank = Math.max(0, ...ranks);
  return [...graph.nodes.values()].filter(
    (node) =>
      before.has(node.path) && hasExtent(graph, node, node.outputShapes[0] ?? null, mapRank(node, rank)),
  );
}

/** Token ids have no channel axis; their embedding adds one. */
const mapRank = (node: GraphNode, rank: number): number =>
  rank === 2 ? (node.outputShapes[0]?.length ?? 0) : rank;

/**
 * The default layer (docs/numerics.md): the last output with the input's full spatial rank and a spatial size above 1
 * that is not an input, pooling, padding, dropout or reshaping and changes something; what the score is read from only when there
 * is nothing else.
 * @returns null when no layer keeps an extent.
 */
export function defaultLayer(graph: Graph, output: number | TensorRef): string | null {
  const candidates = explainableNodes(graph, output).filter((node) => {
    const kind = findKind(node.className);
    return !isPassThrough(graph, node) && (kind?.role === undefined || !EXCLUDED_ROLES.has(kind.role));
  });
  const scored = scoredNode(graph, output);
  const inside = candidates.filter((node) => node.path !== scored);
  return (inside.at(-1) ?? candidates.at(-1))?.path ?? null;
}

const scoredNode = (graph: Graph, output: number | TensorRef): string | undefined => {
  if (typeof output !== 'number') return output.node;
  return graph.outputs[output] && findScoreSource(graph, output).ref.node;
};

/** The layers that can be chosen for the first output. */
export function explainableLayers(graph: Graph): ExplainableLayers {
  const [output] = graph.outputs;
  const before = output ? ancestors(graph, output) : new Set<string>();
  const attention = [...graph.nodes.values()].filter(
    ({ path, className }) => before.has(path) && findKind(className)?.attention !== undefined,
  );
  return {
    defaultLayer: defaultLayer(graph, 0),
    attentionLayers: attention.map(({ path }) => path),
    layers: explainableNodes(graph, 0).map(({ path, outputShapes }) => ({
      path,
      shape: outputShapes[0] ?? [],
    })),
  };
}
