import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';

/** How windows slide along one spatial axis. */
export interface Axis {
  /** Size of the kernel or pool along the axis. */
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
}

export type PaddingName = 'valid' | 'same' | 'causal';

/** The extent of a dilated window. */
export const span = ({ window, dilation }: Axis): number => dilation * (window - 1) + 1;

/**
 * Zeros before and after an axis of `size`, as in TensorFlow: `same` gives ceil(size / stride) windows with the odd zero
 * at the end; in `causal` no window sees a later position.
 */
export function padsOf(axis: Axis, size: number, padding: PaddingName): readonly [number, number] {
  if (padding === 'valid') return [0, 0];
  if (padding === 'causal') return [span(axis) - 1, 0];
  const total = Math.max((Math.ceil(size / axis.stride) - 1) * axis.stride + span(axis) - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** The number of zeros around an axis of `size`. */
export function sumOfPads(axis: Axis, size: number, padding: PaddingName): number {
  const [before, after] = padsOf(axis, size, padding);
  return before + after;
}

/** Number of windows along an axis of known size; 0 or negative when none fits. */
export function windowsAlong(axis: Axis, size: number, padding: PaddingName): number {
  if (padding === 'valid') return Math.floor((size - span(axis)) / axis.stride) + 1;
  return Math.ceil(size / axis.stride);
}

/**
 * Number of windows along an axis; `null` for an unknown size.
 * @throws Failure `wrong-shape` that names the layer when no window fits.
 */
export function windowCount(
  axis: Axis,
  size: number | null,
  padding: PaddingName,
  config: LayerConfig,
): number | null {
  if (size === null) return null;
  const count = windowsAlong(axis, size, padding);
  if (count > 0) return count;
  return fail(
    'wrong-shape',
    l10n.t('Layer "{0}" has a window of {1}, larger than its input of {2}.', config.path, span(axis), size),
    { subject: config.path, remedy: l10n.t('Give the model the input size that it was built for.') },
  );
}
