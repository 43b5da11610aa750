import type { Shape } from '../../shared/model';
import type { CallArguments } from './callArguments';
import type { LayerConfig } from './layerConfig';
import type { StaticValues } from './opConfig';

/** A weight of a layer, in the order in which Keras creates it. */
export interface WeightSpec {
  /** Keras's variable name, e.g. `kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  /** Its path below the layer in a `.keras` file, `vars/<position>` when left out; in a graph, the name of its constant. */
  readonly at?: string;
  /** For a weight of a layer inside a custom layer: the attributes that lead from the outer layer to the inner one. */
  readonly holder?: readonly string[];
  /** The user's module that declares it, for messages. */
  readonly declaredIn?: string;
  /** False for a variable that Keras saves with the weights but does not count as parameters (`idf_weights`). */
  readonly counted?: boolean;
  /** Integers that the layer itself scales. Any other weight of 8 bits in a file would be off by its scale. */
  readonly stored?: 'int8' | 'uint8';
  /** The values where a file leaves them out, as Keras does on purpose; without this, the file must contain them. */
  readonly whenAbsent?: 'zeros';
}

/** What a layer is for, where other modules need to know (default layer, receptive fields). */
export type LayerRole = 'input' | 'pooling' | 'padding' | 'dropout' | 'reshaping';

/** What is known of a layer kind without any tensors. */
export interface LayerRule {
  readonly role?: LayerRole;
  /**
   * Whether every value of output k is an unchanged value of input k (or of the only input), at any position: the score of
   * a prediction is taken before such a layer. Left out: false.
   */
  isPassThrough?(config: LayerConfig, inputs: readonly Shape[], call?: CallArguments): boolean;
  /** For a layer that only reorders axes: axis i of its output is axis `permutation[i]` of its input. `null` for other calls. */
  permutation?(config: LayerConfig, inputs: readonly Shape[], call?: CallArguments): readonly number[] | null;
  /**
   * Static shapes of the outputs of one call, batch axis first, `null` for unknown sizes.
   * Input ranks are known: the graph does not call this otherwise.
   * @param call the arguments of the call, which may request more outputs (`return_attention_scores`); left out, the
   *   layer is called on its inputs alone.
   * @param values the values of each input that are known before anything runs; used by operations on shapes only.
   */
  outputShapes(
    config: LayerConfig,
    inputs: readonly Shape[],
    call?: CallArguments,
    values?: readonly (StaticValues | null)[],
  ): readonly Shape[];
  /** The values of each output that are known before anything runs, where it is a small integer tensor such as a shape. */
  outputValues?(
    config: LayerConfig,
    inputs: readonly Shape[],
    call: CallArguments,
    values: readonly (StaticValues | null)[],
  ): readonly (StaticValues | null)[];
  /** The weights; left out by layers that have none. */
  weights?(config: LayerConfig, inputs: readonly Shape[], call?: CallArguments): readonly WeightSpec[];
  /** Names of the assets that files keep for the layer beside its weights: text files in a `.keras` file (vocabularies). */
  assets?(config: LayerConfig): readonly string[];
  /**
   * The number of products that one call adds up (conventions: docs/numerics.md); left out by layers that use each kernel
   * once per example and by those without kernels.
   * Shapes are those of one example, `null` for unknown sizes.
   * @returns `null` where it depends on an unknown size.
   */
  multiplyAdds?(
    config: LayerConfig,
    inputs: readonly Shape[],
    outputs: readonly Shape[],
    call?: CallArguments,
  ): number | null;
  /**
   * Elementary steps of one call, where there are many more than its multiply-adds and output values, e.g. one comparison per
   * position of every pooling window. Only the estimate of a run's cost uses it; shapes as for `multiplyAdds`.
   */
  work?(
    config: LayerConfig,
    inputs: readonly Shape[],
    outputs: readonly Shape[],
    call?: CallArguments,
  ): number | null;
  /** Whether the `training` argument of a model's call reaches this layer in it, as far as a file records it (Keras 2). */
  readonly takesTraining?: boolean;
  /** One sentence about a call that computes something else than this layer usually does; `null` for other calls. */
  notice?(config: LayerConfig, call: CallArguments): string | null;
  /** Name of the activation that follows the layer's linear part, `null` for none or linear. */
  activationName?(config: LayerConfig, call?: CallArguments): string | null;
}

/** Returns the rule of a class, `undefined` for an unknown class; injected, so that graph/ does not depend on layers/. */
export type RuleLookup = (className: string) => LayerRule | undefined;
