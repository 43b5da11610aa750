import * as l10n from '@vscode/l10n';
import { steps } from '../arithmetic/formulaSteps';
import { compound } from '../compound';
import { expandDims, squeeze, transpose } from '../manipulation/reshaping';
import { type Operation, operandAt, refuse } from '../operation';

/** Whether the channels of images come first. */
export type ChannelsFirst = boolean;

/** An operation on batches with their channels last, applied to images of any layout, batched or single. */
export function onChannelsLastBatches(
  operation: Operation,
  isFirst: ChannelsFirst,
  others: readonly Operation[] = [],
): Operation {
  return compound((apply, operands) => {
    const { of } = steps(apply);
    const images = operandAt(operands, 0);
    const isSingle = images.shape.length === 3;
    if (!isSingle && images.shape.length !== 4)
      refuse(l10n.t('its images have neither three nor four axes.'));
    const batch = isSingle ? of(expandDims([0]), images) : images;
    const last = isFirst ? of(transpose([0, 2, 3, 1]), batch) : batch;
    const rest = operands.slice(1).map((operand, i) => (others[i] ? of(others[i], operand) : operand));
    const [done] = apply(operation, last, ...rest);
    const back = isFirst ? of(transpose([0, 3, 1, 2]), done) : done;
    return [isSingle ? of(squeeze([0]), back) : back];
  });
}

export const axesOf = (rank: number, isFirst: ChannelsFirst): [number, number] => {
  if (rank !== 3 && rank !== 4) refuse(l10n.t('its images have neither three nor four axes.'));
  return isFirst ? [rank - 2, rank - 1] : [rank - 3, rank - 2];
};
