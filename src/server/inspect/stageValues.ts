import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Stage } from '../../shared/view';
import { resolveLayer, spatialLayout } from '../explain/layerChoice';
import { attentionLayer, attentionScores } from '../explain/support/attentionLayers';
import type { GraphNode, TensorRef } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import type { Trace } from '../run/trace';
import { refuseStrings } from './layerValues';

/** One value of a layer, read to the host. */
export interface StageValues {
  readonly ref: TensorRef;
  readonly node: GraphNode;
  readonly stage: Stage;
  /** Batch axis first, where the value has one. */
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  /** Row-major. */
  readonly data: Float32Array | Int32Array | Uint8Array;
  /** The axes of space or time, and that of the channels; -1 where there is none. */
  readonly spatial: readonly number[];
  readonly channel: number;
}

/** The values that a layer has: before its activation, its output, and of an attention layer its weights. */
export function stagesOf(trace: Trace, path: string): Stage[] {
  const ref = resolveLayer(trace.graph, path);
  const node = trace.graph.nodes.get(ref.node);
  const hasPre = ref.output === 0 && trace.at(ref.node).pre !== null;
  const attends = node !== undefined && attentionLayer(node) !== null;
  return [...(hasPre ? (['pre'] as const) : []), 'post', ...(attends ? (['attention'] as const) : [])];
}

/**
 * Reads one value of a layer. Attention weights are [1, heads, queries, keys] of the first example.
 * @throws Failure `no-such-layer`, `unknown-layer`, and `not-applicable` for text and for a stage that the layer does not have.
 */
export async function stageValues(trace: Trace, path: string, stage: Stage): Promise<StageValues> {
  const ref = resolveLayer(trace.graph, path);
  const node = trace.graph.nodes.get(ref.node);
  if (!node) return fail('no-such-layer', l10n.t('The model has no layer "{0}".', path), { subject: path });
  if (stage === 'attention') return attentionWeights(trace, ref, node);
  const values = trace.at(ref.node);
  const tensor = stage === 'post' ? trace.tensorAt(ref) : ref.output === 0 ? values.pre : null;
  if (!tensor) return failNoStage(path, l10n.t('Layer "{0}" has no value before an activation.', path));
  refuseStrings(ref.node, tensor);
  return { ref, node, stage, ...(await read(tensor)), ...spatialLayout(trace.graph, node, tensor.rank) };
}

async function attentionWeights(trace: Trace, ref: TensorRef, node: GraphNode): Promise<StageValues> {
  const layer = attentionLayer(node);
  if (layer === null)
    return failNoStage(node.path, l10n.t('Layer "{0}" is not an attention layer.', node.path));
  const { tf } = trace.runtime;
  const scores = await attentionScores(trace, layer, (each) => tf.expandDims(each, 0));
  try {
    return { ref, node, stage: 'attention', ...(await read(scores)), spatial: [2, 3], channel: 1 };
  } finally {
    scores.dispose();
  }
}

async function read(tensor: Tensor): Promise<Pick<StageValues, 'shape' | 'dtype' | 'data'>> {
  const { shape, dtype } = tensor;
  return {
    shape,
    dtype: dtype === 'int32' || dtype === 'bool' ? dtype : 'float32',
    data: await tensor.data(),
  };
}

const failNoStage = (path: string, message: string): never =>
  fail('not-applicable', message, { subject: path, remedy: l10n.t('Choose its output.') });
