import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Einsum } from '../support/einsum';

/**
 * Shape of an int8 kernel's scale in an EinsumDense: one number for each kernel position that is not summed over, with
 * axes of size 1 so that it broadcasts against the output. Follows `einsum_dense._analyze_quantization_info` step by
 * step, because files contain its result.
 */
export function kernelScaleShape(
  config: LayerConfig,
  { left, right, output }: Einsum,
  kernel: readonly number[],
): number[] {
  const input = arrange(config, left, output, null);
  const { order, expand, squeeze } = arrange(config, right, output, input.last);
  const sizes = right.map((axis, i) => (output.includes(axis) ? (kernel[i] ?? 1) : 1));
  const shape = order.map((axis) => sizes[axis] ?? 1);
  for (const axis of [...expand].sort((a, b) => a - b)) shape.splice(axis, 0, 1);
  for (const axis of [...squeeze].sort((a, b) => b - a)) shape.splice(axis, 1);
  return shape;
}

/** @param previous position of the last inserted axis, which Keras reuses when no free position is left. */
function arrange(
  config: LayerConfig,
  axes: readonly string[],
  output: readonly string[],
  previous: number | null,
): { order: number[]; expand: number[]; squeeze: number[]; last: number | null } {
  const order = output.flatMap((axis) => (axes.includes(axis) ? [axes.indexOf(axis)] : []));
  const expand = output.flatMap((axis, i) => (axes.includes(axis) ? [] : [i]));
  const squeeze: number[] = [];
  let last = previous;
  for (const [i, axis] of axes.entries()) {
    if (output.includes(axis)) continue;
    const free = expand.shift();
    if (free === undefined) squeeze.push(i);
    else last = free;
    if (last === null) return config.bad('equation', l10n.t('one that Keras can quantize'), axes.join(''));
    order.splice(last, 0, i);
  }
  return { order, expand, squeeze, last };
}
