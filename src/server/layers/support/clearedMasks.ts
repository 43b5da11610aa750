import type { Graph, GraphNode, TensorRef } from '../../graph/graph';
import type { FindKind } from '../kind';

/** Keeps count, during one run of a graph, of the tensors off which a layer took their Keras masks (`clearsInputMasks`). */
export class ClearedMasks {
  private readonly origins = new Set<string>();

  constructor(
    private readonly nodes: Graph['nodes'],
    private readonly find: FindKind,
  ) {}

  /** To be called for each node once it is computed. */
  record(node: GraphNode): void {
    if (node.config.kerasMajor < 3 || !this.find(node.className)?.clearsInputMasks) return;
    for (const ref of node.inputs) this.origins.add(this.origin(ref));
  }

  /** Whether a layer that is computed now sees a mask on this output, if the node that made it has one. */
  isVisible(ref: TensorRef): boolean {
    const node = this.nodes.get(ref.node);
    const count = (node && this.find(node.className)?.maskedOutputs?.(node.config)) ?? 1;
    return ref.output < count && !this.origins.has(this.origin(ref));
  }

  /** In inference Keras's dropout hands on the very tensor it got, and so that tensor's mask. */
  private origin(ref: TensorRef): string {
    let at = ref;
    for (;;) {
      const node = this.nodes.get(at.node);
      const [from] = node?.inputs ?? [];
      if (!node || !from || this.find(node.className)?.role !== 'dropout') return `${at.output}:${at.node}`;
      at = from;
    }
  }
}
