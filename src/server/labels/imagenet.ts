import type { Graph } from '../graph/graph';
import { findKind } from '../kinds/registry';
import { applicationOf } from '../session/applications';
import imagenet from './imagenetNames.json';

/** The classes of ImageNet's challenge, which the heads of keras.applications predict. */
const CLASSES = 1000;

/** ImageNet's class names for a network of keras.applications with its own head: 1,000 units with softmax; `null` for any other model. */
export function imagenetNames(graph: Graph): readonly string[] | null {
  const isHead = graph.outputs.some(({ node }, i) => {
    const found = graph.nodes.get(node);
    if (found === undefined || graph.summary.outputs[i]?.shape?.at(-1) !== CLASSES) return false;
    return /^(tf\.|ops\.)?Softmax$/.test(found.className) || activationOf(graph, node) === 'softmax';
  });
  return isHead && applicationOf(graph) !== null ? imagenet.names : null;
}

function activationOf(graph: Graph, path: string): string | null {
  const node = graph.nodes.get(path);
  if (node === undefined) return null;
  return findKind(node.className)?.activationName?.(node.config, node.call) ?? null;
}
