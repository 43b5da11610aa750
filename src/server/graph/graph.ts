import type { MaybeShape, ModelSummary, ParameterCount } from '../../shared/model';
import type { CallArguments } from './callArguments';
import type { LayerConfig } from './layerConfig';
import type { WeightSpec } from './layerRule';
import type { StaticValues } from './opConfig';

/** One output of one node. */
export interface TensorRef {
  readonly node: string;
  readonly output: number;
}

/** One call of one layer; nested models are unfolded into such nodes. */
export interface GraphNode {
  /** `vgg16/block5_conv3`; the second call of a shared layer ends in `@2`. */
  readonly path: string;
  /** Path of the layer without call numbers: calls of one layer share it, and its weights. */
  readonly layerPath: string;
  readonly name: string;
  readonly className: string;
  readonly config: LayerConfig;
  readonly inputs: readonly TensorRef[];
  readonly call: CallArguments;
  readonly outputShapes: readonly MaybeShape[];
  /** The values of its inputs that are known before anything runs, where one of them is a shape or part of one. */
  readonly inputValues?: readonly (StaticValues | null)[];
  readonly known: boolean;
  /** Of one call on one example, `null` where unknown. */
  readonly multiplyAdds: number | null;
  /** Path of the layer because of which shapes and values are unknown from here on. */
  readonly unknownBecause?: string;
  /** A sentence about this node, e.g. why its shape is unknown. */
  readonly notice?: string;
}

/** One call of a nested model: a name for a part of the graph. It runs nothing itself. */
export interface ModelCall {
  readonly path: string;
  readonly layerPath: string;
  readonly inputs: readonly TensorRef[];
  /** The nodes inside it that compute its outputs. */
  readonly outputs: readonly TensorRef[];
}

/** A layer: one entry, however often it is called. */
export interface LayerEntry {
  readonly path: string;
  readonly name: string;
  readonly className: string;
  /** Whether it and every model around it are trainable. */
  readonly trainable: boolean;
  readonly config: LayerConfig;
  readonly weights: readonly WeightSpec[];
  /** Its class or input shape is unknown: `weights` is empty, but the layer may have some. */
  readonly weightsUnknown?: true;
  /** Keras's `shared_object_id` of a layer that the config contains several times. */
  readonly shared?: number;
  /** For a nested model, its layers in Keras's order; `null` for a layer. */
  readonly layers: readonly LayerEntry[] | null;
}

export interface Graph {
  readonly summary: ModelSummary;
  /** In topological order: every node comes after the nodes that its inputs come from. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly models: ReadonlyMap<string, ModelCall>;
  /** Input nodes in the order of the model's inputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly TensorRef[];
  /** The layers at top level in Keras's order (a Sequential's input layer is not among them). */
  readonly layers: readonly LayerEntry[];
  readonly params: ParameterCount;
}
