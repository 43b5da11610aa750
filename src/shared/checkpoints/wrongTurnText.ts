import { numberText, shareText } from '../numberText';
import type { CheckpointList } from '../results/checkpoints';
import type { Reference, WrongReason, WrongTurn } from './wrongTurn';

/** A class as text: `0 (cat)`, `0`. */
export type NameOf = (index: number) => string;

/** @param labels names of the classes by index */
export const namesOf =
  (labels: readonly string[]): NameOf =>
  (index) =>
    labels[index] === undefined || labels[index] === '' ? String(index) : `${index} (${labels[index]})`;

/** What goes wrong, as a part of a sentence. */
export function reasonText(reason: WrongReason, nameOf: NameOf): string {
  switch (reason.kind) {
    case 'non-finite':
      return reason.layer === null
        ? 'weights are NaN or infinite'
        : `values are NaN or infinite, first in ${reason.layer}`;
    case 'dead':
      return `dead channels jump from ${reason.before} to ${reason.after} of ${reason.channels} (${shareText(reason.after / Math.max(1, reason.channels))})`;
    case 'prediction':
      return reason.to === null
        ? 'nothing is predicted any more'
        : `the prediction turns from ${nameOf(reason.from)} to ${nameOf(reason.to)}`;
  }
}

/** `First wrong turn: epoch-05.keras: dead channels jump from 1 to 14 of 14 (100 %). It stays so up to the last epoch.` */
export const wrongTurnText = ({ reasons }: WrongTurn, file: string, nameOf: NameOf): string =>
  `First wrong turn: ${file}: ${reasons.map((reason) => reasonText(reason, nameOf)).join('; ')}. It stays so up to the last epoch.`;

export const NO_WRONG_TURN = 'No wrong turn: nothing goes wrong and stays wrong.';

/** Which class counts as right. */
export const referenceText = ({ index, from }: Reference, nameOf: NameOf): string =>
  from === 'label'
    ? `Right is class ${nameOf(index)}, the label of the input.`
    : `Right is taken to be class ${nameOf(index)}, which most epochs predict, because the label of the input is not known.`;

/** How the epochs are ordered. */
export const orderText = ({ orderedBy }: Pick<CheckpointList, 'orderedBy'>): string =>
  orderedBy === 'number'
    ? 'ordered by the number in their names'
    : 'ordered by the time of their last change, because their names have no number that tells them apart';

/** A change of a norm: `+12 %`, `× 1240`. @param change share of what it was */
export function changeText(change: number | null): string {
  if (change === null) return '';
  if (change >= 9) return `× ${numberText(change + 1, 3)}`;
  const percent = Number((change * 100).toFixed(1));
  return `${percent > 0 ? '+' : ''}${percent === 0 ? 0 : percent} %`;
}
