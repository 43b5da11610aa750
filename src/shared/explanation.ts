import type { InputNames } from './inputs';
import type { DisplayRule, MethodId, OptionValues } from './methods';
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
  /** Of an output with positions (pixels, steps): the share of them at which the class is predicted. */
  readonly share?: number;
}

/** The positions of an output over which a score is averaged. */
export interface TargetPositions {
  readonly count: number;
  readonly total: number;
  /** Sizes of the axes of the positions: [steps], or [height, width]. */
  readonly grid: readonly number[];
  /** `predicted` as the target, `all`, `step 3`, or the corners of a region. */
  readonly what: string;
}

export interface Target {
  readonly index: number;
  readonly label: string | null;
  readonly negative: boolean;
  readonly score: 'logit' | 'probability' | 'log-odds';
  /** The number that was explained. */
  readonly value: number;
  readonly probability: number | null;
  /** Path of the layer whose unit it is; null for a model output. */
  readonly unit: string | null;
  /** The classes that it is compared with: the score is the difference from their mean. */
  readonly versus: readonly { readonly index: number; readonly label: string | null }[];
  readonly isVersusLookAlikes: boolean;
  /** Null for an output without positions. */
  readonly positions: TargetPositions | null;
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

/** One map of an explanation: of a method at a layer the only one, else one per input. */
export interface MapHeader {
  /** Path and index of the model input that it is drawn over. */
  readonly input: string;
  readonly inputIndex: number;
  /** The map that is drawn, at layer resolution (input resolution for input-level methods): one value per position. */
  readonly map: {
    readonly shape: readonly number[];
    /** Of all values except NaN; NaN where there are no others. */
    readonly min: number;
    readonly max: number;
    /** The largest finite absolute value. It gets the last colour; 0 gets the first, or the middle one of a signed map. */
    readonly top: number;
  };
  /** What the method itself gives, signed and with its channels: the values of `--raw` and of an exported .npy file. */
  readonly raw: { readonly shape: readonly number[]; readonly min: number; readonly max: number };
  /** False for a map whose positions have no known place on the input, so that it is drawn alone. */
  readonly onInput: boolean;
  /** One per axis of the map; null where the layers in between do not determine it, so that the map is only scaled. */
  readonly placement: readonly AxisPlacement[] | null;
}

/** Passes that an explanation took, the first one included, in examples. */
export interface PassCount {
  readonly forward: number;
  readonly backward: number;
}

export interface ExplanationHeader extends MapHeader {
  readonly method: MethodId;
  readonly options: OptionValues;
  /** Path of the explained layer; the input's path for input-level methods. */
  readonly layer: string;
  readonly target: Target;
  readonly predictions: readonly Prediction[];
  /** One sigmoid unit offered as two classes: class 0 is `negative`, and p of one is 1 - p of the other. */
  readonly binary: boolean;
  /** Number of possible targets: classes, or units of the flattened output; 2 where `binary`. */
  readonly units: number;
  /** How the raw map is reduced to the one that is drawn; `signed` maps have 0 in the middle of the colours. */
  readonly display: DisplayRule;
  readonly cost: PassCount;
  /** For methods whose values add up to score(x) - score(baseline): the relative error; else null. */
  readonly completeness: number | null;
  readonly backend: BackendName;
  /** Milliseconds; zero for cached results. */
  readonly timings: Timings;
  /** "Grad-CAM of class 0 (cat), 1 - p = 0.99, at block5_conv3, 14 x 14". */
  readonly sentence: string;
  /** Full sentences, e.g. "No positive evidence for this target at this layer." */
  readonly notices: readonly string[];
  /** The maps of further inputs. */
  readonly others: readonly MapHeader[];
}

/** All slices of a volume, in the order of their index: what a page needs to show another one. */
export interface VolumeDrawing {
  /** Sizes of the axes before height and width, at the size of the input. */
  readonly slices: readonly number[];
  /** The slice that the other arrays of the drawing show, one index per axis. */
  readonly shown: readonly number[];
  /** The whole `map`, and the whole map at the size of the input. */
  readonly rawMap: WireTensor;
  readonly displayMap: WireTensor;
  /** uint8 [slices, h, w, 3]; null when a slice of the input is not an image. */
  readonly inputImages: WireTensor | null;
  /** The whole input, channels last; null when too large to send. */
  readonly inputValues: WireTensor | null;
}

/** Stands for an array that a page computes: `displayMap` (displayMap.ts) of `MapDrawing.rawMap`. */
export interface ComputedMap {
  readonly shape: readonly number[];
  readonly data: null;
}

/** What a page draws of one map. For a volume, every array is one slice: `volume.shown`, or the one that `notices` names. */
export interface MapDrawing extends MapHeader {
  /** The values of `map`. */
  readonly rawMap: WireTensor;
  /** 0..1, with 0.5 for zero of a signed map, resized to the input's height x width (1 x length for sequences, one value per word of a text). */
  readonly displayMap: WireTensor | ComputedMap;
  /** Identifies the input as drawn; null for a slice of a volume, which depends on the map. */
  readonly inputKey: string | null;
  /** The caller already has the input of this key (`ExplainParams.knownInput`), so it is left out. */
  readonly inputKnown: boolean;
  /** The input as uint8 [h, w, 3], before preprocessing, scaled for display; null when it is not an image. */
  readonly inputImage: WireTensor | null;
  /**
   * The input as the model received it, channels last, for the readout under the pointer; null when too large to send. Of an
   * input with an `inputImage` it is null as well: the request `inputValues` has it, which a page sends when somebody points at the image.
   */
  readonly inputValues: WireTensor | null;
  /** What the positions, or the values of a table's row, are called; null where that is unknown or there are too many. */
  readonly names: InputNames | null;
  /** Null for anything but a volume, and for one that is too large to send. */
  readonly volume: VolumeDrawing | null;
}

/** What the explain page draws. */
export interface Explanation extends ExplanationHeader, MapDrawing {
  /** uint8 [h, w] of an output with height and width: 1 at the positions over which the score is averaged; else null. */
  readonly mask: WireTensor | null;
  readonly others: readonly MapDrawing[];
}
