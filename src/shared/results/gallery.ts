import type { LayerglassError } from '../errors';
import type { Prediction } from '../explanation';
import type { InputSource } from '../inputs';
import type { WireTensor } from '../model';

/** Inputs that one list holds; how many more there are is said in a sentence. */
export const MAX_LISTED_INPUTS = 10_000;
/** Inputs of one request for predictions or thumbnails. */
export const MAX_BATCH = 64;

/** One of many inputs of a model. */
export interface ListedInput {
  /** One for each input of the model. */
  readonly sources: readonly InputSource[];
  /** Short: the name of a file, "test.npz, sample 7". */
  readonly name: string;
  /** Index of the class that it belongs to; `null` where nothing says so. */
  readonly truth: number | null;
}

/** The inputs of a model in some files and folders. */
export interface InputList {
  /** At most `MAX_LISTED_INPUTS`. */
  readonly inputs: readonly ListedInput[];
  /** How many there are, as far as they were counted. */
  readonly found: number;
  /** Sentences about what is left out, and about labels that cannot be used. */
  readonly notices: readonly string[];
  /** Equal for equal model, settings and files: what was predicted for the same version still holds. */
  readonly version: string;
}

/** What a model predicts for one of many inputs. */
export interface InputPrediction extends Omit<Prediction, 'label' | 'share'> {
  /** By how much the probability exceeds that of the next class; `null` without probabilities. */
  readonly margin: number | null;
}

export type PredictedInput =
  | { readonly ok: true; readonly value: InputPrediction }
  | { readonly ok: false; readonly error: LayerglassError };

/**
 * What one of the model's outputs tells of an input: a class; a class at each of many positions, of which the most frequent one is
 * reported; or a number.
 */
export type OutputKind = 'class' | 'positions' | 'number';

/** The predictions for some inputs, in their order. */
export interface InputPredictions {
  /** `null` where no input could be predicted. */
  readonly kind: OutputKind | null;
  readonly predictions: readonly PredictedInput[];
}

/** What an input looks like, small. */
export type Thumbnail =
  | {
      readonly kind: 'image';
      /** uint8 [height, width, 3] */
      readonly image: WireTensor;
    }
  | { readonly kind: 'text'; readonly text: string }
  /** It cannot be read. */
  | { readonly kind: 'failed'; readonly why: string };
