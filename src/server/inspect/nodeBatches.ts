import type { GraphNode } from '../graph/graph';
import type { Trace } from '../run/trace';

/** Values that a backend which computes them when they are read is asked for at a time. */
const MAX_BATCH_BYTES = 2 ** 28;
/** Multiply-adds of one run of such a backend, which cannot be stopped: a fraction of a second. */
const MAX_BATCH_WORK = 2e10;

/** Those of `nodes` whose values are known: all that fit into one run of a lazy backend together, else one at a time. */
export function* batchesOf(trace: Trace, nodes: Iterable<GraphNode>): Generator<readonly GraphNode[]> {
  const limit = trace.runtime.lazy ? MAX_BATCH_BYTES : 0;
  let batch: GraphNode[] = [];
  let bytes = 0;
  let work = 0;
  for (const node of nodes) {
    if (!trace.values.has(node.path)) continue;
    bytes += trace.bytesAt(node.path);
    work += node.multiplyAdds ?? 0;
    batch.push(node);
    if (bytes < limit && work < MAX_BATCH_WORK) continue;
    yield batch;
    [batch, bytes, work] = [[], 0, 0];
  }
  if (batch.length > 0) yield batch;
}
