import type { BatchReport } from '../shared/batch/batchReport';
import type { MethodId } from '../shared/methods';
import { partCount, placeOf } from './data';

/** How many inputs of each true class are predicted as each class. */
export interface Confusion {
  /** Classes that are true or predicted for an input with both, ascending. */
  readonly classes: readonly number[];
  count(truth: number, predicted: number): number;
  /** Pairs of different classes, the most frequent first. */
  readonly mistakes: readonly {
    readonly truth: number;
    readonly predicted: number;
    readonly count: number;
  }[];
}

/** Null where no input has a true and a predicted class. */
export function confusionOf({ rows }: BatchReport): Confusion | null {
  const counts = new Map<string, { truth: number; predicted: number; count: number }>();
  const classes = new Set<number>();
  for (const { truth, correct, predictions } of rows) {
    const predicted = predictions[0]?.index;
    if (truth === null || correct === null || predicted === undefined) continue;
    classes.add(truth).add(predicted);
    const key = `${truth} ${predicted}`;
    const known = counts.get(key) ?? { truth, predicted, count: 0 };
    counts.set(key, { ...known, count: known.count + 1 });
  }
  if (classes.size === 0) return null;
  const mistakes = [...counts.values()].filter(({ truth, predicted }) => truth !== predicted);
  return {
    classes: [...classes].sort((a, b) => a - b),
    count: (truth, predicted) => counts.get(`${truth} ${predicted}`)?.count ?? 0,
    mistakes: mistakes.sort((a, b) => b.count - a.count || a.truth - b.truth || a.predicted - b.predicted),
  };
}

/** How many inputs have most of their evidence in one part. */
export interface PlaceCounts {
  readonly wrong: number;
  readonly right: number;
  readonly all: number;
}

/** By part; empty where the maps have no places. */
export function placesOf(report: BatchReport, method: MethodId | null): PlaceCounts[] {
  const counts = Array.from({ length: partCount(report, method) }, () => ({ wrong: 0, right: 0, all: 0 }));
  for (const row of report.rows) {
    const place = placeOf(row, method);
    const found = place === null ? undefined : counts[place];
    if (found === undefined) continue;
    found.all += 1;
    if (row.correct === false) found.wrong += 1;
    if (row.correct === true) found.right += 1;
  }
  return counts;
}
