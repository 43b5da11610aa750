import type { Preprocessing } from '../../shared/inputs';
import type { Graph } from '../graph/graph';
import { OpConfig } from '../graph/opConfig';

/** Images are scaled to 0..1 unless the model prepares them itself; what is not an image is taken as it is. */
export function defaultPreprocessing(graph: Graph): Preprocessing {
  const preparesItself = [...graph.nodes.values()].some(
    (node) => node.className === 'Rescaling' || node.className === 'Normalization',
  );
  const rescales = graph.inputs.some((path) => rescalesBytes(graph, path));
  const takesImages = graph.inputs.some((path) => graph.nodes.get(path)?.outputShapes[0]?.length === 4);
  return { name: takesImages && !preparesItself && !rescales ? '0..1' : 'none' };
}

/** Whether the first thing that a graph does with an input is to divide bytes (Keras's Rescaling, as operations). */
function rescalesBytes(graph: Graph, path: string): boolean {
  const users = [...graph.nodes.values()].filter((node) => node.inputs.some((ref) => ref.node === path));
  return users.some(({ path: user, className, config }) => {
    if (className === 'tf.Cast') return rescalesBytes(graph, user);
    const factor =
      config instanceof OpConfig ? config.operands.find(({ from }) => from === 'value')?.values?.[0] : null;
    if (factor === null || factor === undefined) return false;
    return className === 'tf.Mul' ? factor < 0.02 : className === 'tf.RealDiv' && factor > 50;
  });
}
