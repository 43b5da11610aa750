import type { GraphNode, TensorRef } from '../graph';

/** What feeds what, by path, masks left out: they only travel along. */
export interface Flow {
  readonly sources: ReadonlyMap<string, readonly string[]>;
  readonly takers: ReadonlyMap<string, readonly string[]>;
  /** Topological, and where each node stands in it. */
  readonly order: readonly string[];
  readonly position: ReadonlyMap<string, number>;
}

/** One call of a model: the nodes whose paths start with `prefix` (`embed@2/`, '' for the whole file). */
export interface Piece {
  readonly prefix: string;
  readonly outputs: readonly TensorRef[];
}

/** A model that gives thousands of outputs is looked at from its last ones. */
const MAX_OUTPUTS = 32;

/** @param nodes in topological order. */
export function flowOf(nodes: ReadonlyMap<string, GraphNode>): Flow {
  const sources = new Map<string, readonly string[]>();
  const takers = new Map<string, string[]>();
  const position = new Map<string, number>();
  for (const [path, { inputs, call }] of nodes) {
    const mask = maskSlot(call.kwargs.mask);
    const from = [...new Set(inputs.filter((_, i) => i !== mask).map((ref) => ref.node))];
    position.set(path, position.size);
    sources.set(path, from);
    for (const source of from) {
      const list = takers.get(source);
      if (list) list.push(path);
      else takers.set(source, [path]);
    }
  }
  return { sources, takers, order: [...nodes.keys()], position };
}

function maskSlot(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('input' in value)) return null;
  return typeof value.input === 'number' ? value.input : null;
}

/**
 * What a model with several outputs leaves out: an output from inside one of several parallel branches has only seen that
 * one. Says where the branches part and, where that is in the file, where they meet; only what its graph proves.
 * @returns one sentence about the last such output, `null` where every output has seen all that comes before what follows it.
 */
export function cutNotice(flow: Flow, piece: Piece): string | null {
  if (piece.outputs.length < 2) return null;
  const view = new View(flow, piece.prefix);
  const first = Math.max(0, piece.outputs.length - MAX_OUTPUTS);
  const examined = piece.outputs
    .map(({ node }, index) => ({ node, index }))
    .slice(first)
    .reverse()
    .map((output): Output => ({ ...output, after: view.reach(flow.takers, [output.node]) }));
  for (const output of examined) {
    const sentence = view.beforeMeeting(output);
    if (sentence !== null) return sentence;
  }
  return view.neverMeeting(examined);
}

interface Output {
  readonly node: string;
  readonly index: number;
  /** It and everything inside that depends on it. */
  readonly after: ReadonlySet<string>;
}

/** The nodes of one call of a model. */
class View {
  constructor(
    private readonly flow: Flow,
    private readonly prefix: string,
  ) {}

  /** For an output in the middle: the first layer after it where another branch joins that parted before it. */
  beforeMeeting(output: Output): string | null {
    const { after, node } = output;
    if (after.size === 1) return null;
    const before = this.reach(this.flow.sources, [node]);
    // What shares a layer before it with this output: found once, not anew for each join.
    const related = this.reach(this.flow.takers, before);
    for (const join of this.inOrder(after).slice(1)) {
      for (const source of this.flow.sources.get(join) ?? []) {
        if (after.has(source) || !related.has(source)) continue;
        const other = this.reach(this.flow.sources, [source]);
        const parting = this.parting(before, other);
        if (parting === null) continue;
        const branch = this.branch(parting, other, before);
        return `${this.naming(output)} leaves out ${branch}; both meet at ${this.local(join)}.`;
      }
    }
    return null;
  }

  /**
   * For a model that was cut: it gives the values of layers in its middle, and it ends in branches that part at a layer and
   * do not meet. Two heads that are the only outputs are no cut.
   */
  neverMeeting(outputs: readonly Output[]): string | null {
    const given = new Set(outputs.map(({ node }) => node));
    const isEnd = ({ node, after }: Output): boolean =>
      [...given].every((other) => other === node || !after.has(other));
    const isInput = ({ node }: Output): boolean =>
      !(this.flow.sources.get(node) ?? []).some((source) => this.isInside(source));
    const [last, ...others] = outputs.filter(isEnd);
    if (last === undefined || !outputs.some((output) => !isEnd(output) && !isInput(output))) return null;
    const before = this.reach(this.flow.sources, [last.node]);
    for (const end of others) {
      if (end.node === last.node) continue;
      const other = this.reach(this.flow.sources, [end.node]);
      const parting = this.parting(before, other);
      if (parting === null) continue;
      const branch = this.branch(parting, other, before);
      return `${this.naming(last)} leaves out ${branch}, which ends in output ${end.index}; they part at ${this.local(parting)} and do not meet in this model.`;
    }
    return null;
  }

  /** Everything inside that is reached from some nodes, with the nodes. */
  reach(edges: Flow['takers'], from: Iterable<string>): ReadonlySet<string> {
    const seen = new Set(from);
    const waiting = [...seen];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const neighbour of edges.get(next) ?? []) {
        if (seen.has(neighbour) || !this.isInside(neighbour)) continue;
        seen.add(neighbour);
        waiting.push(neighbour);
      }
    }
    return seen;
  }

  /** The last layer that two branches have in common. */
  private parting(one: ReadonlySet<string>, other: ReadonlySet<string>): string | null {
    return this.inOrder([...one].filter((node) => other.has(node))).at(-1) ?? null;
  }

  /** The way from where it parts to the end of `other`, in text. */
  private branch(parting: string, other: ReadonlySet<string>, before: ReadonlySet<string>): string {
    const behind = this.reach(this.flow.takers, [parting]);
    const own = this.inOrder([...other].filter((node) => behind.has(node) && !before.has(node)));
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return `the shortcut from ${this.local(parting)}`;
    return first === last
      ? `the parallel branch ${this.local(first)}`
      : `the parallel branch ${this.local(first)} … ${this.local(last)}`;
  }

  private inOrder(nodes: Iterable<string>): string[] {
    const at = (node: string): number => this.flow.position.get(node) ?? 0;
    return [...nodes].sort((a, b) => at(a) - at(b));
  }

  private naming({ node, index }: Output): string {
    return `Output ${index} (${this.local(node)})`;
  }

  private isInside(node: string): boolean {
    return node.startsWith(this.prefix);
  }

  private local(node: string): string {
    return node.slice(this.prefix.length);
  }
}
