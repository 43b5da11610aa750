import type { Prediction } from '../explanation';
import type { BackendName, MaybeShape } from '../model';

/** Two models compared, A and B: what each layer of both has in common, and where their values part. */
export interface Comparison {
  /** Everything that was asked for could be compared, no layer is changed, added or removed, and, on an input, no values part. */
  readonly isEqual: boolean;
  /** In the order of the graph of A; layers that only B has are where they are in the graph of B. */
  readonly layers: readonly LayerComparison[];
  readonly firstDifference: FirstDifference | null;
  /** One for each output that both models have; `null` where no input was given or one of the models could not be run. */
  readonly predictions: readonly OutputComparison[] | null;
  /** Of values, relative to the largest one of a layer. */
  readonly tolerance: number;
  /** That computed the values; `null` without values. */
  readonly backend: BackendName | null;
  /** `null` where it is not known what code builds. */
  readonly parameters: { readonly a: number; readonly b: number | null };
  /** What could not be compared, and why. */
  readonly notices: readonly string[];
}

export type LayerStatus = 'same' | 'changed' | 'added' | 'removed';

/** One call of a layer. */
export interface LayerComparison {
  /** In A; of an added layer in B. */
  readonly path: string;
  /** In B, where it has another path there; else `null`. */
  readonly otherPath: string | null;
  readonly className: string;
  /** Of the layer itself; whether values part is told by `valueChange`. */
  readonly status: LayerStatus;
  /** How the two were found to be the same layer; `null` for an added or removed one. */
  readonly matchedBy: 'name' | 'structure' | null;
  /** Arguments that differ, the class, output shapes, parameters and inputs among them. */
  readonly config: readonly ConfigDifference[];
  readonly shapes: readonly MaybeShape[];
  readonly params: number;
  /**
   * Norm of the difference of all weights, relative to the norm of those of A. Infinity where a value is not finite in one model
   * alone, or all are 0 in A alone; `null` where there are none, or their shapes differ.
   */
  readonly weightChange: number | null;
  readonly weights: readonly WeightComparison[];
  /**
   * Largest difference of two values, relative to the largest value of the layer in both models. Infinity where one of two values is not
   * finite; `null` where they were not compared: without input, or with other shapes.
   */
  readonly valueChange: number | null;
  /** Whether the values differ by more than the tolerance, or in their shape; `null` where there are none. */
  readonly valuesPart: boolean | null;
}

export interface ConfigDifference {
  /** `kernel_size`; within a layer inside it `layer.units`. */
  readonly key: string;
  /** As JSON; `null` where it is absent. */
  readonly a: string | null;
  readonly b: string | null;
}

/** One array of a layer. */
export interface WeightComparison {
  readonly name: string;
  /** `null` where the model lacks it. */
  readonly shapes: { readonly a: readonly number[] | null; readonly b: readonly number[] | null };
  /** As `LayerComparison.weightChange`, of this array alone. */
  readonly change: number | null;
}

export interface FirstDifference {
  /** As in `layers`. */
  readonly path: string;
  /** `values`: the first layer whose values part while its inputs agree; `layer`: the first one that is not the same. */
  readonly by: 'values' | 'layer';
}

export interface OutputComparison {
  readonly name: string;
  readonly a: readonly Prediction[];
  readonly b: readonly Prediction[];
  /** As `LayerComparison.valueChange`. */
  readonly change: number | null;
}

/** Of values where none is given. */
export const DEFAULT_TOLERANCE = 1e-5;
