import { Failure } from '../../shared/errors';
import type { LayerRow } from '../../shared/model';
import { activationBytesOf, sumOf } from './cost';
import type { GraphNode, ModelCall, TensorRef } from './graph';
import type { LayerRule } from './layerRule';
import type { LayerParameters } from './parameters';

/** What a row states that is not known from its node or model call alone. */
export interface RowContext extends Pick<LayerRow, 'name' | 'parent' | 'dtype' | 'calls'> {
  readonly inbound: readonly TensorRef[];
  readonly parameters: LayerParameters;
}

/** The row of a node. @param rule of its class; left out where it has no activation to name. */
export function nodeRow(node: GraphNode, context: RowContext, rule: LayerRule | undefined): LayerRow {
  const { name, parent, dtype, calls, inbound, parameters } = context;
  return {
    path: node.path,
    name,
    className: node.className,
    outputShapes: node.outputShapes,
    multiplyAdds: node.multiplyAdds,
    activationBytes: activationBytesOf(node.outputShapes),
    ...inboundOf(inbound),
    activation: activationOf(node, rule),
    parent,
    isModel: false,
    dtype,
    status: node.known ? 'known' : 'unknown',
    ...(node.unknownBecause === undefined ? {} : { unknownBecause: node.unknownBecause }),
    calls,
    ...(node.notice === undefined ? {} : { notice: node.notice }),
    ...parameters,
  };
}

/**
 * The row of a nested model or name scope.
 * @param nodes of the whole graph.
 * @param inner the rows inside it, at every depth.
 */
export function modelRow(
  { path, outputs }: ModelCall,
  nodes: ReadonlyMap<string, GraphNode>,
  inner: readonly LayerRow[],
  context: RowContext & { readonly className: string; readonly notice?: string | null },
): LayerRow {
  const { name, className, parent, dtype, calls, inbound, parameters, notice = null } = context;
  const children = inner.filter((row) => row.parent === path);
  const unknownBecause = outputs.map((ref) => nodes.get(ref.node)?.unknownBecause).find(Boolean);
  return {
    path,
    name,
    className,
    outputShapes: outputs.map((ref) => nodes.get(ref.node)?.outputShapes[ref.output] ?? null),
    multiplyAdds: sumOf(children.map((row) => row.multiplyAdds)),
    activationBytes: sumOf(children.map((row) => row.activationBytes)),
    ...inboundOf(inbound),
    activation: null,
    parent,
    isModel: true,
    outputOrigins: outputs.map((ref) => ({ path: ref.node, index: ref.output })),
    dtype,
    status: 'known',
    ...(unknownBecause === undefined ? {} : { unknownBecause }),
    calls,
    ...(notice === null ? {} : { notice }),
    ...parameters,
  };
}

const inboundOf = (inbound: readonly TensorRef[]): Pick<LayerRow, 'inbound' | 'inboundOutputs'> => ({
  inbound: inbound.map((ref) => ref.node),
  inboundOutputs: inbound.map((ref) => ref.output),
});

/** `null` for a config that the rule refuses: the notice of the node says so. */
function activationOf(node: GraphNode, rule: LayerRule | undefined): string | null {
  try {
    return rule?.activationName?.(node.config, node.call) ?? null;
  } catch (thrown) {
    if (thrown instanceof Failure) return null;
    throw thrown;
  }
}
