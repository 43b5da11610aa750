import * as l10n from '@vscode/l10n';

/**
 * How far the values of maps are from adding up to a difference of scores, relative to it; infinite where they should add up to 0 and
 * do not.
 */
export function completenessError(maps: Iterable<ArrayLike<number>>, difference: number): number {
  let sum = 0;
  for (const values of maps) for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum === difference ? 0 : Math.abs(sum - difference) / Math.abs(difference);
}

/** The sentence for a method whose values do not add up as they should. */
export const incompleteNotice = (error: number, remedy: string): string =>
  Number.isFinite(error)
    ? l10n.t(
        'The values do not add up to the change of the score from the baseline: the error is {0} %. {1}',
        Number((100 * error).toPrecision(2)),
        remedy,
      )
    : l10n.t(
        'The values do not add up to the change of the score from the baseline: the error is all of it, because the score does not change. {0}',
        remedy,
      );
