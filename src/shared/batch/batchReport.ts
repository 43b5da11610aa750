import type { BatchHeader, BatchRow } from './batchRow';

/** What a report shows, as it lies in its page: times are left out, so that equal results make equal reports. */
export interface BatchReport {
  readonly model: string;
  readonly input: string;
  readonly methods: BatchHeader['methods'];
  /** Class names of the output; empty where they are not known. */
  readonly labels: readonly string[];
  readonly notices: readonly string[];
  readonly rows: readonly ReportRow[];
}

export type ReportRow = Omit<BatchRow, 'at' | 'seconds' | 'content'>;
