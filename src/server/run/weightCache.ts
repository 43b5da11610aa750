import type { WeightIndex, WeightStore } from '../formats/modelFile';
import type { Graph, GraphNode, LayerEntry } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import type { Runtime } from './backend';
import type { WeightKeys } from './weightKeys';
import { findWeights, keysOf } from './weightKeys';

/** A model's weights as tensors: each layer's read when first needed, shared by all its traces, freed with the model. */
export class WeightCache {
  private readonly tensors = new Map<string, Promise<readonly Tensor[]>>();
  private readonly entries = new Map<string, LayerEntry>();
  private located: Promise<{ index: WeightIndex; keys: WeightKeys }> | null = null;
  private disposed = false;
  /** Milliseconds spent in reading files. */
  loadTime = 0;

  constructor(
    private readonly runtime: Runtime,
    private readonly graph: Graph,
    private readonly store: WeightStore,
  ) {
    const add = (entry: LayerEntry): void => {
      this.entries.set(entry.path, entry);
      entry.layers?.forEach(add);
    };
    graph.layers.forEach(add);
  }

  /** The weights of a node's layer in the order of its specs. @throws Failure `bad-weights`, `truncated`, ... */
  of(node: GraphNode): Promise<readonly Tensor[]> {
    const known = this.tensors.get(node.layerPath);
    if (known) return known;
    const loading = this.load(node.layerPath);
    this.tensors.set(node.layerPath, loading);
    // A failed read may be tried again, e.g. after a missing shard was put back.
    loading.catch(() => this.tensors.delete(node.layerPath));
    return loading;
  }

  private async load(layerPath: string): Promise<readonly Tensor[]> {
    const entry = this.entries.get(layerPath);
    if (!entry || entry.weights.length === 0) return [];
    const start = performance.now();
    this.located ??= this.locate();
    const { index, keys } = await this.located;
    const tensors: Tensor[] = [];
    for (const [i, key] of keysOf(entry, keys, index).entries()) {
      const values = await this.store.read(key);
      const shape = entry.weights[i]?.shape ?? [];
      tensors.push(this.runtime.tf.tensor(values, [...shape], 'float32'));
    }
    this.loadTime += performance.now() - start;
    if (this.disposed) for (const tensor of tensors) tensor.dispose();
    return tensors;
  }

  private async locate(): Promise<{ index: WeightIndex; keys: WeightKeys }> {
    try {
      const index = await this.store.index();
      return { index, keys: findWeights(this.graph, index) };
    } catch (thrown) {
      this.located = null;
      throw thrown;
    }
  }

  dispose(): void {
    this.disposed = true;
    for (const loading of this.tensors.values()) {
      loading.then(
        (tensors) => {
          for (const tensor of tensors) tensor.dispose();
        },
        () => {},
      );
    }
    this.tensors.clear();
  }
}
