import type { BatchRow } from './batchRow';

/** How many of the labelled inputs that could be predicted are predicted as labelled. */
export function accuracyOfRows(rows: readonly Pick<BatchRow, 'correct'>[]): {
  readonly correct: number;
  readonly labelled: number;
} {
  const checked = rows.filter(({ correct }) => correct !== null);
  return { correct: checked.filter(({ correct }) => correct).length, labelled: checked.length };
}
