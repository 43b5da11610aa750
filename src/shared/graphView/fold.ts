import { lateOrder } from './order';
import type { ViewEdge, ViewGraph } from './viewGraph';

/** What does not depend on what is unfolded. */
export interface ViewIndex {
  readonly graph: ViewGraph;
  /** By group, in topological order as far as there is one. */
  readonly children: ReadonlyMap<number, readonly number[]>;
  /** The boxes at the top level. */
  readonly top: readonly number[];
  /** How many layers or operations are inside a group, at any depth. */
  readonly inside: Int32Array;
}

export function indexOf(graph: ViewGraph): ViewIndex {
  const { nodes, edges } = graph;
  const place = new Float64Array(nodes.length);
  for (const [at, node] of lateOrder(nodes.length, edges).entries()) place[node] = at;
  // A group comes where its first box does.
  for (const [i, { kind }] of nodes.entries()) if (kind === 'group') place[i] = Number.POSITIVE_INFINITY;
  const inside = new Int32Array(nodes.length);
  for (let i = nodes.length - 1; i >= 0; i -= 1) {
    const node = nodes[i];
    if (node === undefined || node.parent === null) continue;
    const { parent, kind } = node;
    inside[parent] = (inside[parent] ?? 0) + (kind === 'group' ? (inside[i] ?? 0) : 1);
    place[parent] = Math.min(place[parent] ?? 0, place[i] ?? 0);
  }
  const children = new Map<number, number[]>();
  const top: number[] = [];
  for (const [i, { parent }] of nodes.entries()) {
    if (parent === null) top.push(i);
    else {
      const siblings = children.get(parent);
      if (siblings) siblings.push(i);
      else children.set(parent, [i]);
    }
  }
  const byPlace = (a: number, b: number) => (place[a] ?? 0) - (place[b] ?? 0);
  for (const list of [top, ...children.values()]) list.sort(byPlace);
  return { graph, children, top, inside };
}

/** The groups that are unfolded; one inside a folded group does not count until that is unfolded. */
export type Unfolded = ReadonlySet<number>;

/** A connection between two visible boxes, with the values that it carries. */
export interface FoldedEdge {
  readonly from: number;
  readonly to: number;
  readonly values: readonly ViewEdge[];
}

export interface Folded {
  /** Every visible box that is no unfolded group. */
  readonly boxes: readonly number[];
  /** The unfolded groups, outer ones first. */
  readonly frames: readonly number[];
  /** For every node the box that shows it: itself, or the folded group around it. */
  readonly shownBy: Int32Array;
  readonly edges: readonly FoldedEdge[];
}

export function fold({ graph }: ViewIndex, unfolded: Unfolded): Folded {
  const { nodes, edges } = graph;
  const shownBy = new Int32Array(nodes.length);
  const boxes: number[] = [];
  const frames: number[] = [];
  for (const [i, { parent, kind }] of nodes.entries()) {
    const around = parent === null ? null : (shownBy[parent] ?? parent);
    shownBy[i] = around === null || (around === parent && unfolded.has(parent)) ? i : around;
    if (shownBy[i] !== i) continue;
    if (kind === 'group' && unfolded.has(i)) frames.push(i);
    else boxes.push(i);
  }
  const merged = new Map<number, { from: number; to: number; values: ViewEdge[] }>();
  for (const edge of edges) {
    const [from, to] = [shownBy[edge.from] ?? 0, shownBy[edge.to] ?? 0];
    if (from === to) continue;
    const key = from * nodes.length + to;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { from, to, values: [edge] });
    else if (!known.values.some((value) => value.from === edge.from && value.output === edge.output)) {
      known.values.push(edge);
    }
  }
  return { boxes, frames, shownBy, edges: [...merged.values()] };
}

/** A graph of at most this many boxes is shown without folding. */
const MAX_OPEN = 60;
/** Fewer boxes than this say nothing about a model: one more depth is unfolded, unless that gives more than the second number. */
const TOO_FEW = 6;
const MAX_FIRST = 400;

/** What is unfolded at first: whole depths, so that equal groups look alike, as long as the graph stays small. */
export function unfoldedAtFirst({ graph, children }: ViewIndex): Set<number> {
  const depth = depths(graph);
  const deepest = depth.reduce((most, one) => Math.max(most, one), 0);
  const unfolded = new Set<number>();
  let shown = graph.nodes.filter(({ parent }) => parent === null).length;
  for (let level = 0; level <= deepest; level += 1) {
    const groups = [...children.keys()].filter((group) => depth[group] === level);
    const next = groups.reduce((sum, group) => sum + (children.get(group)?.length ?? 0) - 1, shown);
    if (next > MAX_OPEN && !(shown < TOO_FEW && next <= MAX_FIRST)) break;
    for (const group of groups) unfolded.add(group);
    shown = next;
  }
  return unfolded;
}

/** Every group. */
export const allGroups = ({ children }: ViewIndex): Set<number> => new Set(children.keys());

/** The groups around a node, outer ones first. */
export function groupsAround({ nodes }: ViewGraph, node: number): number[] {
  const groups: number[] = [];
  for (let at = nodes[node]?.parent ?? null; at !== null; at = nodes[at]?.parent ?? null) groups.unshift(at);
  return groups;
}

/** How many groups are around each node. */
export function depths({ nodes }: ViewGraph): Int32Array {
  const depth = new Int32Array(nodes.length);
  for (const [i, { parent }] of nodes.entries()) depth[i] = parent === null ? 0 : (depth[parent] ?? 0) + 1;
  return depth;
}
