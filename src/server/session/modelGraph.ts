import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { toError } from '../../shared/errors';
import type { ModelFile } from '../formats/modelFile';
import type { Graph } from '../graph/graph';
import { buildGraph } from '../graph/keras/build';
import { buildOpGraph } from '../graph/tensorflow/buildOpGraph';
import { unknownOutputs } from '../graph/unknownOutputs';
import { findKind } from '../kinds/registry';
import { findOp } from '../operations/tensorflow/ops';
import { weightsOnlyGraph } from '../run/weights/weightsOnlyGraph';

/** The graph of a model file of any format that describes its layers. @throws Failure `bad-config` or `too-large`. */
export function graphOf(file: ModelFile): Graph {
  const { topology, format, kerasVersion, graph, foreignCode } = file;
  const path = basename(file.path);
  if (graph) return buildOpGraph({ topology, ...graph, foreignCode, format, path }, findOp);
  return buildGraph({ topology, format, kerasVersion, foreignCode, path }, findKind);
}

/**
 * A model file and its graph, for a file of weights the list of its arrays. If the Keras model in a SavedModel cannot be built, or an output depends on an unknown layer,
 * the model is shown as TensorFlow operations, provided that more of its outputs can then be computed.
 */
export async function resolveGraph(file: ModelFile): Promise<{ file: ModelFile; graph: Graph }> {
  const { openAsGraph } = file;
  if (file.weightsOnly) return { file, graph: await weightsOnlyGraph(file) };
  if (openAsGraph === undefined) return { file, graph: graphOf(file) };
  const operations = (why: string) => {
    const other = openAsGraph(l10n.t("Shown are TensorFlow's operations, not the layers of Keras: {0}", why));
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
    const other = operations(l10n.t('the output is unknown because of layer "{0}".', String(reason)));
    return unknownOutputs(other.graph).length < behind.length ? other : { file, graph };
  } catch {
    return { file, graph };
  }
}
