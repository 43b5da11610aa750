import type { MethodId } from './methods';
import type { BackendName, WireTensor } from './model';
import type { Checked, targetChoice } from './schemas';

export type TargetChoice = Checked<typeof targetChoice>;

export interface Prediction {
  readonly index: number;
  readonly label: string | null;
  /** Value before the output's activation; for class 0 of a single sigmoid, -z. */
  readonly logit: number;
  /** `null` when the output has no activation that makes it a probability. */
  readonly probability: number | null;
}

export interface Target {
  readonly index: number;
  readonly label: string | null;
  readonly negative: boolean;
  readonly score: 'logit' | 'probability';
  /** The number that was differentiated. */
  readonly value: number;
  readonly probability: number | null;
}

export interface Timings {
  readonly load: number;
  readonly forward: number;
  readonly backward: number;
  readonly total: number;
}

/** Where the cells of a raw map lie along one axis of the input: cell i is centred on `centre + i * stride`. */
export interface AxisPlacement {
  readonly centre: number;
  readonly stride: number;
  /** How many input positions round its centre a cell takes in, if nothing of them lies outside; null where that cannot be told. */
  readonly window: number | null;
}

export interface ExplanationHeader {
  readonly method: MethodId;
  /** Path of the explained layer; the input's path for input-level methods. */
  readonly layer: string;
  readonly target: Target;
  readonly predictions: readonly Prediction[];
  /** One sigmoid unit offered as two classes: class 0 is `negative`, and p of one is 1 - p of the other. */
  readonly binary: boolean;
  /** How many classes, or units of the flattened output, may be the target; 2 where `binary`. */
  readonly units: number;
  /** The raw map: unnormalised, at layer resolution (input resolution for input-level methods). */
  readonly map: {
    readonly shape: readonly number[];
    /** Of all values but NaN; NaN where there are no others. */
    readonly min: number;
    readonly max: number;
    /** The largest finite value, 0 where none is positive: it has the last colour, and 0 the first. */
    readonly top: number;
  };
  /** One for each axis of the map; null where the layers between do not tell, so that the map can only be scaled. */
  readonly placement: readonly AxisPlacement[] | null;
  readonly backend: BackendName;
  /** Milliseconds; zero for what was taken from the cache. */
  readonly timings: Timings;
  /** "Grad-CAM of class 0 (cat), 1 - p = 0.99, at block5_conv3, 14 x 14". */
  readonly sentence: string;
  /** Full sentences, e.g. "No positive evidence for this target at this layer." */
  readonly notices: readonly string[];
}

/** What the explain page draws. Of a volume it is one slice of everything; `notices` says which. */
export interface Explanation extends ExplanationHeader {
  readonly rawMap: WireTensor;
  /** 0..1, resized to the input's height x width (1 x length for sequences). */
  readonly displayMap: WireTensor;
  /** Of the input as it is drawn; null for a slice, which the map chooses. */
  readonly inputKey: string | null;
  /** Whoever asked has the input of this key already (`ExplainParams.knownInput`): it is left out. */
  readonly inputKnown: boolean;
  /** The input as uint8 [h, w, 3], before preprocessing, scaled for display; null when it is not an image. */
  readonly inputImage: WireTensor | null;
  /** The input as the model got it, channels last, for "value under the pointer"; null when huge. */
  readonly inputValues: WireTensor | null;
}
