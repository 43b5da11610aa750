import { join } from 'node:path';
import { writeAllOrNone } from '../io/writeFile';
import type { BatchRecord } from './journal';
import { reportHtml } from './report';
import { csvOf, parquetOf, timesOf } from './tables';

/** Files that are made from the journal at the end. */
export const BATCH_FILES = ['predictions.csv', 'predictions.parquet', 'timings.csv', 'report.html'] as const;

/** Writes tables and report into the folder of a batch: all or none. @returns their paths. @throws Failure */
export function writeResults(folder: string, record: BatchRecord): string[] {
  const { rows, header } = record;
  const { methods, labels } = header;
  const contents: Readonly<Record<(typeof BATCH_FILES)[number], () => Uint8Array>> = {
    'predictions.csv': () => Buffer.from(csvOf(rows, methods, labels)),
    'predictions.parquet': () => parquetOf(rows, methods, labels),
    'timings.csv': () => Buffer.from(timesOf(rows)),
    'report.html': () => Buffer.from(reportHtml(record)),
  };
  writeAllOrNone((add) => {
    for (const name of BATCH_FILES) add(join(folder, name), contents[name]());
  });
  return BATCH_FILES.map((name) => join(folder, name));
}
