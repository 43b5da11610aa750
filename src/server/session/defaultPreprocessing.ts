import type { Preprocessing } from '../../shared/inputs';
import type { Graph } from '../graph/graph';
import { OpConfig } from '../graph/opConfig';

/** Images are scaled to 0..1 unless the model rescales them itself; other inputs stay as they are. */
export function defaultPreprocessing(graph: Graph): Preprocessing {
  const preparesItself = [...graph.nodes.values()].some(
    (node) => node.className === 'Rescaling' || node.className === 'Normalization',
  );
  const rescales = graph.inputs.some((path) => rescalesBytes(graph, path));
  const takesImages = graph.inputs.some((path) => graph.nodes.get(path)?.outputShapes[0]?.length === 4);
  return { name: takesImages && !preparesItself && !rescales ? '0..1' : 'none' };
}

/** Whether a graph first scales an input down from bytes (Keras's Rescaling, as operations). */
function rescalesBytes(graph: Graph, path: string): boolean {
  // The nodes are in topological order, so that one pass follows a chain of casts of any length.
  const same = new Set([path]);
  for (const { path: user, className, config, inputs } of graph.nodes.values()) {
    if (!inputs.some((ref) => same.has(ref.node))) continue;
    if (className === 'tf.Cast') same.add(user);
    const factor =
      config instanceof OpConfig ? config.operands.find(({ from }) => from === 'value')?.values?.[0] : null;
    if (factor === null || factor === undefined) continue;
    if (className === 'tf.Mul' && factor < 0.02) return true;
    if (className === 'tf.RealDiv' && factor > 50) return true;
  }
  return false;
}
