import * as l10n from '@vscode/l10n';
import type { InputNames } from '../../shared/inputs';
import type { ExplainParams } from '../../shared/protocol';
import type { RemovedPart, WhatWouldChange } from '../../shared/results/whatIf';
import { type Counterfactual, counterfactual, type RemovedCells } from '../explain/whatIf/counterfactual';
import { readMapFile } from '../inputs/arrays/mapFile';
import type { Control } from '../run/control';
import type { Run } from '../session/runs';
import { classText, predictionText } from './predictionText';

/** Of the names of removed tokens or columns, for an answer of bounded size. */
const MAX_NAMES = 1000;
/** In the sentence. */
const MAX_NAMED = 8;

/** What would change the prediction of a run, with the names of what is removed. */
export async function whatWouldChange(
  run: Run,
  {
    target,
    labels = [],
    options = {},
    insist = false,
  }: Pick<ExplainParams, 'target' | 'labels' | 'options' | 'insist'>,
  control: Control,
): Promise<WhatWouldChange> {
  const found = await counterfactual(run.trace, { target, labels, options, insist }, control, readMapFile);
  const { decision, cells, before, after, removed: groupsRemoved } = found;
  const removed = cells.map((part) => removedPart(part, run.inputs[part.inputIndex]?.names));
  const { index, goal } = decision;
  return {
    target: { index, label: labels[index] ?? null },
    goal,
    groupsRemoved,
    groups: found.groups,
    isFound: found.isFound,
    isVerified: found.isVerified,
    before,
    after,
    removed,
    passes: found.passes,
    backend: run.trace.runtime.status.name,
    sentence: sentence(found, removed, labels),
    notices: [
      ...(found.isFound && !found.isVerified
        ? [
            l10n.t(
              'A last run of this input alone did not confirm it: the prediction is near its turning point.',
            ),
          ]
        : []),
      l10n.t(
        'Removed is what the baseline "{0}" stands for; another baseline may give another answer.',
        found.baseline,
      ),
    ],
  };
}

function removedPart(
  { input, inputIndex, groups, removedGroups, shape, mask }: RemovedCells,
  names: InputNames | undefined,
): RemovedPart {
  return {
    input,
    inputIndex,
    groups,
    removedGroups,
    mask: { shape, dtype: 'uint8', data: Buffer.from(mask).toString('base64') },
    names: names === undefined || shape.length !== 1 ? null : removedNames(mask, names),
  };
}

/** Tokens and columns one by one, neighbouring letters together. */
function removedNames(mask: Uint8Array, { kind, values }: InputNames): string[] {
  const found: string[] = [];
  for (let position = 0; position < mask.length && found.length < MAX_NAMES; position++) {
    const name = values[position];
    // Padding and gaps have empty names.
    if (mask[position] !== 1 || name === undefined || name === '') continue;
    if (kind === 'letters' && position > 0 && mask[position - 1] === 1 && found.length > 0)
      found.push(`${found.pop() ?? ''}${name}`);
    else found.push(name);
  }
  return found;
}

function sentence(
  { decision: { index, goal }, isFound, groups, removed, before, after }: Counterfactual,
  parts: readonly RemovedPart[],
  labels: readonly string[],
): string {
  const name = classText({ index, label: labels[index] ?? null });
  if (!isFound) {
    return goal === 'lose'
      ? l10n.t(
          'Of the {0} groups no set was found whose removal takes the prediction of {1} away.',
          groups,
          name,
        )
      : l10n.t('Of the {0} groups no set was found whose removal makes {1} predicted.', groups, name);
  }
  const first = (list: typeof before) => list.find((prediction) => prediction.index === index);
  const [was] = before;
  const [is] = after;
  const isSameClass = was !== undefined && was.index === is?.index;
  // Of labels that do not exclude each other the strongest may stay the same.
  const [from, to] = isSameClass ? [first(before) ?? was, first(after) ?? is] : [was, is];
  const without = [removed.length, groups, namesText(parts)];
  return from === undefined || to === undefined
    ? l10n.t('Without {0} of {1} groups{2}, the prediction changes.', ...without)
    : l10n.t(
        'Without {0} of {1} groups{2}, the prediction changes from {3}, to {4}.',
        ...[...without, predictionText(from), predictionText(to)],
      );
}

function namesText(parts: readonly RemovedPart[]): string {
  const names = parts.flatMap((part) => part.names ?? []);
  if (names.length === 0) return '';
  const shown = names.slice(0, MAX_NAMED).map((name) => `"${name}"`);
  return ` (${shown.join(', ')}${names.length > MAX_NAMED ? ', ...' : ''})`;
}
