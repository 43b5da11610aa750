import type { Asset } from '../../../shared/asset';
import type { GraphNode } from '../../graph/graph';
import type { Tensor } from '../../layers/kind';

/** The weights of a model, as a trace reads them: those of its file, or others in their place. */
export interface Weights {
  /** The weights of a node's layer in the order of its specs; not disposed by the caller. @throws Failure `bad-weights`, ... */
  of(node: GraphNode): Promise<readonly Tensor[]>;
  /** A layer's assets by name; available once its weights are loaded. */
  assetsOf(node: GraphNode): ReadonlyMap<string, Asset>;
  /** Milliseconds spent reading files. */
  readonly loadTime: number;
  /** Bytes of the loaded weights. */
  readonly bytes: number;
}
