import type { Graph, GraphNode } from './graph';
import type { RuleBook } from './layerRule';

/** How the axes of a value are ordered: [batch, ...space, channels], or [batch, channels, ...space]. */
type ChannelOrder = 'first' | 'last';

/** A value and the order that a layer says it has. */
interface Statement {
  readonly path: string;
  readonly order: ChannelOrder;
}

/** A layer between two values which have the same order, unless it moves the channels. */
interface Neighbour {
  readonly path: string;
  readonly map: (order: ChannelOrder) => ChannelOrder | null;
}

const decided = new WeakMap<Graph, ReadonlyMap<string, ChannelOrder>>();

/**
 * Whether the value of a node or input has its channels before its space. The one place where this is decided: the nearest
 * convolution or pooling counts that is reached, before or behind, through layers that keep the axes or move them in a known
 * way; where there is none, the nearest other layer with a data format (padding, up-sampling, augmentation), else the nearest
 * axis that a layer normalizes. Without any of these the channels are last, as is Keras's default.
 */
export function hasChannelsFirst(graph: Graph, rules: RuleBook, path: string): boolean {
  const orders = decided.get(graph) ?? decide(graph, rules);
  decided.set(graph, orders);
  return orders.get(path) === 'first';
}

function decide(graph: Graph, rules: RuleBook): ReadonlyMap<string, ChannelOrder> {
  const neighbours = neighboursOf(graph, rules);
  const orders = new Map<string, ChannelOrder>();
  for (const statementsOf of [spatialStatements, formatStatements, axisStatements]) {
    const found = new Map<string, ChannelOrder>();
    const waiting: string[] = [];
    const take = ({ path, order }: Statement): void => {
      if (found.has(path)) return;
      found.set(path, order);
      waiting.push(path);
    };
    const statements = [...graph.nodes.values()].flatMap((node) => {
      const order = statementsOf(node, graph, rules);
      return order === null ? [] : [{ node, order }];
    });
    // What a layer makes is as it says, whatever the next one takes it for.
    for (const { node, order } of statements) take({ path: node.path, order });
    for (const { node, order } of statements) {
      const [input] = node.inputs;
      if (input) take({ path: input.node, order });
    }
    // Breadth first from all of them at once: the nearest one decides.
    for (const path of waiting) {
      const order = found.get(path);
      for (const neighbour of neighbours.get(path) ?? []) {
        const mapped = order && neighbour.map(order);
        if (mapped) take({ path: neighbour.path, order: mapped });
      }
    }
    for (const [path, order] of found) if (!orders.has(path)) orders.set(path, order);
  }
  return orders;
}

/** A convolution or a pooling says how its input lies. */
function spatialStatements(node: GraphNode, _graph: Graph, rules: RuleBook): ChannelOrder | null {
  const isSpatial = node.config.has('strides') || rules(node.className)?.role === 'pooling';
  return isSpatial ? formatOf(node) : null;
}

/** Any other layer with a data format. Keras writes one for every Flatten, where hardly anybody chooses it. */
function formatStatements(node: GraphNode, graph: Graph): ChannelOrder | null {
  const [input] = node.inputs;
  return input && rankOf(graph, input.node) === rankOf(graph, node.path) ? formatOf(node) : null;
}

function formatOf({ config }: GraphNode): ChannelOrder | null {
  const format = config.raw('data_format');
  if (format === 'channels_first') return 'first';
  return format === 'channels_last' ? 'last' : null;
}

/** A normalization with weights for each channel names their axis. */
function axisStatements(node: GraphNode, graph: Graph, rules: RuleBook): ChannelOrder | null {
  const rank = rankOf(graph, node.path);
  const raw = node.config.raw('axis');
  const axis: unknown = Array.isArray(raw) && raw.length === 1 ? raw[0] : raw;
  if (typeof axis !== 'number' || rank < 3 || !rules(node.className)?.weights) return null;
  return orderAt(axis < 0 ? axis + rank : axis, rank);
}

function neighboursOf(graph: Graph, rules: RuleBook): ReadonlyMap<string, readonly Neighbour[]> {
  const all = new Map<string, Neighbour[]>();
  const add = (from: string, neighbour: Neighbour): void => {
    const list = all.get(from);
    if (list) list.push(neighbour);
    else all.set(from, [neighbour]);
  };
  for (const node of graph.nodes.values()) {
    const rank = rankOf(graph, node.path);
    const axes = rank < 3 ? null : axesOf(graph, node, rules, rank);
    if (axes === null) continue;
    for (const input of node.inputs) {
      if (rankOf(graph, input.node) !== rank) continue;
      add(input.node, { path: node.path, map: (order) => orderAt(axes.indexOf(axisAt(order, rank)), rank) });
      add(node.path, { path: input.node, map: (order) => orderAt(axes[axisAt(order, rank)] ?? -1, rank) });
    }
  }
  return all;
}

/** For each axis of a node's output the axis of its inputs that it is; `null` where the axes become others. */
function axesOf(graph: Graph, node: GraphNode, rules: RuleBook, rank: number): readonly number[] | null {
  const rule = rules(node.className);
  if (!rule || node.unknownBecause !== undefined) return null;
  if (rule.permutation) {
    const shape = node.inputs[0] && graph.nodes.get(node.inputs[0].node)?.outputShapes[node.inputs[0].output];
    const moved = shape ? rule.permutation(node.config, [shape], node.call) : null;
    if (moved) return moved;
  }
  return rule.role === 'reshaping' && formatOf(node) === null
    ? null
    : Array.from({ length: rank }, (_, axis) => axis);
}

const axisAt = (order: ChannelOrder, rank: number): number => (order === 'first' ? 1 : rank - 1);

function orderAt(axis: number, rank: number): ChannelOrder | null {
  if (axis === 1) return 'first';
  return axis === rank - 1 ? 'last' : null;
}

const rankOf = (graph: Graph, path: string): number => graph.nodes.get(path)?.outputShapes[0]?.length ?? 0;
