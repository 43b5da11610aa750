import type { TensorStats } from './model';

/** What the layer page shows: one call of one layer, for one input, always in inference mode. */
export interface LayerValues {
  readonly layer: string;
  readonly className: string;
  /** Name of the activation; `null` when the layer has none, and then `pre` is null too. */
  readonly activation: string | null;
  readonly pre: TensorStats | null;
  readonly post: TensorStats;
  /** Largest |activation(before) - after| and whether it is within float32 rounding; null without activation. */
  readonly check: { readonly largestError: number; readonly agrees: boolean } | null;
  /** Shares 0..1 of the values; null where the term does not apply to the activation. */
  readonly shares: {
    /** Of the values before the activation, or of the output where there is no activation. */
    readonly negative: number;
    /** Channels whose values after a rectifier are all 0. */
    readonly deadChannels: number | null;
    readonly channels: number;
    /** Values where the slope of the activation is below 0.01; null for rectifiers. */
    readonly saturated: number | null;
  };
  /** The largest values after the activation, largest first; index without the batch axis. */
  readonly top: readonly TopValue[];
  /** How many channel maps `channelTiles` has; 0 for outputs without a spatial extent. */
  readonly tiles: number;
  /** "Inference mode: dropout is off, batch normalisation uses its moving statistics." and the like. */
  readonly notices: readonly string[];
}

export interface TopValue {
  readonly index: readonly number[];
  readonly pre: number | null;
  readonly post: number;
}

export interface ChannelTiles {
  readonly width: number;
  readonly height: number;
  readonly total: number;
  /** PNG as base64, each scaled to its own range. */
  readonly tiles: readonly {
    readonly channel: number;
    readonly min: number;
    readonly max: number;
    readonly png: string;
  }[];
}
