import type { TensorStats } from '../model';

/** What a class activation map at a layer is computed from, by name. */
export interface DrawnQuantities {
  readonly layer: string;
  /** A, the output of the layer. */
  readonly output: TensorStats;
  /** dScore/dA, the gradient at the layer. */
  readonly gradient: TensorStats;
  readonly channels: number;
  /** Size of the images of a channel; null for a layer that has no image per channel. */
  readonly tile: { readonly width: number; readonly height: number } | null;
  /** The channels that add most to the Grad-CAM map, or take most from it, strongest first. */
  readonly strongest: readonly ChannelQuantities[];
  /** The sum of `part` over all channels: the mean of the Grad-CAM map. */
  readonly sum: number;
  /** How CAM and Grad-CAM are related here; null where the model has no CAM. */
  readonly relation: string | null;
}

export interface ChannelQuantities {
  readonly channel: number;
  /** Grad-CAM's weight w: the mean of the channel's gradient over all positions. */
  readonly weight: number;
  /** The mean of the channel's output over all positions. */
  readonly mean: number;
  /** weight x mean. */
  readonly part: number;
  /** PNG as base64: the output in the chosen colours, the gradient with 0 in the middle of a diverging map. */
  readonly outputPng: string | null;
  readonly gradientPng: string | null;
}
