import type { GraphNode } from '../graph/graph';
import type { LayerContext, LayerKind, Tensor } from '../layers/kind';
import { withFallback } from '../run/backends/fallback';
import { withLayerErrors } from '../run/layerErrors';
import { computeNode, type NodeValues, type Trace } from '../run/trace';

/** One more call of a layer, on other inputs or with another config. The caller disposes the values. */
export const callLayer = (
  { runtime }: Trace,
  node: GraphNode,
  kind: LayerKind,
  ctx: LayerContext,
  inputs: readonly Tensor[],
): NodeValues => withLayerErrors(node, () => withFallback(runtime, () => computeNode(kind, ctx, inputs)));
