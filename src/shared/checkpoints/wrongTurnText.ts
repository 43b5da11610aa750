import * as l10n from '@vscode/l10n';
import { numberText } from '../numberText';
import type { CheckpointList } from '../results/checkpoints';
import type { Reference, WrongReason } from './wrongTurn';

/** A class as text: `0 (cat)`, `0`. */
export type NameOf = (index: number) => string;

/** @param labels names of the classes by index */
export const namesOf =
  (labels: readonly string[]): NameOf =>
  (index) =>
    labels[index] === undefined || labels[index] === '' ? String(index) : `${index} (${labels[index]})`;

/** @param file the name of the epoch */
export const wrongTurnTitle = (file: string): string => l10n.t('First wrong turn: {0}', file);

export const noWrongTurnText = (): string => l10n.t('No wrong turn: nothing goes wrong and stays wrong.');

/** What goes wrong, as a sentence. */
export function reasonText(reason: WrongReason, nameOf: NameOf): string {
  switch (reason.kind) {
    case 'non-finite':
      return reason.layer === null
        ? l10n.t('From here on, weights are NaN or infinite.')
        : l10n.t('From here on, values are NaN or infinite, first in {0}.', reason.layer);
    case 'dead':
      return l10n.t(
        'From here on, {1} of {2} channels are dead, {0} before.',
        reason.before,
        reason.after,
        reason.channels,
      );
    case 'prediction':
      return reason.to === null
        ? l10n.t(
            'From here on, class {0} is not predicted any more: the scores are NaN.',
            nameOf(reason.from),
          )
        : l10n.t(
            'From here on, class {0} is not predicted any more, but {1}.',
            nameOf(reason.from),
            nameOf(reason.to),
          );
  }
}

/** Which class counts as right. */
export const referenceText = ({ index, from }: Reference, nameOf: NameOf): string =>
  from === 'label'
    ? l10n.t('The right class is {0}, as given.', nameOf(index))
    : l10n.t('The right class is not given; {0} is taken for it, which most epochs predict.', nameOf(index));

/** How many epochs there are and how they are ordered. */
export function orderText({ orderedBy, files }: Pick<CheckpointList, 'orderedBy' | 'files'>): string {
  const count = files.length;
  if (orderedBy === 'time')
    return l10n.t(
      '{0} epochs, ordered by the time of their last change: no number tells their names apart',
      count,
    );
  return l10n.t('{0} epochs, ordered by the number in their names', count);
}

/** A change of a norm: `+12 %`, `× 1240`. @param change share of what it was */
export function changeText(change: number | null): string {
  if (change === null) return '';
  if (change >= 9) return `× ${numberText(change + 1, 3)}`;
  const percent = Number((change * 100).toFixed(1));
  return `${percent > 0 ? '+' : ''}${percent === 0 ? 0 : percent} %`;
}
