import { basename } from 'node:path';
import { toError } from '../../shared/errors';
import type { ModelFile } from '../formats/modelFile';
import type { Graph } from '../graph/graph';
import { buildGraph } from '../graph/keras/build';
import { buildOpGraph } from '../graph/tensorflow/buildOpGraph';
import { unknownOutputs } from '../graph/unknownOutputs';
import { findKind } from '../kinds/registry';
import { findOp } from '../operations/tensorflow/ops';

/** The graph of a model file of any format. @throws Failure `bad-config` or `too-large`. */
export function graphOf(file: ModelFile): Graph {
  const { topology, format, kerasVersion, graph, foreignCode } = file;
  const path = basename(file.path);
  if (graph) return buildOpGraph({ topology, ...graph, foreignCode, format, path }, findOp);
  return buildGraph({ topology, format, kerasVersion, foreignCode, path }, findKind);
}

/**
 * A model file and its graph. The Keras model in a SavedModel that cannot be built, or has an output behind a layer that is
 * not known, is shown as TensorFlow's operations where those are computed further.
 */
export function resolveGraph(file: ModelFile): { file: ModelFile; graph: Graph } {
  const { otherwise } = file;
  if (otherwise === undefined) return { file, graph: graphOf(file) };
  const operations = (why: string) => {
    const other = otherwise(`Shown are TensorFlow's operations, not the layers of Keras: ${why}`);
    return { file: other, graph: graphOf(other) };
  };
  let graph: Graph;
  try {
    graph = graphOf(file);
  } catch (thrown) {
    return operations(toError(thrown).message);
  }
  const behind = unknownOutputs(graph);
  if (behind.length === 0) return { file, graph };
  try {
    const reason = graph.nodes.get(graph.outputs[behind[0] ?? 0]?.node ?? '')?.unknownBecause;
    const other = operations(`the output is unknown because of layer "${reason}".`);
    return unknownOutputs(other.graph).length < behind.length ? other : { file, graph };
  } catch {
    return { file, graph };
  }
}
