import * as z from 'zod/mini';
import { type Checked, index } from '../schemas';

/** What the command `batch` sends to the program that started it with a channel, after each input. */
export const batchProgress = z.object({
  done: index,
  total: index,
  failed: index,
  /** Null before anything is known. */
  secondsLeft: z.nullable(z.number()),
  name: z.string(),
});

export type BatchProgress = Checked<typeof batchProgress>;

/** What the command `batch` prints with --json. */
export const batchSummary = z.object({
  /** Absolute. */
  out: z.string(),
  inputs: index,
  failures: z.array(z.object({ input: z.string(), reason: z.string() })),
  labelled: index,
  correct: index,
  files: z.array(z.string()),
});

export type BatchSummary = Checked<typeof batchSummary>;
