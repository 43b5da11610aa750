import { METHODS, type MethodId } from '../../shared/methods';
import type { Graph, TensorRef } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import { BackwardWalk } from '../run/backward';
import { NO_CONTROL } from '../run/control';
import type { Trace } from '../run/trace';
import { placesOf } from './places';
import { findScoreSource, type ScoreSource } from './scoreSource';

/** Multiply-adds in one pass that cannot be stopped: about half a second on two cores. */
const MAX_UNINTERRUPTED = 6e10;

/**
 * How many examples a pass that cannot be stopped may compute; 0 where one takes too long.
 * @param known nodes that are not computed again
 * @param more multiply-adds of each beside the others
 */
export function uninterruptedExamples({ nodes }: Graph, known?: ReadonlySet<string>, more = 0): number {
  let perExample = 1 + more;
  for (const node of nodes.values()) if (!known?.has(node.path)) perExample += node.multiplyAdds ?? 0;
  return Math.floor(MAX_UNINTERRUPTED / perExample);
}

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
  if (!trace.runtime.lazy) return;
  const source =
    typeof scored === 'number' ? findScoreSource(trace.graph, scored) : { output: scored, ref: scored };
  const { group } = METHODS[method];
  const goesBack = group === 'Class activation' || group === 'Gradients';
  const ends = layers.length > 0 ? layers : placesOf(trace).map(({ ref }) => ref);
  await anticipateRead(trace, source, ends, goesBack ? ends : []);
}

/**
 * Computes what the way back from the first output to the inputs needs of the forward pass, so that a question about another layer, class
 * or method on the same input takes the way back only. For a moment in which nobody waits.
 */
export async function computeForWayBack(trace: Trace): Promise<void> {
  if (!trace.runtime.lazy || uninterruptedExamples(trace.graph) === 0) return;
  await anticipateRead(
    trace,
    findScoreSource(trace.graph, 0),
    [],
    placesOf(trace).map(({ ref }) => ref),
    true,
  );
}

/**
 * As `anticipate`, for one pass.
 * @param read values that are read beside the scores
 * @param ends where gradients are read
 * @param isNow computes the values at once, but for the scores and `read`
 */
export async function anticipateRead(
  trace: Trace,
  { output, ref }: Pick<ScoreSource, 'output' | 'ref'>,
  read: readonly TensorRef[],
  ends: readonly TensorRef[],
  isNow = false,
): Promise<void> {
  const { lazy, tf } = trace.runtime;
  const tensorOf = ({ node, output: at }: TensorRef): Tensor | undefined =>
    trace.values.get(node)?.outputs[at];
  const out = tensorOf(output);
  const pre = ref.output === 0 ? trace.values.get(ref.node)?.pre : null;
  const scores = pre ?? tensorOf(ref);
  if (!lazy || !out || !scores || scores.dtype === 'string') return;
  // The scores were read before: nothing will be computed along with them.
  if (!isNow && lazy.isComputed(scores) && lazy.isComputed(out)) return;
  const all = [out, scores, ...read.flatMap((place) => tensorOf(place) ?? [])];
  if (ends.length === 0) return lazy.computeAlong(async () => all);
  // A walk of zeros records the same calls as the real one, whose seed is known once the scores are.
  const gradient = tf.zeros(scores.shape);
  const walk = new BackwardWalk(trace, { ...ref, stage: pre ? 'pre' : 'post', gradient });
  try {
    await lazy.computeAlong(async () => {
      for (const { node, output: at } of ends) {
        const found = await walk.at(node, at, NO_CONTROL);
        if (found) all.push(found);
      }
      return all;
    }, isNow);
  } finally {
    walk.dispose();
  }
}
