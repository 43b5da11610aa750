import * as l10n from '@vscode/l10n';
import type { Asset } from '../../../shared/asset';
import { fail } from '../../../shared/errors';
import type { WeightIndex, WeightStore } from '../../formats/modelFile';
import type { Graph, GraphNode, LayerEntry } from '../../graph/graph';
import { findKind } from '../../kinds/registry';
import type { Tensor } from '../../layers/kind';
import type { Runtime } from '../backends/backend';
import { isOutOfMemory } from '../backends/outOfMemory';
import { type LegacyLayout, legacyLayout } from './legacyWeights';
import { checkPacked } from './packedWeights';
import { MIN_PREALLOCATED_VALUES, preallocateTensor } from './preallocatedTensor';
import type { WeightKeys } from './weightKeys';
import { ABSENT, findWeights, keysOf, objectPaths } from './weightKeys';
import type { Weights } from './weights';

/** Where a model's weights are in its file. */
interface Located {
  readonly index: WeightIndex;
  readonly keys: WeightKeys;
  /** By path, a layer with the weights of the file's layout. */
  readonly entries: ReadonlyMap<string, LayerEntry>;
  readonly modern: LegacyLayout['converters'];
  /** By path, the folder of each layer in a `.keras` file. */
  readonly folders: ReadonlyMap<string, string> | null;
}

const NONE: ReadonlyMap<string, Asset> = new Map();

/** A model's weights as tensors, and the assets of its layers: read on first use, shared by all traces, freed with the model. */
export class WeightCache implements Weights {
  private readonly tensors = new Map<string, Promise<readonly Tensor[]>>();
  private readonly assets = new Map<string, ReadonlyMap<string, Asset>>();
  private readonly entries: ReadonlyMap<string, LayerEntry>;
  private located: Promise<Located> | null = null;
  private disposed = false;
  /** Milliseconds spent reading files. */
  loadTime = 0;
  /** Bytes of the loaded weights. */
  bytes = 0;

  constructor(
    private readonly runtime: Runtime,
    readonly graph: Graph,
    private readonly store: WeightStore,
  ) {
    this.entries = byPath(graph.layers);
  }

  /** The weights of a node's layer in the order of its specs. @throws Failure `bad-weights`, `truncated`, ... */
  of(node: GraphNode): Promise<readonly Tensor[]> {
    const known = this.tensors.get(node.layerPath);
    if (known) return known;
    const loading = this.loadAssets(node).then(() => this.load(node.layerPath));
    this.tensors.set(node.layerPath, loading);
    // A failed read may be retried, e.g. after a missing shard was restored.
    loading.catch(() => this.tensors.delete(node.layerPath));
    return loading;
  }

  /** A layer's assets by name; available once its weights are loaded (see `of`). */
  assetsOf(node: GraphNode): ReadonlyMap<string, Asset> {
    return this.assets.get(node.layerPath) ?? NONE;
  }

  private async loadAssets(node: GraphNode): Promise<void> {
    const wanted = findKind(node.className)?.assets?.(node.config) ?? [];
    if (wanted.length === 0 || !this.store.asset) return;
    const path = node.layerPath;
    const place = { path, folder: objectPaths(this.graph.layers).get(path) ?? '' };
    const found = new Map<string, Asset>();
    for (const name of wanted) {
      const asset = await this.store.asset(name, place);
      if (asset !== null) found.set(name, asset);
    }
    this.assets.set(path, found);
  }

  private async load(layerPath: string): Promise<readonly Tensor[]> {
    const entry = this.entries.get(layerPath);
    if (!entry || entry.weights.length === 0) return [];
    const start = performance.now();
    this.located ??= this.locate();
    const { index, keys, entries, modern, folders } = await this.located;
    const found = keysOf(entries.get(layerPath) ?? entry, keys, index, {
      folder: folders?.get(layerPath),
      beside: this.store.beside,
    });
    const convert = modern.get(layerPath);
    const tensors: Tensor[] = [];
    const add = (values: Float32Array): void => {
      const shape = entry.weights[tensors.length]?.shape ?? [];
      tensors.push(this.runtime.tf.tensor(values, [...shape], 'float32'));
    };
    try {
      if (convert === undefined) {
        for (const key of found) {
          const filled = await this.fill(key, entry.weights[tensors.length]?.shape ?? []);
          if (filled) tensors.push(filled);
          else add(await this.read(key, entry, tensors.length));
        }
      } else for (const values of convert(await this.readAll(found))) add(values);
    } catch (thrown) {
      // Frees the weights that were read before the failure.
      for (const tensor of tensors) tensor.dispose();
      if (!isOutOfMemory(thrown)) throw thrown;
      return fail(
        'compute-ended',
        l10n.t('The weights of layer "{0}" do not fit into the memory.', layerPath),
        {
          subject: layerPath,
          remedy: l10n.t(
            'Choose another backend (setting layerglass.backend) or a machine with more memory.',
          ),
        },
      );
    }
    this.loadTime += performance.now() - start;
    for (const tensor of tensors) this.runtime.lazy?.keepConstant(tensor);
    if (this.disposed) for (const tensor of tensors) tensor.dispose();
    else for (const tensor of tensors) this.bytes += tensor.size * 4;
    return tensors;
  }

  /** Reads a large weight directly into the backend's memory; `null` for a small one, or if the backend cannot do it. */
  private async fill(key: string, shape: readonly number[]): Promise<Tensor | null> {
    const [, ...row] = shape;
    const width = row.reduce((a, b) => a * b, 1);
    const size = width * (shape[0] ?? 0);
    if (
      key === ABSENT ||
      size < MIN_PREALLOCATED_VALUES ||
      width > MIN_PREALLOCATED_VALUES / 2 ||
      !this.store.stream
    )
      return null;
    const filled = preallocateTensor(this.runtime, shape);
    if (filled === null) return null;
    try {
      await this.store.stream(key, (values, at) => filled.put(values, at));
      return filled.tensor();
    } catch (thrown) {
      filled.dispose();
      throw thrown;
    }
  }

  private async read(key: string, entry: LayerEntry, position: number): Promise<Float32Array> {
    if (key !== ABSENT) return this.store.read(key);
    return new Float32Array((entry.weights[position]?.shape ?? []).reduce((a, b) => a * b, 1));
  }

  private async readAll(keys: readonly string[]): Promise<Float32Array[]> {
    const all: Float32Array[] = [];
    for (const key of keys) all.push(await this.store.read(key));
    return all;
  }

  private async locate(): Promise<Located> {
    try {
      checkPacked(this.graph.params, this.store);
      const index = await this.store.index();
      const { layers, converters: modern } = legacyLayout(this.graph.layers, index);
      const folders = index.layout === 'keras3' ? objectPaths(layers) : null;
      return { index, keys: findWeights({ layers }, index), entries: byPath(layers), modern, folders };
    } catch (thrown) {
      this.located = null;
      throw thrown;
    }
  }

  dispose(): void {
    this.disposed = true;
    this.bytes = 0;
    for (const loading of this.tensors.values()) {
      loading.then(
        (tensors) => {
          for (const tensor of tensors) tensor.dispose();
        },
        () => {},
      );
    }
    this.tensors.clear();
    this.assets.clear();
  }
}

function byPath(layers: readonly LayerEntry[]): Map<string, LayerEntry> {
  const entries = new Map<string, LayerEntry>();
  const add = (entry: LayerEntry): void => {
    entries.set(entry.path, entry);
    entry.layers?.forEach(add);
  };
  layers.forEach(add);
  return entries;
}
