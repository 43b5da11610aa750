import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import type { SpatialRank } from '../support/layout';
import { type Axis, type PaddingName, span } from '../support/windows';
import type { Convolution } from './volumeConvolution';

/** A window of size 1 without stride or dilation. */
export const UNIT_AXIS: Axis = { window: 1, stride: 1, dilation: 1 };

/** Argument `padding`; only sequences support `causal`. */
export function paddingOf(config: LayerConfig, spatial: SpatialRank): PaddingName {
  const names: readonly PaddingName[] = spatial === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same'];
  return config.choice('padding', names, 'valid');
}

/** Bounds the zeros around an input: they grow with the window's span, which no size in the file limits. */
const MAX_SPAN = 2 ** 20;

/** Window, stride and dilation of each spatial axis, all positive. */
export function axesOf(config: LayerConfig, spatial: SpatialRank): Axis[] {
  const windows = positive(config, 'kernel_size', spatial);
  const strides = positive(config, 'strides', spatial, 1);
  const dilations = positive(config, 'dilation_rate', spatial, 1);
  const axes = windows.map((window, i) => ({
    window,
    stride: strides[i] ?? 1,
    dilation: dilations[i] ?? 1,
  }));
  return axes.every((axis) => span(axis) <= MAX_SPAN)
    ? axes
    : config.bad('dilation_rate', l10n.t('such that no window spans more than {0}', MAX_SPAN), dilations);
}

/**
 * An argument of `length` positive integers.
 * @throws Failure `bad-config` that names the layer and the argument otherwise.
 */
export function positive(config: LayerConfig, key: string, length: number, fallback?: number): number[] {
  const values = config.ints(key, length, fallback);
  return values.every((value) => value > 0) ? values : config.bad(key, l10n.t('positive integers'), values);
}

/** The layer's convolution over an image or volume; a sequence is an image of height 1. */
export function imageConvolution(config: LayerConfig, spatial: SpatialRank): Convolution {
  const padding = paddingOf(config, spatial);
  const axes = axesOf(config, spatial);
  const [columns = UNIT_AXIS, rows = UNIT_AXIS, depth] = axes.reverse();
  return {
    axes: [rows, columns],
    padding: [padding === 'causal' ? 'valid' : padding, padding],
    ...(depth && { depth: { axis: depth, padding } }),
  };
}
