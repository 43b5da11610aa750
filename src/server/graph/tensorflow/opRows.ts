import type { LayerRow } from '../../../shared/model';
import type { GraphNode, ModelCall, TensorRef } from '../graph';
import { modelRow, nodeRow } from '../layerRows';
import { parameterColumns } from '../parameters';
import { OP_PREFIX } from './opAttributes';
import type { OpNodes } from './opNodes';
import type { OpRuleLookup } from './opRule';
import type { Scope } from './scopes';

/** The rows of a graph of operations, name scopes as its nested models. */
export class OpRows {
  readonly scopes: ReadonlyMap<string, ModelCall>;

  constructor(
    private readonly ops: OpNodes,
    private readonly root: Scope,
    outputs: readonly TensorRef[],
    private readonly rules: OpRuleLookup,
  ) {
    this.scopes = scopeCalls(ops.nodes, root, outputs);
  }

  all(): LayerRow[] {
    return this.rowsIn(this.root, null);
  }

  private rowsIn({ children }: Scope, parent: string | null): LayerRow[] {
    return children.flatMap((child): LayerRow[] => {
      if (typeof child !== 'string') {
        const inner = this.rowsIn(child, child.path);
        return [...this.scopeRow(child.path, parent, inner), ...inner];
      }
      const node = this.ops.nodes.get(child);
      return node ? [this.row(node, parent)] : [];
    });
  }

  private row(node: GraphNode, parent: string | null): LayerRow {
    const { path, inputs, className } = node;
    const rule =
      node.unknownBecause === undefined ? this.rules(className.slice(OP_PREFIX.length)) : undefined;
    const context = {
      name: nameWithin(path, parent),
      parent,
      dtype: this.ops.dtypeOf(path),
      calls: 1,
      inbound: inputs,
      parameters: parameterColumns(this.ops.weightsOf(path)),
    };
    return nodeRow(node, context, rule);
  }

  private scopeRow(path: string, parent: string | null, inner: readonly LayerRow[]): LayerRow[] {
    const scope = this.scopes.get(path);
    if (!scope) return [];
    const operations = inner.filter((row) => !row.isModel);
    const context = {
      name: nameWithin(path, parent),
      className: 'scope',
      parent,
      dtype: this.ops.dtypeOf(scope.outputs[0]?.node ?? ''),
      calls: 1,
      inbound: scope.inputs,
      parameters: {
        params: operations.reduce((sum, row) => sum + row.params, 0),
        trainableParams: operations.reduce((sum, row) => sum + row.trainableParams, 0),
      },
    };
    return [modelRow(scope, this.ops.nodes, inner, context)];
  }
}

/** The part of a name that the scope around it does not repeat. */
const nameWithin = (path: string, parent: string | null): string =>
  parent !== null && path.startsWith(`${parent}/`) ? path.slice(parent.length + 1) : path;

/**
 * The scopes as calls of models. The output of one is the value that operations outside take from it: that of its last
 * operation with a consumer outside.
 */
function scopeCalls(
  nodes: ReadonlyMap<string, GraphNode>,
  root: Scope,
  outputs: readonly TensorRef[],
): Map<string, ModelCall> {
  const members = new Map<string, Set<string>>();
  for (const child of root.children) collect(child, [], members);
  const consumers = new Map<string, string[]>();
  for (const { path, inputs } of nodes.values()) {
    for (const ref of inputs) {
      const list = consumers.get(ref.node);
      if (list) list.push(path);
      else consumers.set(ref.node, [path]);
    }
  }
  const isOutput = new Set(outputs.map((ref) => ref.node));
  const calls = new Map<string, ModelCall>();
  for (const [path, inside] of members) {
    const isTakenOutside = (name: string): boolean =>
      isOutput.has(name) || (consumers.get(name) ?? []).some((consumer) => !inside.has(consumer));
    const last = [...inside].findLast(isTakenOutside) ?? [...inside].at(-1) ?? path;
    const taken = [...inside]
      .flatMap((name) => nodes.get(name)?.inputs ?? [])
      .filter((ref) => !inside.has(ref.node));
    const inputs = [...new Map(taken.map((ref) => [`${ref.node}:${ref.output}`, ref])).values()];
    calls.set(path, { path, layerPath: path, inputs, outputs: [{ node: last, output: 0 }] });
  }
  return calls;
}

/** The operations in every scope, in order, however deep. */
function collect(
  child: string | Scope,
  around: readonly Set<string>[],
  members: Map<string, Set<string>>,
): void {
  if (typeof child === 'string') {
    for (const scope of around) scope.add(child);
    return;
  }
  const own = new Set<string>();
  members.set(child.path, own);
  for (const inner of child.children) collect(inner, [...around, own], members);
}
