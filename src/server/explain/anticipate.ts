import { METHODS, type MethodId } from '../../shared/methods';
import type { TensorRef } from '../graph/graph';
import { BackwardWalk } from '../run/backward';
import { NO_CONTROL } from '../run/control';
import type { Trace } from '../run/trace';
import { placesOf } from './places';
import { findScoreSource } from './scoreSource';

/**
 * Tells a backend that computes values only when they are read what an explanation is going to read: the scores, the values of its
 * layers, and what the way back from the scores needs. They are then computed in one run of the model instead of one each.
 * @param layers what is explained; empty for the inputs
 */
export async function anticipate(
  trace: Trace,
  method: MethodId,
  scored: number | TensorRef,
  layers: readonly TensorRef[],
): Promise<void> {
  const { lazy, tf } = trace.runtime;
  if (!lazy) return;
  const { output, ref } =
    typeof scored === 'number' ? findScoreSource(trace.graph, scored) : { output: scored, ref: scored };
  const out = trace.values.get(output.node)?.outputs[output.output];
  const at = trace.values.get(ref.node);
  const pre = ref.output === 0 ? at?.pre : null;
  const value = pre ?? at?.outputs[ref.output];
  if (!out || !value || value.dtype === 'string') return;
  const read = [
    out,
    value,
    ...layers.flatMap((layer) => trace.values.get(layer.node)?.outputs[layer.output] ?? []),
  ];
  const { group } = METHODS[method];
  if (group !== 'Class activation' && group !== 'Gradients') return lazy.computeAlong(async () => read);
  await lazy.computeAlong(async () => {
    const gradient = tf.zeros(value.shape);
    const walk = new BackwardWalk(trace, { ...ref, stage: pre ? 'pre' : 'post', gradient });
    try {
      const ends = layers.length > 0 ? layers : placesOf(trace).map((place) => place.ref);
      for (const end of ends) {
        const found = await walk.at(end.node, end.output, NO_CONTROL);
        if (found) read.push(tf.clone(found));
      }
      return read;
    } finally {
      walk.dispose();
    }
  });
}
