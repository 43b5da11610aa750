import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { OpConfig } from '../../graph/opConfig';
import type { Tensor, TF } from '../../layers/kind';
import { sizesMatch } from '../../layers/support/shapeMatching';
import { sumTo } from '../broadcast';
import { needsGradient, type Operation, operandAt, refuse, shapeText } from '../operation';

/** A row of one number per channel, shaped to broadcast with `x`. */
const alongChannels = (tf: TF, row: Tensor, x: { readonly rank: number }, channelsFirst: boolean): Tensor =>
  channelsFirst && x.rank > 2 ? tf.reshape(row, [-1, ...new Array<number>(x.rank - 2).fill(1)]) : row;

/** The shape of the first operand, which `count` rows of one number per channel must follow. */
function checkRows([x, ...rows]: readonly Shape[], count: number, channelsFirst: boolean): Shape {
  if (x === undefined || rows.length < count)
    return refuse(l10n.t('operands are missing: it has {0}.', rows.length + 1));
  if (x.length < 2) refuse(l10n.t('a tensor of the shape {0} has no channels.', shapeText(x)));
  const channels = x[channelsFirst ? 1 : x.length - 1] ?? null;
  for (const row of rows.slice(0, count)) {
    const [size = null] = row;
    if (row.length === 1 && sizesMatch(size, channels)) continue;
    refuse(l10n.t('a row of the shape {0} does not fit the channels of {1}.', shapeText(row), shapeText(x)));
  }
  return x;
}

/** `BiasAdd`: one number per channel. */
export function bias(config: OpConfig): Operation {
  const channelsFirst = config.raw('data_format') === 'channels_first';
  return {
    outputShapes: (operands) => [checkRows(operands, 1, channelsFirst)],
    forward({ tf }, operands) {
      const x = operandAt(operands, 0);
      return [tf.add(x, alongChannels(tf, operandAt(operands, 1), x, channelsFirst))];
    },
    backward({ tf }, step) {
      const [gradient] = step.gradients;
      const row = operandAt(step.inputs, 1);
      if (!gradient) return [];
      const placed = alongChannels(tf, row, gradient, channelsFirst).shape;
      const toRow = needsGradient(step, 1) ? tf.reshape(sumTo(tf, gradient, placed), row.shape) : null;
      return [gradient, toRow];
    },
  };
}

/** `FusedBatchNorm` with moving statistics: operands x, scale, offset, mean, variance. */
export function batchNorm(config: OpConfig): Operation {
  if (config.bool('is_training', false))
    refuse(l10n.t('it normalizes by the statistics of the batch (training mode).'));
  const channelsFirst = config.raw('data_format') === 'channels_first';
  const epsilon = config.number('epsilon', 1e-4);
  const affine = (tf: TF, [x, ...rows]: readonly Tensor[]): { scale: Tensor; shift: Tensor } => {
    const [gamma, beta, mean, variance] = [0, 1, 2, 3].map((i) => operandAt(rows, i)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
    const shift = tf.sub(beta, tf.mul(mean, scale));
    const place = (row: Tensor): Tensor => alongChannels(tf, row, x ?? row, channelsFirst);
    return { scale: place(scale), shift: place(shift) };
  };
  return {
    outputShapes: (operands) => [checkRows(operands, 4, channelsFirst)],
    forward({ tf }, operands) {
      const { scale, shift } = affine(tf, operands);
      return [tf.add(tf.mul(operandAt(operands, 0), scale), shift)];
    },
    backward({ tf }, step) {
      const [gradient] = step.gradients;
      if ([1, 2, 3, 4].some((i) => needsGradient(step, i)))
        refuse(l10n.t('its statistics depend on the input.'));
      return gradient ? [tf.mul(gradient, affine(tf, step.inputs).scale)] : [];
    },
  };
}
