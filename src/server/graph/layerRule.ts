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
  /** Path below the layer in a `.keras` file, by default `vars/<position>`; in a graph, the name of the constant. */
  readonly at?: string;
  /** For a weight of a layer inside a custom layer: the attributes that lead from the custom layer to the inner one. */
  readonly holder?: readonly string[];
  /** Name of the user's module that declares the weight, for messages. */
  readonly declaredIn?: string;
  /** False for a variable that Keras saves with the weights but does not count as parameters (`idf_weights`). */
  readonly counted?: boolean;
  /** For quantized weights: the integer type, whose values the layer scales itself. Any other 8-bit weight in a file lacks its scale. */
  readonly stored?: 'int8' | 'uint8';
  /** The values of a weight that Keras does not always save; any other weight must be in the file. */
  readonly whenAbsent?: 'zeros';
}

/** The purpose of a layer, for modules that choose layers by it (default layer, receptive fields). */
export type LayerRole = 'input' | 'pooling' | 'padding' | 'dropout' | 'reshaping';

/** The part of a layer kind that needs no tensors. */
export interface LayerRule {
  readonly role?: LayerRole;
  /**
   * Whether every value of output k is an unchanged value of input k (or of the only input), at any position. The score of a
   * prediction is taken before such a layer. False by default.
   */
  isPassThrough?(config: LayerConfig, inputs: readonly Shape[], call?: CallArguments): boolean;
  /** For a layer that only reorders axes: axis i of the output is axis `permutation[i]` of the input. `null` for other calls. */
  permutation?(config: LayerConfig, inputs: readonly Shape[], call?: CallArguments): readonly number[] | null;
  /**
   * Static shapes of the outputs of one call, batch axis first, `null` for unknown sizes.
   * It is called only if the ranks of all inputs are known.
   * @param call the arguments of the call, which may request more outputs (`return_attention_scores`); by default, the
   *   layer is called with its inputs only.
   * @param values for each input, its values if they are known before the model runs; only operations on shapes use them.
   * @throws Failure `wrong-shape` if Keras refuses the inputs as well, another kind if only this rule does (a diagnostic of
   *   Python code is of the first only)
   */
  outputShapes(
    config: LayerConfig,
    inputs: readonly Shape[],
    call?: CallArguments,
    values?: readonly (StaticValues | null)[],
  ): readonly Shape[];
  /** For each output, its values if it is a small integer tensor, such as a shape, that is known before the model runs. */
  outputValues?(
    config: LayerConfig,
    inputs: readonly Shape[],
    call: CallArguments,
    values: readonly (StaticValues | null)[],
  ): readonly (StaticValues | null)[];
  /** The weights in Keras's order; absent for layers without weights. */
  weights?(config: LayerConfig, inputs: readonly Shape[], call?: CallArguments): readonly WeightSpec[];
  /** Names of the assets that a file stores for the layer besides its weights, such as vocabularies (text files of a `.keras` archive). */
  assets?(config: LayerConfig): readonly string[];
  /**
   * The words that a layer of strings finds in the first text of a batch, one for each position of its output, empty where it pads;
   * `null` if its output has no positions.
   * @param shape of `strings`, the layer's whole input.
   */
  tokens?(
    config: LayerConfig,
    strings: readonly string[],
    shape: readonly number[],
  ): readonly string[] | null;
  /**
   * The number of multiply-adds of one call (conventions: docs/numerics.md); absent for layers that use each kernel once per
   * example and for those without kernels. Shapes are those of one example.
   * @returns `null` if the number depends on an unknown size
   */
  multiplyAdds?(
    config: LayerConfig,
    inputs: readonly Shape[],
    outputs: readonly Shape[],
    call?: CallArguments,
  ): number | null;
  /**
   * Elementary steps of one call, if they far outnumber its multiply-adds and output values: for pooling, one comparison per
   * position of every window. Only the estimate of a run's cost uses it; shapes as for `multiplyAdds`.
   */
  work?(
    config: LayerConfig,
    inputs: readonly Shape[],
    outputs: readonly Shape[],
    call?: CallArguments,
  ): number | null;
  /**
   * Values (float32) that one call needs at its peak besides its inputs and outputs, if they may far outnumber those: the zeros
   * around an input, the tensors of a long recurrence. Shapes as for `multiplyAdds`.
   */
  workspace?(
    config: LayerConfig,
    inputs: readonly Shape[],
    outputs: readonly Shape[],
    call?: CallArguments,
  ): number | null;
  /** Whether this layer receives the `training` argument of the model that calls it, which files of Keras 2 record. */
  readonly takesTraining?: boolean;
  /** One sentence about a call that differs from what the layer usually computes; `null` for other calls. */
  notice?(config: LayerConfig, call: CallArguments): string | null;
  /** Name of the activation, `null` for none or linear. */
  activationName?(config: LayerConfig, call?: CallArguments): string | null;
}

/** Finds the rule of a class, `undefined` for an unknown class; injected, so that graph/ does not depend on layers/. */
export type RuleLookup = (className: string) => LayerRule | undefined;
