import { Failure } from '../../../shared/errors';
import type { WeightStore } from '../../formats/modelFile';
import type { Graph } from '../../graph/graph';
import { type StoredWeight, storedWeights } from '../../run/weights/storedWeights';

/** The weights of a model; none where its file has none, with the reason. @throws Failure of damaged weights */
export async function knownWeights(
  graph: Graph,
  store: WeightStore,
): Promise<{ readonly weights: readonly StoredWeight[]; readonly problem: string | null }> {
  try {
    return { weights: await storedWeights(graph, store), problem: null };
  } catch (thrown) {
    if (!(thrown instanceof Failure) || !ABSENT.has(thrown.error.kind)) throw thrown;
    return { weights: [], problem: thrown.error.message };
  }
}
const ABSENT: ReadonlySet<string> = new Set(['no-weights', 'missing-shard']);
