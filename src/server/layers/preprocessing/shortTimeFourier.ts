import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import { UNIT_AXIS } from '../convolution/convolutionConfig';
import { type Convolution2d, convolve, convolveGradient } from '../convolution/convolutionOps';
import type { LayerContext, Tensor } from '../kind';

/** How a signal is split into frames. */
export interface Frames {
  readonly length: number;
  readonly step: number;
  readonly padding: 'valid' | 'same';
}

const shapeOf = ({ length, step, padding }: Frames): Convolution2d => ({
  axes: [UNIT_AXIS, { window: length, stride: step, dilation: 1 }],
  padding: ['valid', padding],
});

/**
 * The real or imaginary part of the Fourier transform of every frame, as a convolution, which every backend supports.
 * @param signals [signals, time]
 * @param kernel [length, 1, frequencies], cosine or sine times the window
 * @returns [signals, frames, frequencies]
 */
export function transform({ tf }: LayerContext, signals: Tensor, kernel: Tensor, frames: Frames): Tensor {
  const [count = 1, time = 0] = signals.shape;
  const image = tf.reshape(signals, [count, 1, time, 1]);
  return tf.squeeze(convolve(tf, image, tf.expandDims(kernel, 0), shapeOf(frames)), [1]);
}

/** The gradient of `transform` with respect to the signals. */
export function transformGradient(
  ctx: LayerContext,
  gradient: Tensor,
  kernel: Tensor,
  signals: Tensor,
  frames: Frames,
): Tensor {
  const { tf } = ctx;
  const [count = 1, time = 0] = signals.shape;
  const image = [count, 1, time, 1];
  const dy = tf.expandDims(gradient, 1);
  const back = convolveGradient(ctx, dy, tf.expandDims(kernel, 0), image, shapeOf(frames));
  return tf.reshape(back, [count, time]);
}

/** Reads a count of samples from a config. */
export function samples(config: LayerConfig, key: string, fallback?: number): number {
  const value = config.int(key, fallback);
  return value > 0 && value <= 2 ** 24 ? value : config.bad(key, l10n.t('a positive integer'), value);
}
