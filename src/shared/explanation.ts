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

/** Where the cells of a raw map are along one axis of the input: cell i is centred on `centre + i * stride`. */
export interface AxisPlacement {
  readonly centre: number;
  readonly stride: number;
  /** Size of a cell's receptive field in input positions, before it is clipped to the input; null where unknown. */
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
  /** Number of possible targets: classes, or units of the flattened output; 2 where `binary`. */
  readonly units: number;
  /** The raw map: unnormalised, at layer resolution (input resolution for input-level methods). */
  readonly map: {
    readonly shape: readonly number[];
    /** Of all values except NaN; NaN where there are no others. */
    readonly min: number;
    readonly max: number;
    /** The largest finite value, or 0 where none is positive. It gets the last colour; 0 gets the first. */
    readonly top: number;
  };
  /** One per axis of the map; null where the layers in between do not determine it, so that the map is only scaled. */
  readonly placement: readonly AxisPlacement[] | null;
  readonly backend: BackendName;
  /** Milliseconds; zero for cached results. */
  readonly timings: Timings;
  /** "Grad-CAM of class 0 (cat), 1 - p = 0.99, at block5_conv3, 14 x 14". */
  readonly sentence: string;
  /** Full sentences, e.g. "No positive evidence for this target at this layer." */
  readonly notices: readonly string[];
}

/** What the explain page draws. For a volume, every array is one slice, which `notices` names. */
export interface Explanation extends ExplanationHeader {
  readonly rawMap: WireTensor;
  /** 0..1, resized to the input's height x width (1 x length for sequences). */
  readonly displayMap: WireTensor;
  /** Identifies the input as drawn; null for a slice of a volume, which depends on the map. */
  readonly inputKey: string | null;
  /** The caller already has the input of this key (`ExplainParams.knownInput`), so it is left out. */
  readonly inputKnown: boolean;
  /** The input as uint8 [h, w, 3], before preprocessing, scaled for display; null when it is not an image. */
  readonly inputImage: WireTensor | null;
  /** The input as the model received it, channels last, for the readout under the pointer; null when too large to send. */
  readonly inputValues: WireTensor | null;
}
