import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Graph, GraphNode, TensorRef } from '../../graph/graph';
import { findKind } from '../../kinds/registry';
import type { AttentionView, Tensor } from '../../layers/kind';
import { withFallback } from '../../run/backends/fallback';
import { withLayerErrors } from '../../run/layerErrors';
import { tidy } from '../../run/tidy';
import { layerContext, type Trace } from '../../run/trace';
import { ancestors } from '../layerChoice';
import { layerPlacement } from '../maps/layerPlacement';
import type { MethodContext } from '../method';

/** A call of an attention layer. */
export interface AttentionLayer {
  readonly node: GraphNode;
  readonly view: AttentionView;
  readonly query: TensorRef;
  readonly key: TensorRef;
  /** The index of the query among the node's inputs. */
  readonly querySlot: number;
}

/** `null` for a layer of another kind, or one that cannot be computed. */
export function attentionLayer(node: GraphNode): AttentionLayer | null {
  const view = findKind(node.className)?.attention;
  if (view === undefined || node.unknownBecause !== undefined) return null;
  const slots = view.slots(node.config, node.call, node.inputs.length);
  const [query, key] = [node.inputs[slots.query], node.inputs[slots.key]];
  return query && key ? { node, view, query, key, querySlot: slots.query } : null;
}

/** The attention layers that a value is computed from, its own included, in the order of the graph. */
export function attentionLayers(graph: Graph, ref: TensorRef): AttentionLayer[] {
  const before = ancestors(graph, ref);
  return [...graph.nodes.values()].flatMap((node) =>
    before.has(node.path) ? (attentionLayer(node) ?? []) : [],
  );
}

/** The last attention layer before the score; null without one. */
export function lastAttention(graph: Graph, scored: number | TensorRef): string | null {
  const ref = typeof scored === 'number' ? graph.outputs[scored] : scored;
  return (ref && attentionLayers(graph, ref).at(-1)?.node.path) ?? null;
}

/** The attention layer that is explained at. @throws Failure `not-applicable` where there is none. */
export function chosenAttention({ trace, layer, scored }: MethodContext): AttentionLayer {
  const { graph } = trace;
  const node = graph.nodes.get(layer ?? '');
  const found = node && attentionLayer(node);
  if (found) return found;
  const all = [...graph.nodes.values()].filter((one) => attentionLayer(one) !== null).map(({ path }) => path);
  if (all.length === 0) {
    return fail('not-applicable', l10n.t('The model has no attention layer, only {0}.', classesOf(graph)), {
      subject: scored.node,
      remedy: l10n.t('Choose Grad-CAM or a gradient method, which explain any model.'),
    });
  }
  const why = node
    ? l10n.t('Layer "{0}" ({1}) is not an attention layer.', node.path, node.className)
    : l10n.t('The explained layer is not an attention layer.');
  return fail('not-applicable', why, {
    subject: node?.path ?? scored.node,
    remedy: l10n.t('Choose one of the attention layers: {0}.', listed(all)),
  });
}

/** Whether query and key are one value, or each is computed from it position by position. */
export const isSelfAttention = (graph: Graph, { query, key }: AttentionLayer): boolean => {
  const [a, b] = [sourceOf(graph, query), sourceOf(graph, key)];
  return a.node === b.node && a.output === b.output;
};

/** The value before the layers that work on each position separately. */
function sourceOf(graph: Graph, ref: TensorRef): TensorRef {
  let at = ref;
  for (let node = graph.nodes.get(at.node); node !== undefined; node = graph.nodes.get(at.node)) {
    const [input, ...others] = node.inputs;
    const isAlone = layerPlacement(node, { input: [1], output: [1] }) === 'same';
    if (input === undefined || others.length > 0 || at.output !== 0 || !isAlone) break;
    at = input;
  }
  return at;
}

const MAX_LISTED = 6;

/** "Conv1D, Dense and 2 others" */
function classesOf(graph: Graph): string {
  const names = [...graph.nodes.values()].map(({ className }) => className);
  return listed([...new Set(names)].filter((name) => name !== 'InputLayer'));
}

function listed(names: readonly string[]): string {
  const shown = names.length > MAX_LISTED ? names.slice(0, MAX_LISTED - 1) : names;
  const rest = names.length - shown.length;
  if (rest > 0) return l10n.t('{0} and {1} others', shown.join(', '), rest);
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : l10n.t('{0} and {1}', shown.slice(0, -1).join(', '), last);
}

/**
 * The scores of a call for the first example, reduced by `reduce` before they leave the backend.
 * @param reduce gets [heads, queries, keys]. @returns its result, which the caller disposes.
 */
export async function attentionScores(
  trace: Trace,
  { node, view }: AttentionLayer,
  reduce: (scores: Tensor) => Tensor,
): Promise<Tensor> {
  trace.at(node.path);
  const inputs = node.inputs.flatMap((ref) => trace.at(ref.node).outputs[ref.output] ?? []);
  const { runtime, weights } = trace;
  const ctx = layerContext(trace, node, await weights.of(node));
  return withLayerErrors(node, () =>
    withFallback(runtime, () =>
      tidy(runtime.tf, () => {
        const scores = view.scores(ctx, inputs);
        return reduce(runtime.tf.squeeze(runtime.tf.slice(scores, 0, 1), [0]));
      }),
    ),
  );
}
