import type { Graph } from '../graph/graph';

/** Which nodes a run computes if it keeps only some values, and when each value can be released. */
export interface Liveness {
  /** The kept nodes and everything that they are computed from. */
  readonly needed: ReadonlySet<string>;
  /** By node, the nodes whose values are no longer needed once it is computed. */
  readonly released: ReadonlyMap<string, readonly string[]>;
}

/**
 * @param keep the nodes whose values are kept to the end.
 * @param given nodes whose values are given, so that nothing is needed for them.
 */
export function livenessOf(
  graph: Graph,
  keep: ReadonlySet<string>,
  given: ReadonlySet<string> = new Set(),
): Liveness {
  const needed = new Set<string>();
  const lastUse = new Map<string, string>();
  for (const node of [...graph.nodes.values()].reverse()) {
    if (!keep.has(node.path) && !lastUse.has(node.path)) continue;
    needed.add(node.path);
    if (given.has(node.path)) continue;
    for (const { node: path } of node.inputs) if (!lastUse.has(path)) lastUse.set(path, node.path);
  }
  const released = new Map<string, string[]>();
  for (const [path, user] of lastUse) {
    if (keep.has(path)) continue;
    const gone = released.get(user);
    if (gone) gone.push(path);
    else released.set(user, [path]);
  }
  return { needed, released };
}

/** Peak bytes of the values that such a run keeps. @param bytesOf bytes of the values of one node. */
export function peakBytes(
  graph: Graph,
  { needed, released }: Liveness,
  bytesOf: (path: string) => number,
): number {
  let [held, peak] = [0, 0];
  for (const path of graph.nodes.keys()) {
    if (!needed.has(path)) continue;
    held += bytesOf(path);
    peak = Math.max(peak, held);
    for (const gone of released.get(path) ?? []) held -= bytesOf(gone);
  }
  return peak;
}
