import type { TensorStats } from './model';

/** A value of a layer: before its activation, its output, and the weights of an attention layer. */
export const STAGES = ['pre', 'post', 'attention'] as const;
export type Stage = (typeof STAGES)[number];

/** What the layer page shows: one call of one layer, for one input, always in inference mode. */
export interface LayerValues {
  readonly layer: string;
  readonly className: string;
  /** Name of the activation; `null` when the layer has none, and then `pre` is null too. */
  readonly activation: string | null;
  readonly pre: TensorStats | null;
  readonly post: TensorStats;
  /** Both on one axis; `null` where there is no activation, or it is not a function of one value. */
  readonly distribution: Distribution | null;
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
  /** "Inference mode: dropout is off, batch normalisation uses its moving statistics." and the like. */
  readonly notices: readonly string[];
}

export interface TopValue {
  readonly index: readonly number[];
  readonly pre: number | null;
  readonly post: number;
  /** Of a softmax or sigmoid, whose float32 values are rounded to 0 or 1. */
  readonly probability: ExactProbability | null;
}

/** The natural logarithms of p and of 1 - p. */
export interface ExactProbability {
  readonly log: number;
  readonly logOfComplement: number;
}

/** Values before and after an activation in equal bins of one axis from `min` to `max`, and the activation between them. */
export interface Distribution {
  readonly min: number;
  readonly max: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** The activation at evenly spaced places from the smallest to the largest value before it, both included. */
  readonly curve: { readonly from: number; readonly to: number; readonly values: readonly number[] };
}
