import * as l10n from '@vscode/l10n';
import type { RawMap } from '../method';

/** Rounding in float32 makes larger differences than this only in very large sums. */
const TOLERANCE = 1e-4;

/**
 * How CAM is related to Grad-CAM at the layer before global average pooling: the gradient of a mean over H * W positions is
 * 1 / (H * W) of the gradient of the mean, so CAM is H * W times Grad-CAM. The sentence states what is measured.
 */
export function camRelation(cam: RawMap, gradCam: RawMap, layer: string): string {
  const positions = cam.shape.reduce((a, b) => a * b, 1);
  let [top, largest] = [0, 0];
  for (const [i, value] of cam.values.entries()) {
    top = Math.max(top, Math.abs(value));
    largest = Math.max(largest, Math.abs(value - positions * (gradCam.values[i] ?? Number.NaN)));
  }
  const factor = cam.shape.length > 1 ? `${positions} (${cam.shape.join(' x ')})` : String(positions);
  if (top === 0) return l10n.t('CAM and Grad-CAM are both 0 at layer "{0}".', layer);
  const error = largest / top;
  return error <= TOLERANCE
    ? l10n.t(
        'At layer "{0}", CAM is {1} times Grad-CAM: the largest difference is {2} of the largest value.',
        layer,
        factor,
        error.toExponential(1),
      )
    : l10n.t(
        'At layer "{0}", CAM is not {1} times Grad-CAM: the largest difference is {2} of the largest value.',
        layer,
        factor,
        error.toExponential(1),
      );
}
