import type { Prediction } from '../explanation';
import type { MethodId } from '../methods';
import type { BackendName, WireTensor } from '../model';
import type { FirstBad } from './health';

/** One file of a training. */
export interface CheckpointFile {
  readonly path: string;
  readonly name: string;
  /** By which the files are ordered; `null` where their times decide. */
  readonly number: number | null;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** The files of a training in a folder, in order. */
export interface CheckpointList {
  readonly folder: string;
  readonly files: readonly CheckpointFile[];
  readonly orderedBy: 'number' | 'time';
  /** Names of other checkpoints in the folder. */
  readonly others: readonly string[];
  /** How many files are left out because there are too many. */
  readonly cut: number;
}

/** A heat map in the size of a stamp. */
export interface EpochMap {
  readonly method: MethodId;
  readonly layer: string;
  /** Class that is explained. */
  readonly target: number;
  /** uint8 [height, width]: 0..254 for 0 to `top`, of a signed map -top to `top`; 255 for NaN. */
  readonly values: WireTensor;
  /** The largest absolute value of the map. */
  readonly top: number;
  readonly isSigned: boolean;
  /** uint8 [height, width, 3]; `null` where the input is not an image. */
  readonly input: WireTensor | null;
}

/** What is wrong with the values of a layer for the input. */
export interface EpochLayer {
  readonly path: string;
  /** After a rectifier: channels, or units of a vector, that are 0 everywhere, and how many there are; `null` elsewhere. */
  readonly dead: number | null;
  readonly channels: number | null;
  /** After a sigmoid, tanh and the like: the share 0..1 of values where its slope is below 0.01; `null` elsewhere. */
  readonly saturated: number | null;
  /** Values before or after the activation, whichever are more. */
  readonly nan: number;
  readonly inf: number;
}

export interface LayerNorm {
  readonly layer: string;
  /** Euclidean norm of all weights of the layer, without those that are not finite. */
  readonly norm: number;
  /** How many weights are NaN or infinite. */
  readonly nonFinite: number;
}

/** How far the weights of a layer have moved since the epoch before. */
export interface LayerChange {
  readonly layer: string;
  /** Euclidean norm of the difference of all weights, without values that are not finite; `null` where their shapes differ. */
  readonly distance: number | null;
}

/** One epoch on one input. */
export interface EpochReport {
  readonly backend: BackendName;
  /** The strongest classes, at most ten. */
  readonly predictions: readonly Prediction[];
  /**
   * float32 [classes] of the first classes, at most 1024: probabilities, or the values of an output without them; the two classes of a
   * single sigmoid; of an output with positions the means over them.
   */
  readonly scores: WireTensor;
  readonly isProbability: boolean;
  /** `null` where there is no map: `mapProblem` says why. */
  readonly map: EpochMap | null;
  readonly mapProblem: string | null;
  readonly layers: readonly EpochLayer[];
  readonly firstBad: FirstBad | null;
  readonly weights: readonly LayerNorm[];
  /** Against the last epoch before it that could be opened; left out where there is none. */
  readonly changes?: readonly LayerChange[];
  /** The class that is predicted; `null` where the scores are NaN. */
  readonly predicted: number | null;
}

/** Dead channels of all layers, and how many channels there are. */
export function deadChannels({ layers }: Pick<EpochReport, 'layers'>): {
  readonly dead: number;
  readonly channels: number;
} {
  let [dead, channels] = [0, 0];
  for (const layer of layers) {
    dead += layer.dead ?? 0;
    channels += layer.channels ?? 0;
  }
  return { dead, channels };
}

/** Euclidean norm of all weights, without those that are not finite. */
export const weightNorm = ({ weights }: Pick<EpochReport, 'weights'>): number =>
  Math.sqrt(weights.reduce((sum, { norm }) => sum + norm * norm, 0));

/** How far all weights have moved since the epoch before: the Euclidean norm of the difference; `null` where that is not known. */
export function distanceMoved({ changes }: Pick<EpochReport, 'changes'>): number | null {
  const known = (changes ?? []).flatMap(({ distance }) => distance ?? []);
  return known.length === 0 ? null : Math.sqrt(known.reduce((sum, distance) => sum + distance ** 2, 0));
}

/** The change of the norm since the epoch before, as a share of what it was; `null` where there is nothing to compare. */
export function normChange(now: EpochReport, before: EpochReport | undefined): number | null {
  const was = before === undefined ? 0 : weightNorm(before);
  return was > 0 ? weightNorm(now) / was - 1 : null;
}

/** Values of the layers and weights that are NaN or infinite. */
export const nonFiniteCount = ({ layers, weights }: EpochReport): number =>
  layers.reduce((sum, { nan, inf }) => sum + nan + inf, 0) +
  weights.reduce((sum, { nonFinite }) => sum + nonFinite, 0);

/** The largest share of saturated values among the layers; `null` where no layer can saturate. */
export function mostSaturated({ layers }: Pick<EpochReport, 'layers'>): EpochLayer | null {
  let most: EpochLayer | null = null;
  for (const layer of layers)
    if (layer.saturated !== null && layer.saturated > (most?.saturated ?? -1)) most = layer;
  return most;
}
