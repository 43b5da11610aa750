import type { Stage } from '../layerValues';
import type { WireTensor } from '../model';
import type { ReceptiveField } from './tracing';

/**
 * How the values of a layer are looked at: `maps` are images, one per channel (of a volume by slice); `strips` are rows over
 * positions, one per channel; `sequence` is one image of time by unit; `units` are single numbers; `heads` are images of
 * query by key, one per attention head.
 */
export type ChannelKind = 'maps' | 'strips' | 'sequence' | 'units' | 'heads';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** How much each channel adds to a score. */
export interface ChannelAttribution {
  /** What the score is of, in the user's language: "class 3 (cat)". */
  readonly target: string;
  /** float32 [described]: the sum over the positions of gradient times value. */
  readonly sums: WireTensor;
}

/** The channels of a layer, of the first example, without their values. */
export interface LayerChannels {
  /** `null` for values that have none of these forms, or none at all. */
  readonly kind: ChannelKind | null;
  /** The stage that is described: `post` where the layer has no other. */
  readonly stage: Stage;
  /** What can be asked for. */
  readonly stages: readonly Stage[];
  readonly total: number;
  /** Sizes of one channel, or of one slice of it. */
  readonly rows: number;
  readonly columns: number;
  /** Slices of a volume or of a sequence of images, along the axis before the rows; else 1. */
  readonly slices: number;
  /** float32 [3, described]: the smallest, largest and mean finite value of each channel; NaN where there is none. */
  readonly ranges: WireTensor;
  /** How many channels, from the first on, `ranges` has: all but of layers with a great many units. */
  readonly described: number;
  /** `null` if not asked for or not defined. */
  readonly attribution: ChannelAttribution | null;
}

/** Some channels as small images. */
export interface ChannelTiles {
  /** Sizes of the images: of a larger channel every n-th row and column is kept. */
  readonly rows: number;
  readonly columns: number;
  readonly channels: readonly number[];
  /** uint8 [channels, rows, columns]: 0 is the smallest and 254 the largest finite value of the channel; 255 is NaN. */
  readonly values: WireTensor;
}

/** One channel, or one slice of it, with its own values. */
export interface ChannelMap {
  readonly channel: number;
  readonly slice: number;
  readonly rows: number;
  readonly columns: number;
  /** Of a large channel only every n-th row and column is sent. */
  readonly step: { readonly rows: number; readonly columns: number };
  /** float32, of every n-th row and column. */
  readonly values: WireTensor;
  /** Where the values come from in the input of the model; `null` where that is not asked for or not known. */
  readonly source: ChannelSource | null;
}

export interface ChannelSource {
  /** Path and spatial sizes of the input. */
  readonly input: string;
  readonly size: readonly number[];
  readonly field: ReceptiveField;
  /** uint8 [height, width, 3]; `null` for an input that is not an image. */
  readonly image: WireTensor | null;
}
