import * as l10n from '@vscode/l10n';
import type { Prediction } from '../../../shared/explanation';
import type { RemovedPart, WhatWouldChange } from '../../../shared/results/whatIf';
import { el } from '../../dom';
import { icon } from '../../icons';
import { noticesOf, predictedName, predictedValue } from './parts';
import type { Drawn } from './question';

/** Rows of each list of predictions. */
const MAX_PREDICTIONS = 3;
/** Names listed one by one. */
const MAX_NAMES = 40;

/** "What would change it?": the prediction before and without the marked part, and the part by name where it has names. */
export function drawChange(answer: WhatWouldChange): Drawn {
  const { isFound, isVerified, groupsRemoved, groups, sentence } = answer;
  return {
    headline: el(
      'span',
      { class: 'headline' },
      el(
        'span',
        { class: `chip ${isFound ? 'found' : 'no-evidence'}` },
        icon(isFound ? 'explain' : 'nothing'),
        isFound ? l10n.t('{0} of {1} groups', groupsRemoved.length, groups) : l10n.t('Nothing found'),
      ),
      el('span', { class: 'hidden-text' }, ': '),
      el('span', {}, sentence),
    ),
    details: [
      isFound
        ? el(
            'div',
            { class: 'before-after' },
            predictions(l10n.t('As it is'), answer.before),
            predictions(l10n.t('Without the marked part'), answer.after),
          )
        : null,
      isVerified
        ? el(
            'p',
            { class: 'verified' },
            icon('check'),
            l10n.t('Verified: the model was run once more without this part.'),
          )
        : null,
      ...answer.removed.map((part) => removedText(part, answer.removed.length > 1)),
      noticesOf(answer.notices),
    ],
  };
}

function predictions(title: string, rows: readonly Prediction[]): HTMLElement {
  return el(
    'div',
    {},
    el('h3', { class: 'quiet' }, title),
    el(
      'ol',
      {},
      ...rows
        .slice(0, MAX_PREDICTIONS)
        .map((row) =>
          el(
            'li',
            {},
            el('span', {}, predictedName(row)),
            el('span', { class: 'number' }, predictedValue(row, rows)),
          ),
        ),
    ),
  );
}

function removedText(
  { input, names, removedGroups, groups }: RemovedPart,
  isNamed: boolean,
): HTMLElement | null {
  if (names === null || names.length === 0)
    return isNamed
      ? el('p', {}, l10n.t('Removed of {0}: {1} of {2} groups.', input, removedGroups, groups))
      : null;
  const more = names.length - MAX_NAMES;
  return el(
    'p',
    { class: 'removed-names' },
    `${isNamed ? l10n.t('Removed of {0}:', input) : l10n.t('Removed:')} `,
    ...names.slice(0, MAX_NAMES).map((name) => el('del', {}, name)),
    more > 0 ? `, ${l10n.t('and {0} more', more)}` : '',
  );
}
