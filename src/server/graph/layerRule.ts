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
  /** Where it lies below the layer in a `.keras` file, `vars/<position>` when left out; in a graph, its constant. */
  readonly at?: string;
  /** Attributes that lead to the layer inside the layer which holds it, where a user's own layer holds layers. */
  readonly holder?: readonly string[];
  /** The user's module that declares it, for messages. */
  readonly declaredIn?: string;
  /** False for what Keras saves with the weights but does not count among the parameters (`idf_weights`). */
  readonly counted?: boolean;
  /** Whole numbers that the layer itself scales. Of any other weight, 8 bits in the file would be wrong by their scale. */
  readonly stored?: 'int8' | 'uint8';
  /** What the values are where a file leaves them out, as Keras does on purpose; without it they must be there. */
  readonly whenAbsent?: 'zeros';
}

/** What a layer is for, where rules need to know (default layer, merging of receptive fields). */
export type LayerRole = 'input' | 'pooling' | 'padding' | 'dropout' | 'reshaping';

/** The questions about a layer kind that need no tensors. */
export interface LayerRule {
  readonly role?: LayerRole;
  /**
   * Whether every value of output k is a value of input k (of the only input, where there is one), unchanged, wherever it
   * is put: scores are looked for before such a layer. Left out: no.
   */
  isPassThrough?(config: LayerConfig, inputs: readonly Shape[], call?: CallArguments): boolean;
  /** Of a layer that only reorders axes: axis i of its output is axis `permutation[i]` of its input. `null` for another call. */
  permutation?(config: LayerConfig, inputs: readonly Shape[], call?: CallArguments): readonly number[] | null;
  /**
   * Static shapes of the outputs of one call, batch axis first, `null` for unknown sizes.
   * Input ranks are known: the graph does not ask where one is not.
   * @param call the arguments of the call, which may ask for other outputs (`return_attention_scores`); left out, the
   *   layer is called on its inputs alone.
   * @param values what is known of each input before anything runs; only operations on shapes care.
   */
  outputShapes(
    config: LayerConfig,
    inputs: readonly Shape[],
    call?: CallArguments,
    values?: readonly (StaticValues | null)[],
  ): readonly Shape[];
  /** What is known of each output before anything runs, where it is a small tensor of whole numbers such as a shape. */
  outputValues?(
    config: LayerConfig,
    inputs: readonly Shape[],
    call: CallArguments,
    values: readonly (StaticValues | null)[],
  ): readonly (StaticValues | null)[];
  /** The weights; left out by layers that have none. */
  weights?(config: LayerConfig, inputs: readonly Shape[], call?: CallArguments): readonly WeightSpec[];
  /** Names of what files keep for the layer beside its weights: text files among the assets of a `.keras` file (vocabularies). */
  assets?(config: LayerConfig): readonly string[];
  /**
   * How many products one call adds up (the conventions: docs/numerics.md); left out by layers that use each kernel once an
   * example and by those that have none.
   * Shapes are those of one example, `null` for unknown sizes.
   * @returns `null` where an unknown size decides.
   */
  multiplyAdds?(
    config: LayerConfig,
    inputs: readonly Shape[],
    outputs: readonly Shape[],
    call?: CallArguments,
  ): number | null;
  /**
   * Elementary steps of one call where they are many more than its multiply-adds and the values of its outputs, e.g. a
   * comparison for every position of every pooling window. Only the estimate of a run's cost asks; shapes as for `multiplyAdds`.
   */
  work?(
    config: LayerConfig,
    inputs: readonly Shape[],
    outputs: readonly Shape[],
    call?: CallArguments,
  ): number | null;
  /** Whether the `training` of a call of a model reaches this layer in it, as far as a file keeps that (Keras 2). */
  readonly takesTraining?: boolean;
  /** What is worth knowing about a call: how it computes otherwise than such layers do. One sentence. */
  notice?(config: LayerConfig, call: CallArguments): string | null;
  /** Name of the activation that follows the layer's linear part, `null` for none or linear. */
  activationName?(config: LayerConfig, call?: CallArguments): string | null;
}

/** Finds the rule of a class; injected, so that graph/ does not depend on layers/. */
export type RuleBook = (className: string) => LayerRule | undefined;
