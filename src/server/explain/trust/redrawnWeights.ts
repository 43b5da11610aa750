import { mulberry32, normal } from '../../../shared/random';
import type { Graph, GraphNode, LayerEntry } from '../../graph/graph';
import type { Tensor } from '../../layers/kind';
import type { Runtime } from '../../run/backends/backend';
import type { Weights } from '../../run/weights/weights';

/**
 * The weights of a model in which those of some layers are redrawn: each from a normal distribution with the mean and standard
 * deviation of its own values. Statistics that are not trained (moving means and variances) stay. The same seed gives the same weights;
 * only layers that are used are read.
 * Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018.
 */
export class RedrawnWeights implements Weights {
  private readonly drawn = new Map<string, Promise<readonly Tensor[]>>();
  private ownBytes = 0;

  constructor(
    private readonly runtime: Runtime,
    private readonly weights: Weights,
    /** By the path of the layer: which of its weights are redrawn. */
    private readonly layers: ReadonlyMap<string, readonly boolean[]>,
    private readonly seed: number,
  ) {}

  of(node: GraphNode): Promise<readonly Tensor[]> {
    const chosen = this.layers.get(node.layerPath);
    if (chosen === undefined) return this.weights.of(node);
    const known = this.drawn.get(node.layerPath);
    if (known) return known;
    const drawing = this.draw(node, chosen);
    this.drawn.set(node.layerPath, drawing);
    return drawing;
  }

  assetsOf: Weights['assetsOf'] = (node) => this.weights.assetsOf(node);

  get loadTime(): number {
    return this.weights.loadTime;
  }

  get bytes(): number {
    return this.weights.bytes + this.ownBytes;
  }

  private async draw(node: GraphNode, chosen: readonly boolean[]): Promise<readonly Tensor[]> {
    const { tf } = this.runtime;
    const own = [...this.layers.keys()].indexOf(node.layerPath);
    const gauss = normal(mulberry32(this.seed + Math.imul(own + 1, 0x9e3779b1)));
    const tensors: Tensor[] = [];
    for (const [i, tensor] of (await this.weights.of(node)).entries()) {
      if (chosen[i] !== true) {
        tensors.push(tf.clone(tensor));
        continue;
      }
      const values = redrawn(Float32Array.from(await tensor.data<'float32'>()), gauss);
      tensors.push(tf.tensor(values, tensor.shape, 'float32'));
    }
    this.ownBytes += tensors.reduce((sum, { size }) => sum + size * 4, 0);
    return tensors;
  }

  async dispose(): Promise<void> {
    for (const drawing of await Promise.allSettled(this.drawn.values())) {
      if (drawing.status === 'fulfilled') for (const tensor of drawing.value) tensor.dispose();
    }
    this.drawn.clear();
    this.ownBytes = 0;
  }
}

/** Normal numbers with the mean and the standard deviation of the values. */
export function redrawn(values: Float32Array, gauss: () => number): Float32Array {
  const count = Math.max(1, values.length);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
  return values.map(() => mean + deviation * gauss());
}

/**
 * The layers on the way to the score that have weights to redraw, from the output on down, and which of their weights those are.
 * @param before the nodes that the score is computed from.
 */
export function redrawableLayers(graph: Graph, before: ReadonlySet<string>): Map<string, readonly boolean[]> {
  const entries = new Map<string, LayerEntry>();
  const add = (entry: LayerEntry): void => {
    entries.set(entry.path, entry);
    entry.layers?.forEach(add);
  };
  graph.layers.forEach(add);
  const found = new Map<string, readonly boolean[]>();
  for (const { path, layerPath } of [...graph.nodes.values()].reverse()) {
    if (!before.has(path) || found.has(layerPath)) continue;
    const trained = (entries.get(layerPath)?.weights ?? []).map(({ trainable }) => trainable);
    if (trained.includes(true)) found.set(layerPath, trained);
  }
  return found;
}
