import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { TensorRef } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import { type Control, checkpoint } from '../run/control';
import { livenessOf } from '../run/liveness';
import { layerContext, runnableKind, type Trace } from '../run/trace';
import { callLayer } from './callLayer';

/** What is different from the run of a trace. */
export interface Changes {
  /** Outputs of layers that are replaced, by path; they stay the caller's. */
  readonly outputs?: ReadonlyMap<string, Tensor>;
  /** Layers that are left out: their output is their first input. */
  readonly skipped?: ReadonlySet<string>;
  /** Changed weights of layers, by path; they stay the caller's. */
  readonly weights?: ReadonlyMap<string, readonly Tensor[]>;
}

/**
 * The value of one layer under some changes: only the layers between a change and it are computed again. The caller disposes
 * the result.
 * @throws Failure as a run does.
 */
export async function recompute(
  trace: Trace,
  target: TensorRef,
  changes: Changes,
  control: Control,
): Promise<Tensor> {
  const { tf } = trace.runtime;
  const { needed } = livenessOf(trace.graph, new Set([target.node]));
  const fresh = new Map<string, readonly Tensor[]>();
  const valueAt = ({ node, output }: TensorRef): Tensor =>
    (fresh.get(node) ?? trace.at(node).outputs)[output] ??
    fail('internal', l10n.t('Layer "{0}" lost its output {1}.', node, output));
  try {
    for (const node of trace.graph.nodes.values()) {
      if (!needed.has(node.path)) continue;
      const replaced = changes.outputs?.get(node.path);
      const kind = runnableKind(node);
      const changed = changes.weights?.get(node.path);
      const [first] = node.inputs;
      if (replaced) fresh.set(node.path, [tf.clone(replaced)]);
      else if (changes.skipped?.has(node.path) && first) fresh.set(node.path, [tf.clone(valueAt(first))]);
      else if (kind && (changed || node.inputs.some((ref) => fresh.has(ref.node)))) {
        await checkpoint(control, 0, l10n.t('Computing {0} again', node.path));
        const ctx = layerContext(trace, node, changed ?? (await trace.weights.of(node)));
        const inputs = node.inputs.map(valueAt);
        const { pre, outputs, mask } = callLayer(trace, node, kind, ctx, inputs);
        pre?.dispose();
        mask?.dispose();
        fresh.set(node.path, outputs);
      }
      if (node.path === target.node) break;
    }
    return tf.clone(valueAt(target));
  } finally {
    for (const outputs of fresh.values()) for (const tensor of outputs) tensor.dispose();
  }
}
