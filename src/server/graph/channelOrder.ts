import type { Graph, GraphNode } from './graph';
import type { RuleLookup } from './layerRule';

/** The order of a value's axes: [batch, ...space, channels] for 'last', [batch, channels, ...space] for 'first'. */
type ChannelOrder = 'first' | 'last';

/** A value and the order that a layer's config states for it. */
interface Statement {
  readonly path: string;
  readonly order: ChannelOrder;
}

/** A value on the other side of a layer, with what the layer does to the order. */
interface Neighbour {
  readonly path: string;
  readonly map: (order: ChannelOrder) => ChannelOrder | null;
}

const ordersByGraph = new WeakMap<Graph, ReadonlyMap<string, ChannelOrder>>();

/**
 * Whether the value of a node or input has its channels before its spatial axes. This is the only place that decides it.
 * The nearest convolution or pooling layer decides, upstream or downstream, as long as the layers in between keep the axes or
 * move them in a known way. Without one, the nearest other layer with a data format decides (padding, up-sampling,
 * augmentation), then the nearest layer that normalizes an axis. Otherwise the channels are last, Keras's default.
 */
export function hasChannelsFirst(graph: Graph, rules: RuleLookup, path: string): boolean {
  const orders = ordersByGraph.get(graph) ?? decideOrders(graph, rules);
  ordersByGraph.set(graph, orders);
  return orders.get(path) === 'first';
}

function decideOrders(graph: Graph, rules: RuleLookup): ReadonlyMap<string, ChannelOrder> {
  const neighbours = neighboursOf(graph, rules);
  const orders = new Map<string, ChannelOrder>();
  for (const statementsOf of [spatialStatements, formatStatements, axisStatements]) {
    const found = new Map<string, ChannelOrder>();
    const queue: string[] = [];
    const record = ({ path, order }: Statement): void => {
      if (found.has(path)) return;
      found.set(path, order);
      queue.push(path);
    };
    const statements = [...graph.nodes.values()].flatMap((node) => {
      const order = statementsOf(node, graph, rules);
      return order === null ? [] : [{ node, order }];
    });
    // A layer's own statement about its output takes precedence over that of the next layer about its input.
    for (const { node, order } of statements) record({ path: node.path, order });
    for (const { node, order } of statements) {
      const [input] = node.inputs;
      if (input) record({ path: input.node, order });
    }
    // Breadth first from all statements together: the nearest one decides.
    for (const path of queue) {
      const order = found.get(path);
      for (const neighbour of neighbours.get(path) ?? []) {
        const mapped = order && neighbour.map(order);
        if (mapped) record({ path: neighbour.path, order: mapped });
      }
    }
    for (const [path, order] of found) if (!orders.has(path)) orders.set(path, order);
  }
  return orders;
}

/** The data format of a convolution or pooling layer. */
function spatialStatements(node: GraphNode, _graph: Graph, rules: RuleLookup): ChannelOrder | null {
  const isSpatial = node.config.has('strides') || rules(node.className)?.role === 'pooling';
  return isSpatial ? formatOf(node) : null;
}

/** The data format of any other layer that keeps the rank: Keras writes one for every Flatten, where it is rarely set on purpose. */
function formatStatements(node: GraphNode, graph: Graph): ChannelOrder | null {
  const [input] = node.inputs;
  return input && rankOf(graph, input.node) === rankOf(graph, node.path) ? formatOf(node) : null;
}

function formatOf({ config }: GraphNode): ChannelOrder | null {
  const format = config.raw('data_format');
  if (format === 'channels_first') return 'first';
  return format === 'channels_last' ? 'last' : null;
}

/** A normalization layer with weights per channel names their axis. */
function axisStatements(node: GraphNode, graph: Graph, rules: RuleLookup): ChannelOrder | null {
  const rank = rankOf(graph, node.path);
  const raw = node.config.raw('axis');
  const axis: unknown = Array.isArray(raw) && raw.length === 1 ? raw[0] : raw;
  if (typeof axis !== 'number' || rank < 3 || !rules(node.className)?.weights) return null;
  return orderAt(axis < 0 ? axis + rank : axis, rank);
}

function neighboursOf(graph: Graph, rules: RuleLookup): ReadonlyMap<string, readonly Neighbour[]> {
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

/** For each axis of a node's output, the axis of its inputs that it comes from; `null` where axes are merged or split. */
function axesOf(graph: Graph, node: GraphNode, rules: RuleLookup, rank: number): readonly number[] | null {
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
