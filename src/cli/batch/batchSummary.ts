import type { BatchRecord } from '../../server/batch/journal';
import { accuracyOfRows } from '../../shared/batch/batchFigures';
import type { BatchRow } from '../../shared/batch/batchRow';
import { shareText } from '../../shared/numberText';
import { visible } from '../../shared/text';
import { printJson, printLines } from '../output';

/** Failures that are named one by one. */
const NAMED = 5;

/** Says what a batch came to. */
export function printSummary(
  { rows }: BatchRecord,
  out: string,
  files: readonly string[],
  asJson: boolean,
): void {
  const failures = rows.flatMap(({ name, error }) =>
    error === null ? [] : [{ input: name, reason: error }],
  );
  const { correct, labelled } = accuracyOfRows(rows);
  const accuracy = labelled === 0 ? null : correct / labelled;
  if (asJson) {
    printJson({ out, inputs: rows.length, failures, labelled, correct, accuracy, files });
    return;
  }
  printLines([
    `${rows.length} ${rows.length === 1 ? 'input' : 'inputs'}, ${failures.length} failed`,
    ...(accuracy === null
      ? []
      : [`${correct} of ${labelled} predicted as labelled (${shareText(accuracy)})`]),
    ...failureLines(rows, 'in predictions.csv'),
    ...files.map((file) => `wrote ${file}`),
  ]);
}

/** The inputs that could not be read or computed, each with its reason. @param place where those are that are not named */
export function failureLines(rows: readonly BatchRow[], place: string): string[] {
  const lines = rows.flatMap(({ name, error }) => (error === null ? [] : [visible(`${name}: ${error}`)]));
  const more = lines.length - NAMED;
  return [...lines.slice(0, NAMED), ...(more > 0 ? [`and ${more} more ${place}`] : [])];
}
