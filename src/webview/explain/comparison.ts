import * as l10n from '@vscode/l10n';
import type { Explanation, TargetChoice } from '../../shared/explanation';
import type { Comparison } from '../../shared/view';
import { isTarget, targetOf } from './targets';

/** Another map beside that of the target. */
export interface Compared {
  readonly caption: string;
  readonly compared: Comparison;
}

const nameOf = ({ index, label }: { readonly index: number; readonly label: string | null }): string =>
  label === null ? l10n.t('class {0}', index) : label;

/** The strongest prediction that is not explained; null where there is no other class. */
const runnerUp = (explanation: Explanation) =>
  explanation.units < 2 || explanation.target.unit !== null
    ? null
    : (explanation.predictions.find((row) => !isTarget(row, explanation)) ?? null);

/** "Why tabby, not tiger cat", for the box that shows the maps of `comparisons`; null where there is nothing to compare. */
export function comparisonLabel(explanation: Explanation): string | null {
  const other = runnerUp(explanation);
  if (other === null) return null;
  if (explanation.binary) return l10n.t('Compare both classes side by side');
  return l10n.t('Why {0}, not {1}', nameOf(explanation.target), nameOf(other));
}

/**
 * The maps to show beside that of the target: of the strongest other class, and of the difference of both scores. For a single
 * sigmoid that difference is twice the score of the target, and so is its map: the page subtracts the maps themselves instead.
 */
export function comparisons(explanation: Explanation, choice: TargetChoice): readonly Compared[] {
  const other = runnerUp(explanation);
  if (other === null) return [];
  const { versus: _, ...own } = choice;
  const beside = {
    caption: nameOf(other),
    compared: { target: { ...own, ...targetOf(other, explanation, own) } },
  };
  if (explanation.binary) return [beside];
  const difference = {
    caption: l10n.t('Why {0}, not {1}', nameOf(explanation.target), nameOf(other)),
    compared: { target: { ...own, index: explanation.target.index, versus: other.index } },
  };
  return [beside, difference];
}
