import type { BatchRow } from '../../shared/batch/batchRow';
import { shareText } from '../../shared/numberText';
import type { CheckCase } from './junit';

export interface Limits {
  /** Share of the labelled inputs that must be predicted as labelled; null for any. */
  readonly minAccuracy: number | null;
  /** Inputs whose output may hold NaN or infinities; null for any number. */
  readonly maxNan: number | null;
}

export interface CheckedRows {
  readonly passed: boolean;
  readonly inputs: number;
  /** Labelled inputs, those that could not be read included: they are not right. */
  readonly labelled: number;
  readonly correct: number;
  readonly accuracy: number | null;
  /** Inputs whose output holds NaN or infinities. */
  readonly nonFinite: number;
  /** Inputs that could not be read or computed. */
  readonly failed: number;
  /** The limits first, then the inputs. */
  readonly cases: readonly CheckCase[];
}

/** Compares what is predicted with limits. An input that cannot be read fails. */
export function checkRows(rows: readonly BatchRow[], { minAccuracy, maxNan }: Limits): CheckedRows {
  const labelled = rows.filter(({ truth, kind }) => truth !== null && kind !== 'number');
  const correct = labelled.filter((row) => row.correct === true).length;
  const accuracy = labelled.length === 0 ? null : correct / labelled.length;
  const nonFinite = rows.filter((row) => row.nonFinite > 0).length;
  const failed = rows.filter(({ error }) => error !== null).length;
  const limits: CheckCase[] = [
    limit('every input is read', failed === 0, `${failed} of ${rows.length} inputs failed.`),
  ];
  if (minAccuracy !== null) {
    limits.push(
      limit(
        `accuracy is at least ${shareText(minAccuracy)}`,
        accuracy !== null && accuracy >= minAccuracy,
        accuracy === null
          ? 'No input has a true class: give them with --labels.'
          : `${correct} of ${labelled.length} labelled inputs are right (${shareText(accuracy)}).`,
      ),
    );
  }
  if (maxNan !== null) {
    limits.push(
      limit(
        `at most ${maxNan} inputs give NaN or infinities`,
        nonFinite <= maxNan,
        `${nonFinite} of ${rows.length} inputs give NaN or infinities.`,
      ),
    );
  }
  return {
    passed: limits.every(({ outcome }) => outcome === 'passed'),
    inputs: rows.length,
    labelled: labelled.length,
    correct,
    accuracy,
    nonFinite,
    failed,
    cases: limits,
  };
}

const limit = (name: string, holds: boolean, message: string): CheckCase => ({
  name,
  seconds: 0,
  outcome: holds ? 'passed' : 'failed',
  message: holds ? '' : message,
});

/** Each input as a check of its own, for tables of what is wrong. One within the limits is not a failure, so it is skipped with its reason. */
export const inputCases = (rows: readonly BatchRow[], labels: readonly string[]): CheckCase[] =>
  rows.map((row) => {
    const { name, seconds, error, correct, predictions, truth, nonFinite } = row;
    const label = (index: number): string => labels[index] ?? String(index);
    const wrong =
      correct === false && truth !== null
        ? `Predicted ${label(predictions[0]?.index ?? -1)}, labelled ${label(truth)}.`
        : null;
    const message = error ?? (nonFinite > 0 ? `${nonFinite} values are NaN or infinite.` : wrong);
    return { name, seconds, outcome: message === null ? 'passed' : 'skipped', message: message ?? '' };
  });
