import type { Graph, GraphNode, TensorRef } from '../../graph/graph';
import type { FindKind } from '../kind';

/**
 * Records, during one run of a graph, whose Keras masks have been cleared by a layer (`clearsInputMasks`): Keras 3 stores
 * a mask on the tensor, so that clearing it affects every later call on that tensor.
 */
export class ClearedMasks {
  private readonly origins = new Set<string>();

  constructor(
    private readonly nodes: Graph['nodes'],
    private readonly find: FindKind,
  ) {}

  /** Call this for each node once it has been computed. */
  record(node: GraphNode): void {
    if (node.config.kerasMajor < 3 || !this.find(node.className)?.clearsInputMasks) return;
    for (const ref of node.inputs) this.origins.add(this.origin(ref));
  }

  /** Whether a layer computed now sees the mask of this output, if its node has one. */
  isVisible(ref: TensorRef): boolean {
    const node = this.nodes.get(ref.node);
    const count = (node && this.find(node.className)?.maskedOutputs?.(node.config)) ?? 1;
    return ref.output < count && !this.origins.has(this.origin(ref));
  }

  /** In inference Keras's dropout returns its input tensor itself, so both share one mask. */
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
