/** Orders of directed graphs whose nodes are numbered from 0. Without recursion: a chain may have 100,000 nodes. */

export interface Link {
  readonly from: number;
  readonly to: number;
}

/** For each node, the nodes at the other ends of its links, each once. */
export function neighbours(count: number, links: readonly Link[], side: 'from' | 'to'): readonly number[][] {
  const lists: Set<number>[] = Array.from({ length: count }, () => new Set());
  for (const { from, to } of links) {
    if (side === 'to') lists[from]?.add(to);
    else lists[to]?.add(from);
  }
  return lists.map((list) => [...list]);
}

/** The links that close a cycle, found depth first from the lowest node: without them, or with them reversed, there is none. */
export function cycleLinks(count: number, links: readonly Link[]): ReadonlySet<Link> {
  const outgoing: Link[][] = Array.from({ length: count }, () => []);
  for (const link of links) outgoing[link.from]?.push(link);
  const state = new Uint8Array(count);
  const closing = new Set<Link>();
  for (let root = 0; root < count; root += 1) {
    if (state[root] !== 0) continue;
    const path = [{ node: root, next: 0 }];
    state[root] = 1;
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const link = outgoing[top.node]?.[top.next];
      top.next += 1;
      if (link === undefined) {
        state[top.node] = 2;
        path.pop();
      } else if (state[link.to] === 1) closing.add(link);
      else if (state[link.to] === 0) {
        state[link.to] = 1;
        path.push({ node: link.to, next: 0 });
      }
    }
  }
  return closing;
}

/** A topological order of a graph without cycles in which a source comes as late as its first consumer allows. */
export function lateOrder(count: number, links: readonly Link[]): number[] {
  const before = neighbours(count, links, 'from');
  const after = neighbours(count, links, 'to');
  const order: number[] = [];
  const seen = new Uint8Array(count);
  for (let sink = 0; sink < count; sink += 1) {
    if ((after[sink]?.length ?? 0) > 0 || seen[sink] === 1) continue;
    const path = [{ node: sink, next: 0 }];
    seen[sink] = 1;
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const source = before[top.node]?.[top.next];
      top.next += 1;
      if (source === undefined) {
        order.push(top.node);
        path.pop();
      } else if (seen[source] === 0) {
        seen[source] = 1;
        path.push({ node: source, next: 0 });
      }
    }
  }
  return order;
}

/** The number of the connected component of each node, from 0, in the order of their first nodes. */
export function components(
  count: number,
  links: readonly Link[],
): { readonly of: Int32Array; readonly count: number } {
  const root = Int32Array.from({ length: count }, (_, node) => node);
  const find = (node: number): number => {
    let at = node;
    for (let up = root[at] ?? at; up !== at; up = root[at] ?? at) {
      root[at] = root[up] ?? up;
      at = up;
    }
    return at;
  };
  for (const { from, to } of links) {
    const [a, b] = [find(from), find(to)];
    root[Math.max(a, b)] = Math.min(a, b);
  }
  const numbers = new Map<number, number>();
  const of = Int32Array.from({ length: count }, (_, node) => {
    const found = find(node);
    const number = numbers.get(found) ?? numbers.size;
    numbers.set(found, number);
    return number;
  });
  return { of, count: numbers.size };
}

/** Maximal chains: each node but the last has one successor, of which it is the only predecessor. Every node is in one. */
export function chains(count: number, links: readonly Link[]): number[][] {
  const before = neighbours(count, links, 'from');
  const after = neighbours(count, links, 'to');
  const nextOf = (node: number): number | undefined => {
    const [next, ...others] = after[node] ?? [];
    return next !== undefined && others.length === 0 && before[next]?.length === 1 ? next : undefined;
  };
  const isInner = new Uint8Array(count);
  for (let node = 0; node < count; node += 1) {
    const next = nextOf(node);
    if (next !== undefined) isInner[next] = 1;
  }
  const found: number[][] = [];
  for (let node = 0; node < count; node += 1) {
    if (isInner[node] === 1) continue;
    const chain = [node];
    for (let next = nextOf(node); next !== undefined; next = nextOf(next)) chain.push(next);
    found.push(chain);
  }
  return found;
}
