import * as l10n from '@vscode/l10n';
import type { GraphNode, TensorRef } from '../graph';

/** Which node feeds which, by path. Masks are left out: they carry no values of the model. */
export interface DataFlow {
  readonly sources: ReadonlyMap<string, readonly string[]>;
  readonly consumers: ReadonlyMap<string, readonly string[]>;
  /** Paths in topological order, and the position of each in it. */
  readonly order: readonly string[];
  readonly position: ReadonlyMap<string, number>;
}

/** One call of a model: the nodes whose paths start with `prefix` (`embed@2/`, '' for the whole file). */
export interface ModelView {
  readonly prefix: string;
  readonly outputs: readonly TensorRef[];
}

/** Of a model with thousands of outputs only the last ones are examined. */
const MAX_OUTPUTS = 32;

/** @param nodes in topological order. */
export function dataFlowOf(nodes: ReadonlyMap<string, GraphNode>): DataFlow {
  const sources = new Map<string, readonly string[]>();
  const consumers = new Map<string, string[]>();
  const position = new Map<string, number>();
  for (const [path, { inputs, call }] of nodes) {
    const mask = maskInput(call.kwargs.mask);
    const from = [...new Set(inputs.filter((_, i) => i !== mask).map((ref) => ref.node))];
    position.set(path, position.size);
    sources.set(path, from);
    for (const source of from) {
      const list = consumers.get(source);
      if (list) list.push(path);
      else consumers.set(source, [path]);
    }
  }
  return { sources, consumers, order: [...nodes.keys()], position };
}

/** Position of the mask among a node's inputs. */
function maskInput(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('input' in value)) return null;
  return typeof value.input === 'number' ? value.input : null;
}

/**
 * Which branch an output of a model with several outputs leaves out: an output inside one of several parallel branches does
 * not depend on the others. The sentence names where the branches part and, where that is in the file, where they meet.
 * @returns one sentence about the last such output, `null` where no output leaves out a branch.
 */
export function skippedBranchNotice(flow: DataFlow, view: ModelView): string | null {
  if (view.outputs.length < 2) return null;
  const finder = new BranchFinder(flow, view.prefix);
  const first = Math.max(0, view.outputs.length - MAX_OUTPUTS);
  const examined = view.outputs
    .map(({ node }, index) => ({ node, index }))
    .slice(first)
    .reverse()
    .map((output): Output => ({ ...output, after: finder.reach(flow.consumers, [output.node]) }));
  for (const output of examined) {
    const sentence = finder.skippedBefore(output);
    if (sentence !== null) return sentence;
  }
  return finder.skippedForGood(examined);
}

interface Output {
  readonly node: string;
  readonly index: number;
  /** The output and every node inside the model that depends on it. */
  readonly after: ReadonlySet<string>;
}

/** Searches the nodes of one call of a model. */
class BranchFinder {
  constructor(
    private readonly flow: DataFlow,
    private readonly prefix: string,
  ) {}

  /** For an output in the middle: the branch that parts before it and joins first after it. */
  skippedBefore(output: Output): string | null {
    const { after, node } = output;
    if (after.size === 1) return null;
    const before = this.reach(this.flow.sources, [node]);
    // The nodes that share an earlier layer with this output: found once, not for each join.
    const related = this.reach(this.flow.consumers, before);
    for (const join of this.inOrder(after).slice(1)) {
      for (const source of this.flow.sources.get(join) ?? []) {
        if (after.has(source) || !related.has(source)) continue;
        const other = this.reach(this.flow.sources, [source]);
        const parting = this.partingOf(before, other);
        if (parting === null) continue;
        const branch = this.branch(parting, other, before);
        return l10n.t(
          'Output {0} ({1}) leaves out {2}; both meet at {3}.',
          output.index,
          this.local(output.node),
          branch,
          this.local(join),
        );
      }
    }
    return null;
  }

  /**
   * For a truncated model: it has outputs in its middle, and it ends in branches that part at a layer and do not meet. Two
   * heads that are the only outputs do not count.
   */
  skippedForGood(outputs: readonly Output[]): string | null {
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
      const parting = this.partingOf(before, other);
      if (parting === null) continue;
      const branch = this.branch(parting, other, before);
      return l10n.t(
        'Output {0} ({1}) leaves out {2}, which ends in output {3}; they part at {4} and do not meet in this model.',
        last.index,
        this.local(last.node),
        branch,
        end.index,
        this.local(parting),
      );
    }
    return null;
  }

  /** The given nodes and every node inside the model that is reached from them. */
  reach(edges: DataFlow['consumers'], from: Iterable<string>): ReadonlySet<string> {
    const seen = new Set(from);
    const pending = [...seen];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const neighbour of edges.get(next) ?? []) {
        if (seen.has(neighbour) || !this.isInside(neighbour)) continue;
        seen.add(neighbour);
        pending.push(neighbour);
      }
    }
    return seen;
  }

  /** The last layer that two branches have in common. */
  private partingOf(one: ReadonlySet<string>, other: ReadonlySet<string>): string | null {
    return this.inOrder([...one].filter((node) => other.has(node))).at(-1) ?? null;
  }

  /** The branch from where it parts to the end of `other`, as text. */
  private branch(parting: string, other: ReadonlySet<string>, before: ReadonlySet<string>): string {
    const downstream = this.reach(this.flow.consumers, [parting]);
    const own = this.inOrder([...other].filter((node) => downstream.has(node) && !before.has(node)));
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined)
      return l10n.t('the shortcut from {0}', this.local(parting));
    return first === last
      ? l10n.t('the parallel branch {0}', this.local(first))
      : l10n.t('the parallel branch {0} … {1}', this.local(first), this.local(last));
  }

  private inOrder(nodes: Iterable<string>): string[] {
    const at = (node: string): number => this.flow.position.get(node) ?? 0;
    return [...nodes].sort((a, b) => at(a) - at(b));
  }

  private isInside(node: string): boolean {
    return node.startsWith(this.prefix);
  }

  private local(node: string): string {
    return node.slice(this.prefix.length);
  }
}
