import type { BatchReport, ReportRow } from '../shared/batch/batchReport';
import { strongestPart } from '../shared/batch/evidence';
import type { MethodId } from '../shared/methods';
import { unpackNumbers } from '../shared/wireNumbers';

/** What the page shows, as the command wrote it into the page. */
export function readReport(): BatchReport {
  const text = document.getElementById('report')?.textContent ?? '';
  return JSON.parse(text, (_key, part: unknown) => unpackNumbers(part));
}

/** The name of a class, or its index where it has none. */
export const className = ({ labels }: Pick<BatchReport, 'labels'>, index: number): string =>
  labels[index] ?? String(index);

/** Where most of the evidence of an input lies, as the place among the parts of its evidence. */
export const placeOf = (row: ReportRow, method: MethodId | null): number | null =>
  strongestPart(evidenceOf(row, method));

export const evidenceOf = ({ maps }: ReportRow, method: MethodId | null): readonly number[] | null =>
  maps.find((map) => map.method === method)?.evidence ?? null;

/** How many parts the evidence of the inputs has: 9 of images, 3 of sequences, 0 where none has places. */
export function partCount({ rows }: BatchReport, method: MethodId | null): number {
  for (const row of rows) {
    const evidence = evidenceOf(row, method);
    if (evidence !== null) return evidence.length;
  }
  return 0;
}
